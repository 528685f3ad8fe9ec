use grantor_eventsourcing::{Aggregate, AggregateType, Timestamp};
use grantor_ids::{AccountId, ClientKey, ConsentId, SessionId, UserId};
use grantor_oauth::{CodeChallenge, ScopeSet, Thumbprint};
use serde::{Deserialize, Serialize};

use super::{EndReason, GrantEvent};
use crate::Marks;

/// What was approved, and what the code is bound to (security.md C6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// The client, by its id inside Grantor.
    pub client: ClientKey,
    /// … and on the wire.
    pub client_id: String,
    /// Who approved.
    pub user: UserId,
    /// The account that access is given to, where the profile has accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
    /// In which session; `None` where no browser was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionId>,
    /// Under which consent; `None` where nobody was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentId>,
    /// Granted scope, in request order.
    pub scope: ScopeSet,
    /// The resource that its access tokens are for.
    pub audience: String,
    /// The `redirect_uri` of the request; `None` when it had none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redirect_uri: Option<String>,
    /// PKCE S256 challenge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code_challenge: Option<CodeChallenge>,
    /// The key that the code is bound to (`dpop_jkt`, RFC 9449 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Thumbprint>,
    /// When the user last proved who they are.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub auth_time: Timestamp,
    /// Authentication context class reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Authentication methods used (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// When it was made.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub created_at: Timestamp,
    /// When the code ends; the moment it was made where there was none.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub code_expires_at: Timestamp,
    /// Where the mass revocations stood when it was made.
    #[serde(default)]
    pub marks: Marks,
}

/// A refresh family. All but its start and its key is operational: no event sets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Family {
    /// The generation of the one token that is current.
    #[serde(default)]
    pub generation: u32,
    /// When the current generation was made from the one before.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "chrono::serde::ts_milliseconds_option")]
    pub rotated_at: Option<Timestamp>,
    /// When a refresh last succeeded.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "chrono::serde::ts_milliseconds_option")]
    pub used_at: Option<Timestamp>,
    /// The key that was proved when it began (RFC 9449).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Thumbprint>,
}

impl Family {
    fn new(key: Option<Thumbprint>) -> Self {
        Self { generation: 0, rotated_at: None, used_at: None, key }
    }
}

/// How far a grant is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// There is no such grant.
    #[default]
    Unknown,
    /// Its code waits.
    Issued {
        /// What was approved.
        approval: Box<Approval>,
        /// Operational: the `claims` parameter, sealed by the shell; no business of any rule.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claims: Option<String>,
    },
    /// Its code was redeemed: its tokens live.
    Redeemed {
        /// What was approved.
        approval: Box<Approval>,
        /// When the code was redeemed.
        #[serde(with = "chrono::serde::ts_milliseconds")]
        at: Timestamp,
        /// Its refresh tokens, where there are any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        family: Option<Family>,
        /// Operational: see `Issued`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        claims: Option<String>,
    },
    /// Nothing of it is worth anything.
    Ended {
        /// Whose it was.
        client: ClientKey,
        /// Who had given it.
        user: UserId,
        /// When it ended.
        #[serde(with = "chrono::serde::ts_milliseconds")]
        at: Timestamp,
        /// Why.
        reason: EndReason,
    },
}

impl Grant {
    /// What was approved, while it counts.
    pub fn approval(&self) -> Option<&Approval> {
        match self {
            Self::Issued { approval, .. } | Self::Redeemed { approval, .. } => Some(approval),
            Self::Unknown | Self::Ended { .. } => None,
        }
    }

    /// Its refresh family, while it counts.
    pub fn family(&self) -> Option<&Family> {
        match self {
            Self::Redeemed { family, .. } => family.as_ref(),
            _ => None,
        }
    }

    /// The sealed `claims` parameter.
    pub fn claims(&self) -> Option<&str> {
        match self {
            Self::Issued { claims, .. } | Self::Redeemed { claims, .. } => claims.as_deref(),
            _ => None,
        }
    }

    /// Operational: keeps the sealed `claims` parameter with the grant.
    pub fn keep_claims(&mut self, sealed: String) {
        if let Self::Issued { claims, .. } | Self::Redeemed { claims, .. } = self {
            *claims = Some(sealed);
        }
    }

    /// Operational: the refresh token was used; `next` is the generation that is current now.
    pub fn refreshed(&mut self, next: u32, now: Timestamp) {
        if let Self::Redeemed { family: Some(family), .. } = self {
            if family.generation != next {
                family.generation = next;
                family.rotated_at = Some(now);
            }
            family.used_at = Some(now);
        }
    }

    fn ended(self, at: Timestamp, reason: EndReason) -> Self {
        match self {
            Self::Issued { approval, .. } | Self::Redeemed { approval, .. } => {
                Self::Ended { client: approval.client, user: approval.user, at, reason }
            }
            other => other,
        }
    }
}

impl Aggregate for Grant {
    type Event = GrantEvent;
    const TYPE: AggregateType = AggregateType::Grant;

    fn evolve(self, event: &GrantEvent) -> Self {
        match (self, event) {
            (Self::Unknown, GrantEvent::Created(approval)) => Self::Issued { approval: approval.clone(), claims: None },
            (Self::Unknown, GrantEvent::Opened { approval, refresh, key }) => Self::Redeemed {
                approval: approval.clone(),
                at: approval.created_at,
                family: refresh.then(|| Family::new(key.clone())),
                claims: None,
            },
            (Self::Issued { approval, claims }, GrantEvent::CodeRedeemed { at, refresh, key }) => {
                let family = refresh.then(|| Family::new(key.clone()));
                Self::Redeemed { approval, at: *at, family, claims }
            }
            (state, GrantEvent::Revoked { at, reason, .. }) => state.ended(*at, *reason),
            (state, GrantEvent::Expired { at }) => state.ended(*at, EndReason::Expired),
            (state, _) => state,
        }
    }

    fn without_operational(self) -> Self {
        match self {
            Self::Issued { approval, .. } => Self::Issued { approval, claims: None },
            Self::Redeemed { approval, at, family, .. } => {
                Self::Redeemed { approval, at, family: family.map(|family| Family::new(family.key)), claims: None }
            }
            other => other,
        }
    }
}
