use grantor_eventsourcing::{Aggregate, AggregateType, Timestamp};
use grantor_ids::{ClientKey, ConsentId, UserId};
use grantor_oauth::ScopeSet;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a user agreed to for a client.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Consent {
    /// Never asked, or never agreed.
    #[default]
    None,
    /// Agreed.
    Given(Terms),
    /// Taken back.
    Withdrawn {
        /// The client's id on the wire.
        client_id: String,
    },
}

/// The content of a consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Who agreed.
    pub user: UserId,
    /// For whom.
    pub client: ClientKey,
    /// The client's id on the wire.
    pub client_id: String,
    /// To what.
    pub scopes: ScopeSet,
    /// Names the sentences that were shown last.
    pub text_version: String,
    /// When it ends by itself.
    pub expires_at: Option<Timestamp>,
}

/// What happens to a consent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsentEvent {
    /// `oauth.consent.granted`
    Granted(Terms),
    /// `oauth.consent.changed`
    Changed(Terms),
    /// `oauth.consent.withdrawn`
    Withdrawn {
        /// Who took it back.
        user: UserId,
        /// From whom.
        client: ClientKey,
        /// The client's id on the wire.
        client_id: String,
    },
}

impl Aggregate for Consent {
    type Event = ConsentEvent;
    const TYPE: AggregateType = AggregateType::Consent;

    fn evolve(self, event: &ConsentEvent) -> Self {
        match event {
            ConsentEvent::Granted(terms) | ConsentEvent::Changed(terms) => Self::Given(terms.clone()),
            ConsentEvent::Withdrawn { client_id, .. } => Self::Withdrawn { client_id: client_id.clone() },
        }
    }
}

impl Consent {
    /// What is agreed to now; nothing once it has ended.
    pub fn live(&self, now: Timestamp) -> Option<&Terms> {
        match self {
            Self::Given(terms) if terms.expires_at.is_none_or(|end| now < end) => Some(terms),
            _ => None,
        }
    }

    /// Whether all of these scopes are agreed to (FF-39: then nobody is asked again).
    pub fn covers(&self, scopes: &ScopeSet, now: Timestamp) -> bool {
        self.live(now).is_some_and(|terms| scopes.is_subset(&terms.scopes))
    }
}

/// The one consent of a user and a client: made from both ids, so that no second stream for the
/// same pair can exist.
pub fn consent_id(user: UserId, client: ClientKey) -> ConsentId {
    ConsentId::from_uuid(Uuid::new_v5(&user.uuid(), client.uuid().as_bytes()))
}
