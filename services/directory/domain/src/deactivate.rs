use grantor_eventsourcing::Timestamp;

use crate::{Decision, Event, Refusal, User};

/// May act no more. Their data stay until they are erased.
#[derive(Debug, Clone, Copy)]
pub struct Deactivate {
    /// By the tenant's clock.
    pub now: Timestamp,
}

impl Deactivate {
    /// There is no way back.
    pub fn decide(self, user: &User) -> Decision {
        match user {
            User::Active(_) | User::Locked(_) => Decision::accept((), [Event::Deactivated { at: self.now }]),
            User::Deactivated(_) => Decision::accept((), []),
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
        assert_eq!(Deactivate { now: at(5) }.decide(&state(given)), *expected);
    }

    #[test]
    fn active_and_locked_users_can_be_deactivated_once() {
        let gone = Event::Deactivated { at: at(5) };
        check(&[created(1)], &Decision::accept((), [gone.clone()]));
        check(&[created(1), Event::Locked { at: at(2) }], &Decision::accept((), [gone.clone()]));
        check(&[created(1), Event::Deactivated { at: at(2) }], &Decision::accept((), []));
        assert_eq!(state(&[created(1), gone]).not_before(), Some(at(5)));
    }

    #[test]
    fn nobody_and_the_erased_cannot() {
        check(&[], &Decision::refuse(Refusal::Unknown, []));
        check(&[created(1), Event::Erased { at: at(2) }], &Decision::refuse(Refusal::Erased, []));
    }
}
