use grantor_eventsourcing::{Aggregate, AggregateType};
use serde::{Deserialize, Serialize};

use super::{Event, Record, Registration, Secret, Status};

/// A client as its rules see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "record", rename_all = "snake_case")]
pub enum Client {
    /// Not there yet.
    #[default]
    Unknown,
    /// There, in whatever status.
    Known(Box<Record>),
    /// Gone; its ids are never used again.
    Deleted,
}

impl Client {
    /// What is known of it.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Known(record) => Some(record),
            Self::Unknown | Self::Deleted => None,
        }
    }
}

impl Aggregate for Client {
    type Event = Event;

    const TYPE: AggregateType = AggregateType::Client;

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (Self::Unknown, Event::Registered(registration)) => Self::Known(Box::new(begin(registration))),
            (Self::Known(_), Event::Deleted) => Self::Deleted,
            (Self::Known(mut record), event) => {
                change(&mut record, event);
                Self::Known(record)
            }
            (state, _) => state,
        }
    }
}

fn begin(registration: &Registration) -> Record {
    let Registration { client_id, kind, contact, settings, resource, terms, secret, created_at } = registration.clone();
    Record {
        client_id,
        kind,
        contact,
        settings,
        resource,
        terms,
        status: Status::Draft,
        secrets: secret.into_iter().collect(),
        created_at,
    }
}

fn change(record: &mut Record, event: &Event) {
    match event {
        Event::Submitted => record.status = Status::Pending,
        Event::Approved | Event::Restored => record.status = Status::Approved,
        Event::Rejected { reason } => record.status = Status::Rejected { reason: reason.clone() },
        Event::Suspended { reason } => record.status = Status::Suspended { reason: reason.clone() },
        Event::Updated(settings) => record.settings = (**settings).clone(),
        Event::SecretRotated { secret, previous_ends_at } => {
            record.secrets.retain(|old| old.expires_at.is_none_or(|end| end > secret.created_at));
            for old in record.secrets.iter_mut().filter(|old| old.expires_at.is_none()) {
                old.expires_at = Some(*previous_ends_at);
            }
            record.secrets.insert(0, secret.clone());
        }
        Event::SecretRetired { id } => retire(&mut record.secrets, id),
        Event::Registered(_) | Event::Deleted => {}
    }
}

/// When the newest secret goes, the one that is left is the newest and ends no more.
fn retire(secrets: &mut Vec<Secret>, id: &str) {
    secrets.retain(|secret| secret.id != id);
    if let Some(newest) = secrets.first_mut() {
        newest.expires_at = None;
    }
}
