use grantor_eventsourcing::Timestamp;

use crate::{Decision, Event, User};

/// Too many wrong passwords came from clients.
#[derive(Debug, Clone, Copy)]
pub struct LockOut {
    /// By the tenant's clock.
    pub now: Timestamp,
}

impl LockOut {
    /// Whoever may not log in anyway stays as they are.
    pub fn decide(self, user: &User) -> Decision {
        match user {
            User::Active(_) => Decision::accept((), [Event::LockedOut { at: self.now }]),
            User::Locked(_) | User::Deactivated(_) | User::Erased { .. } | User::Unknown => Decision::accept((), []),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{at, created, state};

    fn check(given: &[Event], expected: &[Event]) {
        let events = expected.to_vec();
        assert_eq!(LockOut { now: at(5) }.decide(&state(given)), Decision::accept((), events));
    }

    #[test]
    fn wrong_passwords_lock_and_kill_what_was_granted_before() {
        check(&[created(1)], &[Event::LockedOut { at: at(5) }]);
        let locked = state(&[created(1), Event::LockedOut { at: at(5) }]);
        assert!(matches!(&locked, User::Locked(account) if account.locked_out));
        assert_eq!(locked.not_before(), Some(at(5)));
    }

    #[test]
    fn nobody_else_is_touched() {
        check(&[], &[]);
        check(&[created(1), Event::Locked { at: at(2) }], &[]);
        check(&[created(1), Event::LockedOut { at: at(2) }], &[]);
        check(&[created(1), Event::Erased { at: at(2) }], &[]);
    }
}
