use grantor_eventsourcing::{Aggregate, AggregateType, Timestamp};
use serde::{Deserialize, Serialize};

use super::KeyEvent;

/// The public half of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyInfo {
    /// `RS256`, `ES256` or `EdDSA`.
    pub alg: String,
    /// RFC 7638 thumbprint.
    pub kid: String,
    /// The JWK, JSON.
    pub jwk: String,
    /// When it was made.
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub created_at: Timestamp,
}

/// How far a signing key is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigningKey {
    /// There is no such key.
    #[default]
    Unknown,
    /// Published, unused.
    Pending(KeyInfo),
    /// Signs.
    Active(KeyInfo),
    /// Signs no more.
    Retired {
        /// The key.
        key: KeyInfo,
        /// Published until here.
        #[serde(with = "chrono::serde::ts_milliseconds")]
        shown_until: Timestamp,
    },
}

/// The four words for how far a key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyPhase {
    /// Published, unused.
    Pending,
    /// Signs.
    Active,
    /// Signs no more, still published.
    Retiring,
    /// Not published any more.
    Retired,
}

impl KeyPhase {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }
}

impl SigningKey {
    /// How far it is; the last step is made by time alone.
    pub fn phase(&self, now: Timestamp) -> Option<KeyPhase> {
        match self {
            Self::Unknown => None,
            Self::Pending(_) => Some(KeyPhase::Pending),
            Self::Active(_) => Some(KeyPhase::Active),
            Self::Retired { shown_until, .. } if now < *shown_until => Some(KeyPhase::Retiring),
            Self::Retired { .. } => Some(KeyPhase::Retired),
        }
    }
}

impl Aggregate for SigningKey {
    type Event = KeyEvent;
    const TYPE: AggregateType = AggregateType::SigningKey;

    fn evolve(self, event: &KeyEvent) -> Self {
        match (self, event) {
            (Self::Unknown, KeyEvent::Created(key)) => Self::Pending((**key).clone()),
            (Self::Pending(key), KeyEvent::Activated { .. }) => Self::Active(key),
            (Self::Active(key) | Self::Pending(key), KeyEvent::Retired { shown_until, .. }) => {
                Self::Retired { key, shown_until: *shown_until }
            }
            (state, _) => state,
        }
    }
}
