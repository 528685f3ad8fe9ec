//! The rules, as tables and as properties.

#![expect(missing_docs, reason = "tests are sentences")]

mod consents;
mod flows;
mod folds;
mod sessions;
mod steps;

use chrono::{DateTime, TimeDelta};
use grantor_eventsourcing::Timestamp;
use grantor_ids::{ClientKey, UserId};
use grantor_oauth::ScopeSet;
use uuid::Uuid;

pub const USER: UserId = UserId::from_uuid(Uuid::from_u128(1));
pub const OTHER: UserId = UserId::from_uuid(Uuid::from_u128(2));
pub const CLIENT: ClientKey = ClientKey::from_uuid(Uuid::from_u128(3));

pub fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).expect("an instant") + TimeDelta::seconds(seconds)
}

pub fn scopes(names: &str) -> ScopeSet {
    ScopeSet::from_spaced(names).expect("scopes")
}
