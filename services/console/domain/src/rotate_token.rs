use crate::{Event, Operator, Refusal, Verdict, changed, refuse};

/// Gives an operator another token in place of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RotateToken;

impl RotateToken {
    /// Decides.
    pub fn decide(state: &Operator, _: &Self) -> Verdict {
        match state {
            Operator::Unknown => refuse(Refusal::Unknown),
            Operator::Active(_) => changed(Event::TokenRotated),
            Operator::Disabled(_) => refuse(Refusal::Disabled),
        }
    }
}
