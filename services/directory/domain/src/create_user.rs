use grantor_eventsourcing::Timestamp;

use crate::{Decision, Event, Refusal, Sealed, User};

/// A new user.
#[derive(Debug, Clone)]
pub struct CreateUser {
    /// Address, claims, attributes.
    pub profile: Sealed,
    /// Whether the address is theirs: a code came back from it, or an operator says so.
    pub email_verified: bool,
    /// Whether a password is stored with the event.
    pub has_password: bool,
    /// By the tenant's clock.
    pub now: Timestamp,
}

impl CreateUser {
    /// An id is used once. That an address is used once is the store's guard, a unique row.
    pub fn decide(self, user: &User) -> Decision {
        match user {
            User::Unknown => Decision::accept(
                (),
                [Event::Created {
                    profile: self.profile,
                    email_verified: self.email_verified,
                    has_password: self.has_password,
                    at: self.now,
                }],
            ),
            User::Active(_) | User::Locked(_) | User::Deactivated(_) | User::Erased { .. } => {
                Decision::refuse(Refusal::Exists, [])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{at, created, profile, state};

    fn check(given: &[Event], expected: &Decision) {
        let command = CreateUser { profile: profile(1), email_verified: true, has_password: true, now: at(5) };
        assert_eq!(command.decide(&state(given)), *expected);
    }

    #[test]
    fn a_new_user_is_created() {
        check(&[], &Decision::accept((), [created(5)]));
    }

    #[test]
    fn an_id_is_never_used_again() {
        check(&[created(1)], &Decision::refuse(Refusal::Exists, []));
        check(&[created(1), Event::Erased { at: at(2) }], &Decision::refuse(Refusal::Exists, []));
    }
}
