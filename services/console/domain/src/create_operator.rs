use grantor_eventsourcing::Timestamp;

use crate::{Event, Operator, Refusal, Verdict, changed, name, refuse};

/// Makes an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreateOperator {
    /// What the other operators will call it.
    pub name: String,
    /// Now.
    pub now: Timestamp,
}

impl CreateOperator {
    /// Decides.
    pub fn decide(state: &Operator, command: &Self) -> Verdict {
        if *state != Operator::Unknown {
            return refuse(Refusal::Exists);
        }
        match name::check(&command.name) {
            Ok(()) => changed(Event::Created { name: command.name.clone(), at: command.now }),
            Err(refusal) => refuse(refusal.into()),
        }
    }
}
