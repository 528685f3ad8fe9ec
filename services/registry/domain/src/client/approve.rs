use super::{Client, Event, Limits, Refusal, Status, Verdict, already, changed, must_be, refuse};

/// Lets a client be used.
#[derive(Debug, Clone, Copy)]
pub struct ApproveClient<'a> {
    /// What the tenant allows; its name may have changed since the client was registered.
    pub limits: Limits<'a>,
}

impl ApproveClient<'_> {
    /// Decides.
    pub fn decide(state: &Client, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        match &record.status {
            Status::Pending => match command.limits.naming(&record.settings.name) {
                None => changed([Event::Approved]),
                Some(flaw) => refuse(Refusal::Settings(vec![flaw])),
            },
            Status::Approved => already(),
            other @ (Status::Draft | Status::Rejected { .. } | Status::Suspended { .. }) => must_be(other, "pending"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{
        Flaw,
        testing::{approved, check, deleted, draft, limits, pending, rejected, suspended},
    };

    fn approve() -> ApproveClient<'static> {
        ApproveClient { limits: limits() }
    }

    #[test]
    fn a_pending_client_is_approved() {
        check(&pending(), ApproveClient::decide, &approve(), &changed([Event::Approved]));
    }

    #[test]
    fn an_approved_client_is_not_approved_again() {
        check(&approved(), ApproveClient::decide, &approve(), &already());
    }

    #[test]
    fn only_a_pending_client_can_be_approved() {
        for (given, is) in [(draft(), "draft"), (rejected(), "rejected"), (suspended(), "suspended")] {
            let no = refuse(Refusal::Status { is, must_be: "pending" });
            check(&given, ApproveClient::decide, &approve(), &no);
        }
        check(&deleted(), ApproveClient::decide, &approve(), &refuse(Refusal::Unknown));
    }

    #[test]
    fn the_naming_rule_holds_at_approval() {
        let command = ApproveClient { limits: Limits { tenant_name: "Buddy", ..limits() } };
        let no = refuse(Refusal::Settings(vec![Flaw::NameImpliesTenant]));
        check(&pending(), ApproveClient::decide, &command, &no);
    }
}
