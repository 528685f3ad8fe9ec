//! Given these events, when this command, then this decision.

use chrono::DateTime;
use grantor_eventsourcing::{Timestamp, fold};

use crate::{Event, Sealed, User};

pub fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

pub fn profile(byte: u8) -> Sealed {
    Sealed(vec![byte; 4])
}

pub fn created(second: i64) -> Event {
    Event::Created { profile: profile(1), email_verified: true, has_password: true, at: at(second) }
}

pub fn state(events: &[Event]) -> User {
    fold(events)
}
