use super::{Client, Event, Refusal, Status, Verdict, already, changed, must_be, reason, refuse};

/// Stops an approved client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuspendClient {
    /// For the developer.
    pub reason: String,
}

impl SuspendClient {
    /// Decides.
    pub fn decide(state: &Client, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        if let Err(refusal) = reason::check(&command.reason) {
            return refuse(refusal);
        }
        match &record.status {
            Status::Approved => changed([Event::Suspended { reason: command.reason.clone() }]),
            Status::Suspended { .. } => already(),
            other @ (Status::Draft | Status::Pending | Status::Rejected { .. }) => must_be(other, "approved"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::testing::{approved, check, draft, suspended};

    #[test]
    fn an_approved_client_is_suspended_once() {
        let command = SuspendClient { reason: "abuse".into() };
        let event = Event::Suspended { reason: "abuse".into() };
        check(&approved(), SuspendClient::decide, &command, &changed([event]));
        check(&suspended(), SuspendClient::decide, &command, &already());
        let no = refuse(Refusal::Status { is: "draft", must_be: "approved" });
        check(&draft(), SuspendClient::decide, &command, &no);
    }
}
