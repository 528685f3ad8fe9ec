use grantor_eventsourcing::Timestamp;

use crate::{Decision, Event, Refusal, Sealed, User};

/// Other personal data.
#[derive(Debug, Clone)]
pub struct ChangeProfile {
    /// Address, claims, attributes, as they are from now on.
    pub profile: Sealed,
    /// Whether the address is theirs.
    pub email_verified: bool,
    /// By the tenant's clock.
    pub now: Timestamp,
}

impl ChangeProfile {
    /// A locked user's data can still be put right; a deactivated one's stay as they were.
    pub fn decide(self, user: &User) -> Decision {
        match user {
            User::Active(_) | User::Locked(_) => Decision::accept(
                (),
                [Event::ProfileChanged { profile: self.profile, email_verified: self.email_verified, at: self.now }],
            ),
            User::Deactivated(_) => Decision::refuse(Refusal::Deactivated, []),
            User::Erased { .. } => Decision::refuse(Refusal::Erased, []),
            User::Unknown => Decision::refuse(Refusal::Unknown, []),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{at, created, profile, state};

    fn check(given: &[Event], expected: &Decision) {
        let command = ChangeProfile { profile: profile(2), email_verified: false, now: at(5) };
        assert_eq!(command.decide(&state(given)), *expected);
    }

    #[test]
    fn active_and_locked_users_can_be_changed() {
        let changed = Event::ProfileChanged { profile: profile(2), email_verified: false, at: at(5) };
        check(&[created(1)], &Decision::accept((), [changed.clone()]));
        check(&[created(1), Event::Locked { at: at(2) }], &Decision::accept((), [changed]));
    }

    #[test]
    fn others_cannot() {
        check(&[], &Decision::refuse(Refusal::Unknown, []));
        check(&[created(1), Event::Deactivated { at: at(2) }], &Decision::refuse(Refusal::Deactivated, []));
        check(&[created(1), Event::Erased { at: at(2) }], &Decision::refuse(Refusal::Erased, []));
    }

    #[test]
    fn a_new_profile_does_not_end_sessions() {
        let user = state(&[created(1), Event::ProfileChanged { profile: profile(2), email_verified: true, at: at(3) }]);
        assert_eq!(user.not_before(), None);
        assert_eq!(user.account().unwrap().updated_at, at(3));
    }
}
