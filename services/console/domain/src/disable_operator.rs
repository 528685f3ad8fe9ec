use grantor_eventsourcing::Actor;
use grantor_ids::OperatorId;

use crate::{Event, Operator, Refusal, Verdict, already, changed, refuse};

/// Takes everything from an operator, for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisableOperator {
    /// Whom.
    pub operator: OperatorId,
    /// Who says so.
    pub by: Actor,
}

impl DisableOperator {
    /// Decides. Nobody disables themselves, so whoever does it is left to undo mistakes.
    pub fn decide(state: &Operator, command: &Self) -> Verdict {
        match state {
            Operator::Unknown => refuse(Refusal::Unknown),
            Operator::Disabled(_) => already(),
            Operator::Active(_) if command.by == Actor::Operator(command.operator) => refuse(Refusal::Oneself),
            Operator::Active(_) => changed(Event::Disabled),
        }
    }
}
