use grantor_eventsourcing::Timestamp;
use grantor_ids::UserId;

use crate::{AccountDecision, AccountEvent, AccountKind, AccountRefusal, AccountState, MAX_USERS};

/// Lets one more person act for a business account.
#[derive(Debug, Clone, Copy)]
pub struct LinkUser {
    /// Who.
    pub user: UserId,
    /// Now.
    pub now: Timestamp,
}

impl LinkUser {
    /// The rule. Whoever is linked already stays so without a second event.
    pub fn decide(&self, account: &AccountState) -> AccountDecision {
        match account {
            AccountState::Unknown => AccountDecision::refuse(AccountRefusal::Unknown, []),
            AccountState::Open { users, .. } if users.contains(&self.user) => AccountDecision::accept((), []),
            AccountState::Open { kind: AccountKind::Personal, .. } => {
                AccountDecision::refuse(AccountRefusal::Personal, [])
            }
            AccountState::Open { users, .. } if users.len() >= MAX_USERS => {
                AccountDecision::refuse(AccountRefusal::TooMany, [])
            }
            AccountState::Open { kind, .. } => {
                AccountDecision::accept((), [AccountEvent::Linked { user: self.user, kind: *kind, at: self.now }])
            }
        }
    }
}
