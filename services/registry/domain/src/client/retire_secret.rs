use grantor_eventsourcing::Timestamp;

use super::{Client, Event, Refusal, Verdict, changed, refuse};

/// Ends one of two live secrets at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetireSecret {
    /// Which.
    pub id: String,
    /// Now.
    pub now: Timestamp,
}

impl RetireSecret {
    /// Decides. The last live secret stays: a client without one could only be deleted.
    pub fn decide(state: &Client, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        if !record.live_secrets(command.now).any(|secret| secret.id == command.id) {
            return refuse(Refusal::UnknownSecret);
        }
        if record.live_secrets(command.now).count() < 2 {
            return refuse(Refusal::LastSecret);
        }
        changed([Event::SecretRetired { id: command.id.clone() }])
    }
}

#[cfg(test)]
mod tests {
    use grantor_eventsourcing::fold;

    use super::*;
    use crate::client::testing::{approved, at, check, secret};

    const DAY: i64 = 86_400;

    fn two() -> Vec<Event> {
        let rotated = Event::SecretRotated { secret: secret("s2", 10), previous_ends_at: at(10 + DAY) };
        [approved(), vec![rotated]].concat()
    }

    fn retire(id: &str, seconds: i64) -> RetireSecret {
        RetireSecret { id: id.into(), now: at(seconds) }
    }

    #[test]
    fn either_of_two_secrets_can_be_retired() {
        for id in ["s1", "s2"] {
            let retired = Event::SecretRetired { id: id.into() };
            check(&two(), RetireSecret::decide, &retire(id, 20), &changed([retired]));
        }
    }

    #[test]
    fn the_one_that_is_left_ends_no_more() {
        let state: Client = fold(&[two(), vec![Event::SecretRetired { id: "s2".into() }]].concat());
        assert_eq!(state.record().expect("a client").secrets, [secret("s1", 0)]);
    }

    #[test]
    fn the_last_live_secret_stays() {
        check(&approved(), RetireSecret::decide, &retire("s1", 20), &refuse(Refusal::LastSecret));
        check(&two(), RetireSecret::decide, &retire("s2", 10 + DAY), &refuse(Refusal::LastSecret));
    }

    #[test]
    fn an_ended_or_unknown_secret_is_not_there() {
        check(&two(), RetireSecret::decide, &retire("s1", 10 + DAY), &refuse(Refusal::UnknownSecret));
        check(&two(), RetireSecret::decide, &retire("s9", 20), &refuse(Refusal::UnknownSecret));
    }
}
