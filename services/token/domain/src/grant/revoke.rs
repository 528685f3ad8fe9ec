use grantor_eventsourcing::{Decision, Timestamp};
use grantor_ids::ClientKey;

use super::{EndReason, Grant, GrantEvent};

/// Somebody ends a grant.
#[derive(Debug, Clone, Copy)]
pub struct Revoke {
    /// Only when it is this client's.
    pub client: Option<ClientKey>,
    /// Why.
    pub reason: EndReason,
    /// By the tenant's clock.
    pub now: Timestamp,
}

/// Nothing to end: unknown, ended before, or another client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a live grant")]
pub struct NotLive;

/// Ends a grant: its code, its refresh family and all its tokens. Exactly one event for it.
pub fn revoke(grant: &Grant, cmd: &Revoke) -> Decision<GrantEvent, (), NotLive> {
    match grant.approval() {
        Some(approval) if cmd.client.is_none_or(|client| client == approval.client) => {
            Decision::accept((), [GrantEvent::revoked(approval, cmd.now, cmd.reason)])
        }
        _ => Decision::refuse(NotLive, []),
    }
}
