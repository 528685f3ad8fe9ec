use grantor_eventsourcing::Timestamp;
use grantor_ids::{AccountId, UserId};
use serde::{Deserialize, Serialize};

/// Whose an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    /// One person's.
    Personal,
    /// An organisation's; several people may act for it.
    Business,
}

/// What access is given to, where the tenant's profile has accounts (knob 23). Its id is the same
/// for ever, whoever authorizes and however often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// Its id, as partners see it.
    pub id: AccountId,
    /// Whose it is.
    pub kind: AccountKind,
    /// What a business is called; a personal account goes by its person's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who may act for it.
    pub users: Vec<UserId>,
    /// Since when it is there.
    pub opened_at: Timestamp,
}

/// A business account to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenAccount {
    /// What the business is called.
    pub name: String,
    /// Its first user.
    pub user: UserId,
}
