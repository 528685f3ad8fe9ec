use super::{Client, Event, Refusal, Status, Verdict, already, changed, must_be, refuse};

/// Lets a suspended client be used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoreClient;

impl RestoreClient {
    /// Decides.
    pub fn decide(state: &Client, _: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        match &record.status {
            Status::Suspended { .. } => changed([Event::Restored]),
            Status::Approved => already(),
            other @ (Status::Draft | Status::Pending | Status::Rejected { .. }) => must_be(other, "suspended"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::testing::{approved, check, pending, suspended};

    #[test]
    fn only_a_suspended_client_is_restored() {
        check(&suspended(), RestoreClient::decide, &RestoreClient, &changed([Event::Restored]));
        check(&approved(), RestoreClient::decide, &RestoreClient, &already());
        let no = refuse(Refusal::Status { is: "pending", must_be: "suspended" });
        check(&pending(), RestoreClient::decide, &RestoreClient, &no);
    }
}
