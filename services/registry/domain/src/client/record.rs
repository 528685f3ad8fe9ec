use grantor_eventsourcing::Timestamp;
use grantor_ids::UserId;
use grantor_jose::KeySet;
use grantor_profile::Lifetimes;
use serde::{Deserialize, Serialize};

/// What kind of program a client is (RFC 6749 2.1, RFC 8252).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Runs on a server and keeps a secret.
    Confidential,
    /// Runs in a browser.
    Public,
    /// Runs on a person's device.
    Native,
}

/// How far a client is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Being written.
    Draft,
    /// Waits for the operator.
    Pending,
    /// May be used.
    Approved,
    /// The operator said no.
    Rejected {
        /// For the developer.
        reason: String,
    },
    /// The operator stopped it.
    Suspended {
        /// For the developer.
        reason: String,
    },
}

impl Status {
    /// The word for it.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected { .. } => "rejected",
            Self::Suspended { .. } => "suspended",
        }
    }
}

/// What a developer can change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// For people.
    pub name: String,
    /// Its own page.
    pub website: Option<String>,
    /// Where its logo is.
    pub logo_url: Option<String>,
    /// Exact strings (C1); the first is the default.
    pub redirect_uris: Vec<String>,
    /// Exact strings (OpenID RP-Initiated Logout 1.0, 3.1).
    pub post_logout_redirect_uris: Vec<String>,
    /// Origins that may frame the tenant's pages, where the profile lets any (C16).
    #[serde(default)]
    pub origins: Vec<String>,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// The keys it signs with to say who it is, instead of a secret (RFC 7523).
    #[serde(default, skip_serializing_if = "KeySet::is_empty")]
    pub jwks: KeySet,
    /// `id_token_signed_response_alg`.
    pub id_token_alg: Option<String>,
    /// An operator lets it use the password grant, where the tenant has that (C9).
    #[serde(default)]
    pub password_grant: bool,
    /// Of its tokens, where they differ from the tenant's.
    #[serde(default)]
    pub lifetimes: Lifetimes,
}

/// A generated secret, as its digest (C22).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// Names it in lists.
    pub id: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends; `None` while it is the newest.
    pub expires_at: Option<Timestamp>,
}

/// Who accepted which terms when (FF-02).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TermsAcceptance {
    /// The version.
    pub version: String,
    /// SHA-256 of version, line feed and text; lower-case hexadecimal.
    pub sha256: String,
    /// Who.
    pub accepted_by: UserId,
    /// When.
    pub accepted_at: Timestamp,
}

/// A client as it was registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// The `client_id` on the wire.
    pub client_id: String,
    /// What kind of program.
    pub kind: Kind,
    /// The developer; `None` when an operator made it.
    pub contact: Option<UserId>,
    /// What the developer can change.
    pub settings: Settings,
    /// The resource it serves.
    pub resource: Option<String>,
    /// What its developer accepted.
    pub terms: Option<TermsAcceptance>,
    /// Its first secret.
    pub secret: Option<Secret>,
    /// When.
    pub created_at: Timestamp,
}

/// A client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The `client_id` on the wire.
    pub client_id: String,
    /// What kind of program.
    pub kind: Kind,
    /// The developer; `None` when an operator made it.
    pub contact: Option<UserId>,
    /// What the developer can change.
    pub settings: Settings,
    /// The resource it serves.
    pub resource: Option<String>,
    /// What its developer accepted.
    pub terms: Option<TermsAcceptance>,
    /// How far it is.
    pub status: Status,
    /// Newest first; at most two are live.
    pub secrets: Vec<Secret>,
    /// Since when.
    pub created_at: Timestamp,
}

impl Record {
    /// The secrets that are worth something at this instant, newest first.
    pub fn live_secrets(&self, now: Timestamp) -> impl Iterator<Item = &Secret> {
        self.secrets.iter().filter(move |secret| secret.expires_at.is_none_or(|end| end > now))
    }
}
