use chrono::DateTime;
use grantor_eventsourcing::{Timestamp, fold};
use grantor_ids::ClientKey;
use uuid::Uuid;

use super::{Creation, Endpoint, Event, Key, Limits, Listener, Settings, Verdict, Where};
use crate::{Rate, body::Format, signature::Signing};

pub fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_700_000_000 + seconds, 0).expect("an instant")
}

pub fn key(id: &str, seconds: i64) -> Key {
    Key { id: id.into(), public_key: format!("whpk_{id}"), created_at: at(seconds), expires_at: None }
}

pub fn creation() -> Creation {
    Creation {
        listener: Some(Listener { key: ClientKey::from_uuid(Uuid::from_u128(1)), client_id: "app_1".into() }),
        settings: Settings {
            url: "https://partner.example/hooks".into(),
            description: String::new(),
            events: vec!["a.happened".into()],
            format: Format::Tenant,
            signing: Signing::V1,
            rate: None,
        },
        key: key("k1", 0),
        created_at: at(0),
    }
}

pub fn limits() -> Limits<'static> {
    let rate = Rate::per_second(50).expect("a limit");
    Limits { place: Where::Internet, events: &["a.happened", "b.happened"], rate }
}

pub fn active() -> Vec<Event> {
    vec![Event::Created(Box::new(creation()))]
}

pub fn paused() -> Vec<Event> {
    [active(), vec![Event::Paused]].concat()
}

pub fn disabled() -> Vec<Event> {
    [active(), vec![Event::Disabled { reason: "gone".into() }]].concat()
}

pub fn deleted() -> Vec<Event> {
    [active(), vec![Event::Deleted]].concat()
}

pub fn rotated(id: &str, seconds: i64, end: i64) -> Event {
    Event::KeyRotated { key: key(id, seconds), previous_ends_at: at(end) }
}

/// Given these events, the command's verdict is this one.
pub fn check<C>(given: &[Event], decide: fn(&Endpoint, &C) -> Verdict, command: &C, expected: &Verdict) {
    assert_eq!(decide(&fold(given), command), *expected);
}
