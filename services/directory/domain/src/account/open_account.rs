use grantor_eventsourcing::Timestamp;
use grantor_ids::UserId;

use crate::{AccountDecision, AccountEvent, AccountKind, AccountState};

/// Opens an account for its first user. Doing it again changes nothing.
#[derive(Debug, Clone, Copy)]
pub struct OpenAccount {
    /// Its first user.
    pub user: UserId,
    /// Whose it is.
    pub kind: AccountKind,
    /// Now.
    pub now: Timestamp,
}

impl OpenAccount {
    /// The rule.
    pub fn decide(&self, account: &AccountState) -> AccountDecision {
        match account {
            AccountState::Unknown => {
                AccountDecision::accept((), [AccountEvent::Linked { user: self.user, kind: self.kind, at: self.now }])
            }
            AccountState::Open { .. } => AccountDecision::accept((), []),
        }
    }
}
