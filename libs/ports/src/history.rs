use grantor_eventsourcing::{Actor, Envelope, Timestamp, Version};
use grantor_ids::EventId;
use serde::{Deserialize, Serialize};

/// Which events of a tenant and of its clients.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HistoryOf {
    /// All of them.
    #[default]
    All,
    /// Those of one type, such as `oauth.client.approved`.
    Type(String),
    /// Those of one client, by its id on the wire.
    Client(String),
}

/// One thing that happened. No secret, and no personal datum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The event's id.
    pub id: EventId,
    /// Its type, as in `proto/CATALOGUE.md`.
    pub event: String,
    /// When, by the tenant's clock.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// Its place in its stream, from 1.
    pub version: Version,
    /// The client that it is about, by its id on the wire; `None`: the tenant, or the user who was
    /// asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// What is different since then; empty where that says nothing, or too much.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<HistoryChange>,
}

impl From<Envelope> for HistoryEntry {
    /// Who did what, and when; nothing of what is in it.
    fn from(event: Envelope) -> Self {
        Self {
            id: event.event_id,
            event: event.event_type,
            at: event.occurred_at,
            actor: event.meta.actor,
            version: event.version,
            client_id: None,
            changes: Vec::new(),
        }
    }
}

/// One thing that is different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryChange {
    /// Which: a JSON pointer (RFC 6901) into what there is to know of the aggregate.
    pub pointer: String,
    /// What it was, as JSON, cut where it is long; `None` when there was nothing.
    pub before: Option<String>,
    /// What it is.
    pub after: Option<String>,
}
