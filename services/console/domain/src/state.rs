use grantor_eventsourcing::{Aggregate, AggregateType, Timestamp};
use serde::{Deserialize, Serialize};

use crate::Event;

/// What is known of an operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// What the other operators call it.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// An operator as its rules see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", content = "record", rename_all = "snake_case")]
pub enum Operator {
    /// Not there yet.
    #[default]
    Unknown,
    /// Its token opens the admin API.
    Active(Record),
    /// It has no token and gets none.
    Disabled(Record),
}

impl Operator {
    /// What is known of it.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Unknown => None,
            Self::Active(record) | Self::Disabled(record) => Some(record),
        }
    }

    /// Whether it may act.
    pub const fn is_active(&self) -> bool {
        matches!(self, Self::Active(_))
    }
}

impl Aggregate for Operator {
    type Event = Event;

    const TYPE: AggregateType = AggregateType::Operator;

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (Self::Unknown, Event::Created { name, at }) => {
                Self::Active(Record { name: name.clone(), created_at: *at })
            }
            (Self::Active(record), Event::Disabled) => Self::Disabled(record),
            (state, Event::Created { .. } | Event::TokenRotated | Event::Disabled) => state,
        }
    }
}
