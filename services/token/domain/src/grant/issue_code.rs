use grantor_eventsourcing::Decision;

use super::{Approval, Grant, GrantEvent};

/// The stream is taken: ids are never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the grant is there already")]
pub struct AlreadyThere;

/// Opens a grant with its code.
pub fn issue_code(grant: &Grant, approval: Approval) -> Decision<GrantEvent, (), AlreadyThere> {
    match grant {
        Grant::Unknown => Decision::accept((), [GrantEvent::Created(Box::new(approval))]),
        _ => Decision::refuse(AlreadyThere, []),
    }
}
