use grantor_eventsourcing::Timestamp;

use crate::{Decision, Event, Refusal, User};

/// May act again.
#[derive(Debug, Clone, Copy)]
pub struct Unlock {
    /// By the tenant's clock.
    pub now: Timestamp,
}

impl Unlock {
    /// What the lock killed stays dead.
    pub fn decide(self, user: &User) -> Decision {
        match user {
            User::Locked(_) => Decision::accept((), [Event::Unlocked { at: self.now }]),
            User::Active(_) => Decision::accept((), []),
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
        assert_eq!(Unlock { now: at(5) }.decide(&state(given)), *expected);
    }

    #[test]
    fn a_locked_user_may_act_again_but_old_grants_stay_dead() {
        let given = [created(1), Event::Locked { at: at(2) }];
        check(&given, &Decision::accept((), [Event::Unlocked { at: at(5) }]));
        let user = state(&given).clone();
        let user = grantor_eventsourcing::Aggregate::evolve(user, &Event::Unlocked { at: at(5) });
        assert!(matches!(&user, User::Active(account) if account.not_before == Some(at(2))));
    }

    #[test]
    fn who_is_not_locked_stays_as_they_are() {
        check(&[created(1)], &Decision::accept((), []));
        check(&[], &Decision::refuse(Refusal::Unknown, []));
        check(&[created(1), Event::Deactivated { at: at(2) }], &Decision::refuse(Refusal::Deactivated, []));
        check(&[created(1), Event::Erased { at: at(2) }], &Decision::refuse(Refusal::Erased, []));
    }
}
