use chrono::TimeDelta;

use super::{Client, Event, Kind, Refusal, Secret, Verdict, changed, refuse};

/// How long the secret before goes on.
const OVERLAP: TimeDelta = TimeDelta::hours(24);

/// Brings a new secret in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotateSecret {
    /// The new one, made now.
    pub secret: Secret,
}

impl RotateSecret {
    /// Decides. Both secrets work for a day, so that a client can switch over without a break.
    pub fn decide(state: &Client, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        let now = command.secret.created_at;
        match record.kind {
            Kind::Public | Kind::Native => refuse(Refusal::NoSecret),
            Kind::Confidential if !record.settings.jwks.is_empty() => refuse(Refusal::OwnKeys),
            Kind::Confidential if record.live_secrets(now).count() >= 2 => refuse(Refusal::TwoSecrets),
            Kind::Confidential => {
                changed([Event::SecretRotated { secret: command.secret.clone(), previous_ends_at: now + OVERLAP }])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use grantor_eventsourcing::fold;

    use super::*;
    use crate::client::{
        Settings,
        testing::{approved, at, check, deleted, registration, secret},
    };

    const DAY: i64 = 86_400;

    fn rotate(id: &str, seconds: i64) -> RotateSecret {
        RotateSecret { secret: secret(id, seconds) }
    }

    fn rotated(id: &str, seconds: i64) -> Event {
        Event::SecretRotated { secret: secret(id, seconds), previous_ends_at: at(seconds + DAY) }
    }

    #[test]
    fn two_secrets_live_side_by_side_for_a_day() {
        check(&approved(), RotateSecret::decide, &rotate("s2", 10), &changed([rotated("s2", 10)]));
        let state: Client = fold(&[approved(), vec![rotated("s2", 10)]].concat());
        let record = state.record().expect("a client");
        let live = |now| record.live_secrets(at(now)).map(|secret| secret.id.clone()).collect::<Vec<_>>();
        assert_eq!(live(10 + DAY - 1), ["s2", "s1"]);
        assert_eq!(live(10 + DAY), ["s2"]);
    }

    #[test]
    fn there_is_no_third() {
        let given = [approved(), vec![rotated("s2", 10)]].concat();
        check(&given, RotateSecret::decide, &rotate("s3", 20), &refuse(Refusal::TwoSecrets));
        check(&given, RotateSecret::decide, &rotate("s3", 10 + DAY), &changed([rotated("s3", 10 + DAY)]));
    }

    #[test]
    fn an_ended_secret_is_forgotten_at_the_next_rotation() {
        let state: Client = fold(&[approved(), vec![rotated("s2", 10), rotated("s3", 10 + DAY)]].concat());
        let ids: Vec<_> = state.record().expect("a client").secrets.iter().map(|secret| secret.id.as_str()).collect();
        assert_eq!(ids, ["s3", "s2"]);
    }

    #[test]
    fn a_client_with_keys_of_its_own_has_no_secret_until_it_has_none() {
        let mut signing = registration();
        signing.settings.jwks = crate::client::testing::keys();
        signing.secret = None;
        let given = vec![Event::Registered(Box::new(signing.clone()))];
        check(&given, RotateSecret::decide, &rotate("s1", 10), &refuse(Refusal::OwnKeys));
        let without = Settings { jwks: grantor_jose::KeySet::default(), ..signing.settings };
        let given = [given, vec![Event::Updated(Box::new(without))]].concat();
        check(&given, RotateSecret::decide, &rotate("s1", 10), &changed([rotated("s1", 10)]));
    }

    #[test]
    fn a_public_client_has_no_secret() {
        let mut native = registration();
        native.kind = Kind::Native;
        let given = [Event::Registered(Box::new(native))];
        check(&given, RotateSecret::decide, &rotate("s2", 10), &refuse(Refusal::NoSecret));
        check(&deleted(), RotateSecret::decide, &rotate("s2", 10), &refuse(Refusal::Unknown));
    }
}
