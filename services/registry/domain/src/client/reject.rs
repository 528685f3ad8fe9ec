use super::{Client, Event, Refusal, Status, Verdict, already, changed, must_be, reason, refuse};

/// Turns a client down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectClient {
    /// For the developer.
    pub reason: String,
}

impl RejectClient {
    /// Decides.
    pub fn decide(state: &Client, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        if let Err(refusal) = reason::check(&command.reason) {
            return refuse(refusal);
        }
        match &record.status {
            Status::Pending => changed([Event::Rejected { reason: command.reason.clone() }]),
            Status::Rejected { .. } => already(),
            other @ (Status::Draft | Status::Approved | Status::Suspended { .. }) => must_be(other, "pending"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        TextRefusal,
        client::testing::{approved, check, pending, rejected},
    };

    fn because(reason: &str) -> RejectClient {
        RejectClient { reason: reason.into() }
    }

    #[test]
    fn a_pending_client_is_rejected_with_a_reason() {
        let event = Event::Rejected { reason: "The logo is ours.".into() };
        check(&pending(), RejectClient::decide, &because("The logo is ours."), &changed([event]));
        check(&rejected(), RejectClient::decide, &because("again"), &already());
    }

    #[test]
    fn an_approved_client_is_suspended_not_rejected() {
        let no = refuse(Refusal::Status { is: "approved", must_be: "pending" });
        check(&approved(), RejectClient::decide, &because("late"), &no);
    }

    #[test]
    fn a_reason_is_readable() {
        let no = refuse(Refusal::Reason(TextRefusal::Character));
        check(&pending(), RejectClient::decide, &because("a\u{0}b"), &no);
        let no = refuse(Refusal::Reason(TextRefusal::TooLong));
        check(&pending(), RejectClient::decide, &because(&"x".repeat(501)), &no);
    }
}
