use grantor_eventsourcing::Timestamp;
use serde::{Deserialize, Serialize};

use grantor_ids::{AccountId, UserId};
use grantor_oauth::{ScopeSet, Thumbprint};

use super::Approval;

/// What can happen to a grant. Ids, times, scopes and reasons; no secret, no personal datum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantEvent {
    /// A user approved, and a code was made: `oauth.authorization.created`.
    Created(Box<Approval>),
    /// A user's password was enough, without a code: `oauth.authorization.opened`.
    Opened {
        /// What came of it.
        approval: Box<Approval>,
        /// Whether a refresh family begins with it.
        refresh: bool,
        /// The key that was proved with the request (RFC 9449).
        key: Option<Thumbprint>,
    },
    /// The code was redeemed: `oauth.authorization.redeemed`.
    CodeRedeemed {
        /// When.
        at: Timestamp,
        /// Whether a refresh family begins with it.
        refresh: bool,
        /// The key that was proved with the request (RFC 9449).
        key: Option<Thumbprint>,
    },
    /// Somebody used what had been used up before: `oauth.authorization.reuse_detected`.
    ReuseDetected {
        /// When.
        at: Timestamp,
        /// The generation that was presented.
        generation: u32,
    },
    /// Ended by somebody: `oauth.authorization.revoked`.
    Revoked {
        /// When.
        at: Timestamp,
        /// Why.
        reason: EndReason,
        /// What partners are told with it; events of before they were told have none.
        whose: Option<Box<Whose>>,
    },
    /// Ended by time: `oauth.authorization.expired`.
    Expired {
        /// When it was noticed.
        at: Timestamp,
    },
}

/// Whose a grant was, in partners' words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whose {
    /// The client's id on the wire.
    pub client_id: String,
    /// The account that access was given to, where there is one.
    pub account: Option<AccountId>,
    /// What it gave.
    pub scope: ScopeSet,
    /// Who gave it, for telling them; events of before they were told have none.
    pub user: Option<UserId>,
}

impl GrantEvent {
    /// The end of what was approved.
    pub fn revoked(approval: &Approval, at: Timestamp, reason: EndReason) -> Self {
        let whose = Whose {
            client_id: approval.client_id.clone(),
            account: approval.account,
            scope: approval.scope.clone(),
            user: Some(approval.user),
        };
        Self::Revoked { at, reason, whose: Some(Box::new(whose)) }
    }
}

/// Why a grant ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The client called the revocation endpoint.
    Api,
    /// The account holder took it back.
    AccountHolder,
    /// The platform let the account go.
    Platform,
    /// An operator did.
    Operator,
    /// A code was used twice (RFC 9700 4.2.4).
    CodeReplayed,
    /// The code came with a wrong verifier or redirect URI (security.md C6).
    CodeMisused,
    /// An old refresh token was used (RFC 9700 4.14.2).
    RefreshReused,
    /// The user was locked, deactivated, erased, or changed their password.
    UserChanged,
    /// The user withdrew consent.
    ConsentWithdrawn,
    /// Its time was over.
    Expired,
}

impl EndReason {
    /// Every reason, for enumerating tests and for reading.
    pub const ALL: [Self; 10] = [
        Self::Api,
        Self::AccountHolder,
        Self::Platform,
        Self::Operator,
        Self::CodeReplayed,
        Self::CodeMisused,
        Self::RefreshReused,
        Self::UserChanged,
        Self::ConsentWithdrawn,
        Self::Expired,
    ];

    /// The word in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::AccountHolder => "account_holder",
            Self::Platform => "platform",
            Self::Operator => "operator",
            Self::CodeReplayed => "code_replayed",
            Self::CodeMisused => "code_misused",
            Self::RefreshReused => "refresh_reused",
            Self::UserChanged => "user_changed",
            Self::ConsentWithdrawn => "consent_withdrawn",
            Self::Expired => "expired",
        }
    }

    /// Who did it, in partners' words.
    pub const fn revoked_by(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::AccountHolder | Self::ConsentWithdrawn => "account_holder",
            Self::Platform => "platform",
            Self::Operator => "operator",
            Self::CodeReplayed | Self::CodeMisused | Self::RefreshReused | Self::UserChanged | Self::Expired => {
                "system"
            }
        }
    }

    /// The reason of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }
}
