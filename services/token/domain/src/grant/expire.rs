use grantor_eventsourcing::{Decision, Timestamp};

use super::{Grant, GrantEvent};

/// It still counts, or has ended before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nothing has expired")]
pub struct NotOver;

/// Writes down that a grant's code or tokens are over; `over_at` is when the last of what it
/// gave ends.
pub fn expire(grant: &Grant, over_at: Timestamp, now: Timestamp) -> Decision<GrantEvent, (), NotOver> {
    let over = match grant {
        Grant::Issued { approval, .. } => now >= approval.code_expires_at,
        Grant::Redeemed { .. } => now >= over_at,
        Grant::Unknown | Grant::Ended { .. } => false,
    };
    if over { Decision::accept((), [GrantEvent::Expired { at: now }]) } else { Decision::refuse(NotOver, []) }
}
