use grantor_eventsourcing::Timestamp;
use grantor_ids::ClientKey;
use serde::{Deserialize, Serialize};

use crate::{Rate, body::Format, signature::Signing};

/// What an endpoint's owner can change.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Settings {
    /// Where it is, in normal form.
    pub url: String,
    /// For people.
    pub description: String,
    /// Names of events, sorted, each once.
    pub events: Vec<String>,
    /// How bodies are written.
    pub format: Format,
    /// Which signatures calls carry.
    pub signing: Signing,
    /// How fast it is called; `None`: as fast as it answers.
    #[serde(default)]
    pub rate: Option<Rate>,
}

/// Whose events an endpoint hears, where they are not the whole tenant's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// The client.
    pub key: ClientKey,
    /// The same by its id on the wire.
    pub client_id: String,
}

/// One of an endpoint's keys, without what is secret of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Names it.
    pub id: String,
    /// `whpk_…`
    pub public_key: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// After this it signs no more; `None` while it is the newest.
    pub expires_at: Option<Timestamp>,
}

impl Key {
    /// Whether it signs at this instant.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| end > now)
    }
}

/// Whether an endpoint is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is.
    Active,
    /// Somebody stopped it.
    Paused,
    /// It stopped answering.
    Disabled {
        /// `gone` or `failing`.
        reason: String,
    },
}

/// An endpoint as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Creation {
    /// `None`: the whole tenant's events.
    pub listener: Option<Listener>,
    /// What its owner can change.
    pub settings: Settings,
    /// Its first key.
    pub key: Key,
    /// When.
    pub created_at: Timestamp,
}

/// An endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// `None`: the whole tenant's events.
    pub listener: Option<Listener>,
    /// What its owner can change.
    pub settings: Settings,
    /// Whether it is called.
    pub status: Status,
    /// Newest first; at most three are older than the newest.
    pub keys: Vec<Key>,
    /// Since when.
    pub created_at: Timestamp,
}

impl Record {
    /// Whether it hears of an event of this client (`None`: of no client's in particular).
    pub fn hears(&self, event: &str, client: Option<ClientKey>) -> bool {
        let its = self.listener.as_ref().is_none_or(|listener| Some(listener.key) == client);
        its && self.settings.events.iter().any(|wanted| wanted == event)
    }

    /// The keys that sign at this instant, newest first.
    pub fn live_keys(&self, now: Timestamp) -> impl Iterator<Item = &Key> {
        self.keys.iter().filter(move |key| key.is_live(now))
    }
}
