use grantor_eventsourcing::Timestamp;

use crate::{Credential, Decision, Event, Refusal, User};

/// Another password; its hash is stored with the event, never in it.
#[derive(Debug, Clone, Copy)]
pub struct ChangeCredential {
    /// Which.
    pub credential: Credential,
    /// By the tenant's clock.
    pub now: Timestamp,
}

impl ChangeCredential {
    /// Whatever was granted before is dead afterwards (C11): whoever knew the old password may
    /// have used it.
    pub fn decide(self, user: &User) -> Decision {
        match user {
            User::Active(_) | User::Locked(_) => {
                Decision::accept((), [Event::CredentialChanged { credential: self.credential, at: self.now }])
            }
            User::Deactivated(_) => Decision::refuse(Refusal::Deactivated, []),
            User::Erased { .. } => Decision::refuse(Refusal::Erased, []),
            User::Unknown => Decision::refuse(Refusal::Unknown, []),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{at, created, state};

    fn check(given: &[Event], expected: &Decision) {
        let command = ChangeCredential { credential: Credential::Password, now: at(5) };
        assert_eq!(command.decide(&state(given)), *expected);
    }

    #[test]
    fn a_new_password_kills_what_was_granted_before() {
        let changed = Event::CredentialChanged { credential: Credential::Password, at: at(5) };
        check(&[created(1)], &Decision::accept((), [changed.clone()]));
        assert_eq!(state(&[created(1), changed]).not_before(), Some(at(5)));
    }

    #[test]
    fn a_locked_user_stays_locked_with_a_new_password() {
        let changed = Event::CredentialChanged { credential: Credential::Password, at: at(5) };
        let given = [created(1), Event::Locked { at: at(2) }];
        check(&given, &Decision::accept((), [changed.clone()]));
        assert!(matches!(state(&[given[0].clone(), given[1].clone(), changed]), User::Locked(_)));
    }

    #[test]
    fn nobody_else_gets_one() {
        check(&[], &Decision::refuse(Refusal::Unknown, []));
        check(&[created(1), Event::Deactivated { at: at(2) }], &Decision::refuse(Refusal::Deactivated, []));
        check(&[created(1), Event::Erased { at: at(2) }], &Decision::refuse(Refusal::Erased, []));
    }
}
