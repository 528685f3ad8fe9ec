//! Accounts: what access is given to. A person has one of their own; a business has one that
//! several people may use, and keeps it when they come and go.

mod link_user;
mod open_account;
mod unlink_user;

use grantor_eventsourcing::{Aggregate, AggregateType, Timestamp};
use grantor_ids::{AccountId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use link_user::LinkUser;
pub use open_account::OpenAccount;
pub use unlink_user::UnlinkUser;

/// Whose an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// One person's, for ever.
    Personal,
    /// An organisation's.
    Business,
}

/// An account and the people who may act for it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum AccountState {
    /// There is none with this id.
    #[default]
    Unknown,
    /// Open.
    Open {
        /// Whose it is.
        kind: AccountKind,
        /// Who may act for it, in the order they came; nobody after the last has left.
        users: Vec<UserId>,
        /// Since when it is there.
        opened_at: Timestamp,
    },
}

/// What happens to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccountEvent {
    /// `identity.account.linked`: somebody may act for it; the first opens it.
    Linked {
        /// Who.
        user: UserId,
        /// Whose it is.
        kind: AccountKind,
        /// When.
        at: Timestamp,
    },
    /// `identity.account.unlinked`: somebody may not any more.
    Unlinked {
        /// Who.
        user: UserId,
        /// When.
        at: Timestamp,
    },
}

/// Why an account stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccountRefusal {
    /// There is none with this id.
    #[error("there is no such account")]
    Unknown,
    /// It is one person's.
    #[error("a personal account has one user")]
    Personal,
    /// It has as many users as an account may have.
    #[error("an account can have {MAX_USERS} users")]
    TooMany,
    /// Somebody has to be able to act for it.
    #[error("the last user of an account stays")]
    LastUser,
}

/// So many people may act for one account.
pub const MAX_USERS: usize = 100;

/// What a rule about accounts says.
pub type AccountDecision = grantor_eventsourcing::Decision<AccountEvent, (), AccountRefusal>;

impl AccountState {
    /// Who may act for it.
    pub fn users(&self) -> &[UserId] {
        match self {
            Self::Open { users, .. } => users,
            Self::Unknown => &[],
        }
    }
}

impl Aggregate for AccountState {
    type Event = AccountEvent;

    const TYPE: AggregateType = AggregateType::Account;

    fn evolve(self, event: &AccountEvent) -> Self {
        match (self, event) {
            (Self::Unknown, AccountEvent::Linked { user, kind, at }) => {
                Self::Open { kind: *kind, users: vec![*user], opened_at: *at }
            }
            (Self::Open { kind, mut users, opened_at }, AccountEvent::Linked { user, .. }) => {
                if !users.contains(user) {
                    users.push(*user);
                }
                Self::Open { kind, users, opened_at }
            }
            (Self::Open { kind, mut users, opened_at }, AccountEvent::Unlinked { user, .. }) => {
                users.retain(|known| known != user);
                Self::Open { kind, users, opened_at }
            }
            (state @ Self::Unknown, AccountEvent::Unlinked { .. }) => state,
        }
    }
}

/// The one account of a person's own: made from their id, so that no second can exist.
pub fn personal_account_id(user: UserId) -> AccountId {
    AccountId::from_uuid(Uuid::new_v5(&user.uuid(), b"account"))
}
