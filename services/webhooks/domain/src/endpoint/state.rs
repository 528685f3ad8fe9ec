use grantor_eventsourcing::{Aggregate, AggregateType};
use serde::{Deserialize, Serialize};

use super::{Creation, Event, MAX_OLD_KEYS, Record, Status};

/// An endpoint as its rules see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "record", rename_all = "snake_case")]
pub enum Endpoint {
    /// Not there yet.
    #[default]
    Unknown,
    /// There, called or not.
    Known(Box<Record>),
    /// Gone.
    Deleted,
}

impl Endpoint {
    /// What is known of it.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Known(record) => Some(record),
            Self::Unknown | Self::Deleted => None,
        }
    }
}

impl Aggregate for Endpoint {
    type Event = Event;

    const TYPE: AggregateType = AggregateType::WebhookEndpoint;

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (Self::Unknown, Event::Created(creation)) => {
                let Creation { listener, settings, key, created_at } = (**creation).clone();
                Self::Known(Box::new(Record {
                    listener,
                    settings,
                    status: Status::Active,
                    keys: vec![key],
                    created_at,
                }))
            }
            (Self::Known(_), Event::Deleted) => Self::Deleted,
            (Self::Known(mut record), event) => {
                change(&mut record, event);
                Self::Known(record)
            }
            (state, _) => state,
        }
    }
}

fn change(record: &mut Record, event: &Event) {
    match event {
        Event::Updated(settings) => record.settings = (**settings).clone(),
        Event::Paused => record.status = Status::Paused,
        Event::Resumed => record.status = Status::Active,
        Event::Disabled { reason } => record.status = Status::Disabled { reason: reason.clone() },
        Event::KeyRotated { key, previous_ends_at } => {
            for old in &mut record.keys {
                old.expires_at = Some(old.expires_at.map_or(*previous_ends_at, |end| end.min(*previous_ends_at)));
            }
            record.keys.retain(|old| old.is_live(key.created_at));
            record.keys.truncate(MAX_OLD_KEYS);
            record.keys.insert(0, key.clone());
        }
        Event::Created(_) | Event::KeyRevealed { .. } | Event::Deleted => {}
    }
}
