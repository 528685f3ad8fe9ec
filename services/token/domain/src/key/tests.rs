use chrono::{DateTime, TimeDelta};
use grantor_eventsourcing::{Decision, Timestamp, fold};

use super::*;

const MAX_AGE: TimeDelta = TimeDelta::seconds(300);

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn info() -> KeyInfo {
    KeyInfo { alg: "ES256".into(), kid: "kid".into(), jwk: "{}".into(), created_at: at(0) }
}

fn made(first: bool) -> Vec<KeyEvent> {
    create_key(&SigningKey::Unknown, &CreateKey { key: info(), first }).events
}

#[test]
fn the_first_key_of_an_algorithm_signs_at_once() {
    assert_eq!(fold::<SigningKey>(&made(true)), SigningKey::Active(info()));
}

#[test]
fn a_next_key_waits_until_every_cache_of_the_key_set_knows_it() {
    let pending = fold::<SigningKey>(&made(false));
    assert_eq!(pending.phase(at(0)), Some(KeyPhase::Pending));
    assert_eq!(activate_key(&pending, MAX_AGE, at(299)), Decision::refuse(ActivateRefusal::TooEarly, []));
    assert_eq!(activate_key(&pending, MAX_AGE, at(300)), Decision::accept((), [KeyEvent::Activated { at: at(300) }]));
}

#[test]
fn a_retired_key_is_published_until_its_signatures_are_over() {
    let active = fold::<SigningKey>(&made(true));
    let retired = retire_key(&active, at(4000), at(400));
    let state = retired.events.iter().fold(active, grantor_eventsourcing::Aggregate::evolve);
    assert_eq!(state.phase(at(3999)), Some(KeyPhase::Retiring));
    assert_eq!(state.phase(at(4000)), Some(KeyPhase::Retired));
    assert_eq!(retire_key(&state, at(9000), at(401)), Decision::refuse(NotActive, []));
    assert_eq!(activate_key(&state, MAX_AGE, at(401)), Decision::refuse(ActivateRefusal::NotPending, []));
}

#[test]
fn a_key_id_is_never_used_twice() {
    let active = fold::<SigningKey>(&made(true));
    assert_eq!(create_key(&active, &CreateKey { key: info(), first: true }), Decision::refuse(AlreadyThere, []));
}
