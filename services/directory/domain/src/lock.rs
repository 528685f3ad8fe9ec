use grantor_eventsourcing::Timestamp;

use crate::{Decision, Event, Refusal, User};

/// No login, no token, until unlocked.
#[derive(Debug, Clone, Copy)]
pub struct Lock {
    /// By the tenant's clock.
    pub now: Timestamp,
}

impl Lock {
    /// Locking twice is one lock.
    pub fn decide(self, user: &User) -> Decision {
        match user {
            User::Active(_) => Decision::accept((), [Event::Locked { at: self.now }]),
            // Wrong passwords locked them: from here on it is the operator's lock.
            User::Locked(account) if account.locked_out => Decision::accept((), [Event::Locked { at: self.now }]),
            User::Locked(_) => Decision::accept((), []),
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
        assert_eq!(Lock { now: at(5) }.decide(&state(given)), *expected);
    }

    #[test]
    fn a_lock_kills_what_was_granted_before() {
        check(&[created(1)], &Decision::accept((), [Event::Locked { at: at(5) }]));
        assert_eq!(state(&[created(1), Event::Locked { at: at(5) }]).not_before(), Some(at(5)));
    }

    #[test]
    fn a_second_lock_changes_nothing() {
        check(&[created(1), Event::Locked { at: at(2) }], &Decision::accept((), []));
    }

    #[test]
    fn who_is_gone_cannot_be_locked() {
        check(&[], &Decision::refuse(Refusal::Unknown, []));
        check(&[created(1), Event::Deactivated { at: at(2) }], &Decision::refuse(Refusal::Deactivated, []));
        check(&[created(1), Event::Erased { at: at(2) }], &Decision::refuse(Refusal::Erased, []));
    }
}
