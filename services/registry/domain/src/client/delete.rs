use super::{Client, Event, Refusal, Verdict, changed, refuse};

/// Takes a client away for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeleteClient;

impl DeleteClient {
    /// Decides.
    pub fn decide(state: &Client, _: &Self) -> Verdict {
        match state {
            Client::Known(_) => changed([Event::Deleted]),
            Client::Unknown | Client::Deleted => refuse(Refusal::Unknown),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::testing::{approved, check, deleted, draft, suspended};

    #[test]
    fn a_client_is_deleted_from_any_status() {
        for given in [draft(), approved(), suspended()] {
            check(&given, DeleteClient::decide, &DeleteClient, &changed([Event::Deleted]));
        }
    }

    #[test]
    fn what_is_gone_stays_gone() {
        check(&deleted(), DeleteClient::decide, &DeleteClient, &refuse(Refusal::Unknown));
        check(&[], DeleteClient::decide, &DeleteClient, &refuse(Refusal::Unknown));
    }
}
