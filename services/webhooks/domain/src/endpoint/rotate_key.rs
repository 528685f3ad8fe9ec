use chrono::TimeDelta;

use super::{Endpoint, Event, Key, Refusal, Verdict, changed, refuse};

/// How long the keys before sign on, where nobody says otherwise.
pub const DEFAULT_OVERLAP: TimeDelta = TimeDelta::hours(24);

/// How long they may at most.
pub const MAX_OVERLAP: TimeDelta = TimeDelta::days(7);

/// How many keys beside the newest sign at most; the oldest of more ends at once.
pub const MAX_OLD_KEYS: usize = 3;

/// Brings a new key in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateKey {
    /// The new one, made now.
    pub key: Key,
    /// How long those before sign on.
    pub overlap: TimeDelta,
}

impl RotateKey {
    /// Decides. Never refused for too many keys: who has lost one must be able to go on.
    pub fn decide(state: &Endpoint, command: &Self) -> Verdict {
        if state.record().is_none() {
            return refuse(Refusal::Unknown);
        }
        if !(TimeDelta::zero()..=MAX_OVERLAP).contains(&command.overlap) {
            return refuse(Refusal::Overlap);
        }
        let previous_ends_at = command.key.created_at + command.overlap;
        changed([Event::KeyRotated { key: command.key.clone(), previous_ends_at }])
    }
}

#[cfg(test)]
mod tests {
    use grantor_eventsourcing::fold;

    use super::*;
    use crate::endpoint::testing::{active, at, check, deleted, key, rotated};

    const DAY: i64 = 86_400;

    fn rotate(id: &str, seconds: i64, overlap: TimeDelta) -> RotateKey {
        RotateKey { key: key(id, seconds), overlap }
    }

    fn live(events: &[Event], seconds: i64) -> Vec<String> {
        let state: Endpoint = fold(events);
        let record = state.record().expect("an endpoint");
        record.live_keys(at(seconds)).map(|key| key.id.clone()).collect()
    }

    #[test]
    fn both_keys_sign_for_a_day() {
        let event = rotated("k2", 10, 10 + DAY);
        check(&active(), RotateKey::decide, &rotate("k2", 10, DEFAULT_OVERLAP), &changed([event.clone()]));
        let events = [active(), vec![event]].concat();
        assert_eq!(live(&events, 10 + DAY - 1), ["k2", "k1"]);
        assert_eq!(live(&events, 10 + DAY), ["k2"]);
    }

    #[test]
    fn without_overlap_the_key_before_ends_at_once_and_is_forgotten() {
        let events = [active(), vec![rotated("k2", 10, 10 + DAY), rotated("k3", 20, 20)]].concat();
        let state: Endpoint = fold(&events);
        let ids: Vec<_> = state.record().expect("an endpoint").keys.iter().map(|key| key.id.as_str()).collect();
        assert_eq!(ids, ["k3"]);
    }

    #[test]
    fn a_longer_overlap_gives_no_older_key_a_longer_life() {
        let events = [active(), vec![rotated("k2", 10, 100), rotated("k3", 20, 20 + DAY)]].concat();
        assert_eq!(live(&events, 99), ["k3", "k2", "k1"]);
        assert_eq!(live(&events, 100), ["k3", "k2"]);
    }

    #[test]
    fn at_most_three_older_ones_sign() {
        let more = (2..=6).map(|n| rotated(&format!("k{n}"), n, n + DAY));
        let events = [active(), more.collect()].concat();
        assert_eq!(live(&events, 7), ["k6", "k5", "k4", "k3"]);
    }

    #[test]
    fn an_overlap_is_at_most_a_week() {
        for overlap in [TimeDelta::days(7) + TimeDelta::seconds(1), TimeDelta::seconds(-1)] {
            check(&active(), RotateKey::decide, &rotate("k2", 10, overlap), &refuse(Refusal::Overlap));
        }
        check(&deleted(), RotateKey::decide, &rotate("k2", 10, DEFAULT_OVERLAP), &refuse(Refusal::Unknown));
    }
}
