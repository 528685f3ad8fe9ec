use grantor_eventsourcing::Decision;
use grantor_oauth::Thumbprint;

use super::{AlreadyThere, Approval, Grant, GrantEvent};
use crate::Denial;

/// A grant that begins with its tokens: the user's password came with the request (RFC 6749 4.3).
#[derive(Debug, Clone)]
pub struct OpenGrant {
    /// Who gets what.
    pub approval: Approval,
    /// Whether a refresh family begins with it.
    pub refresh: bool,
    /// The key that was proved with the request (RFC 9449).
    pub key: Option<Thumbprint>,
    /// What the policy says.
    pub policy: Result<(), Denial>,
}

/// Why it does not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenRefusal {
    /// The policy's no.
    #[error(transparent)]
    Denied(#[from] Denial),
    /// The stream is taken.
    #[error(transparent)]
    Taken(#[from] AlreadyThere),
}

/// Opens a grant without a code.
pub fn open_grant(grant: &Grant, cmd: OpenGrant) -> Decision<GrantEvent, (), OpenRefusal> {
    match (grant, cmd.policy) {
        (_, Err(denial)) => Decision::refuse(denial.into(), []),
        (Grant::Unknown, Ok(())) => {
            let OpenGrant { approval, refresh, key, .. } = cmd;
            Decision::accept((), [GrantEvent::Opened { approval: Box::new(approval), refresh, key }])
        }
        (_, Ok(())) => Decision::refuse(AlreadyThere.into(), []),
    }
}
