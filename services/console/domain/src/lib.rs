//! The rules of operators: the people and programs that run the deployment. Pure.
//!
//! A token is no part of the state: its SHA-256 is a row beside the stream, and the events say
//! only that there is another one.

mod create_operator;
mod disable_operator;
mod event;
mod name;
mod rotate_token;
mod state;

use grantor_eventsourcing::Decision;

pub use create_operator::CreateOperator;
pub use disable_operator::DisableOperator;
pub use event::Event;
pub use name::NameRefusal;
pub use rotate_token::RotateToken;
pub use state::{Operator, Record};

/// Whether a command changed anything. Doing again what is done is no error and no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It did.
    Changed,
    /// It was so already.
    Already,
}

/// Why a command on an operator is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such operator.
    #[error("there is no such operator")]
    Unknown,
    /// The stream has an operator already.
    #[error("the operator exists already")]
    Exists,
    /// The name cannot be shown.
    #[error(transparent)]
    Name(#[from] NameRefusal),
    /// A disabled operator gets no token.
    #[error("the operator is disabled; that cannot be undone")]
    Disabled,
    /// Somebody has to be left.
    #[error("operators cannot disable themselves")]
    Oneself,
}

/// What a rule about operators says.
pub type Verdict = Decision<Event, Effect, Refusal>;

fn changed(event: Event) -> Verdict {
    Decision::accept(Effect::Changed, [event])
}

fn already() -> Verdict {
    Decision::accept(Effect::Already, [])
}

fn refuse(reason: Refusal) -> Verdict {
    Decision::refuse(reason, [])
}

#[cfg(test)]
mod tests;
