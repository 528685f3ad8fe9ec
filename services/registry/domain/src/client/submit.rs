use super::{Client, Event, Refusal, Status, Verdict, already, changed, must_be, refuse};

/// Asks the operator for approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubmitClient {
    /// The tenant approves without a look.
    pub approved_at_once: bool,
}

impl SubmitClient {
    /// Decides.
    pub fn decide(state: &Client, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        match &record.status {
            Status::Draft | Status::Rejected { .. } if command.approved_at_once => {
                changed([Event::Submitted, Event::Approved])
            }
            Status::Draft | Status::Rejected { .. } => changed([Event::Submitted]),
            Status::Pending => already(),
            other @ (Status::Approved | Status::Suspended { .. }) => must_be(other, "draft or rejected"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::testing::{approved, check, deleted, draft, pending, rejected, suspended};

    const SUBMIT: SubmitClient = SubmitClient { approved_at_once: false };

    #[test]
    fn a_draft_or_rejected_client_is_submitted() {
        check(&draft(), SubmitClient::decide, &SUBMIT, &changed([Event::Submitted]));
        check(&rejected(), SubmitClient::decide, &SUBMIT, &changed([Event::Submitted]));
        check(&pending(), SubmitClient::decide, &SUBMIT, &already());
    }

    #[test]
    fn a_tenant_without_approval_approves_at_once() {
        let command = SubmitClient { approved_at_once: true };
        check(&draft(), SubmitClient::decide, &command, &changed([Event::Submitted, Event::Approved]));
    }

    #[test]
    fn a_suspended_client_cannot_ask_again() {
        let no = |is| refuse(Refusal::Status { is, must_be: "draft or rejected" });
        check(&suspended(), SubmitClient::decide, &SUBMIT, &no("suspended"));
        check(&approved(), SubmitClient::decide, &SUBMIT, &no("approved"));
        check(&deleted(), SubmitClient::decide, &SUBMIT, &refuse(Refusal::Unknown));
    }
}
