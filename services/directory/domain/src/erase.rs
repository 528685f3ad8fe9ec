use grantor_eventsourcing::Timestamp;

use crate::{Decision, Event, Refusal, User};

/// Their key is destroyed.
#[derive(Debug, Clone, Copy)]
pub struct Erase {
    /// By the tenant's clock.
    pub now: Timestamp,
}

impl Erase {
    /// Whoever is there can be erased; erasing twice is erasing once.
    pub fn decide(self, user: &User) -> Decision {
        match user {
            User::Active(_) | User::Locked(_) | User::Deactivated(_) => {
                Decision::accept((), [Event::Erased { at: self.now }])
            }
            User::Erased { .. } => Decision::accept((), []),
            User::Unknown => Decision::refuse(Refusal::Unknown, []),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{at, created, state};

    fn check(given: &[Event], expected: &Decision) {
        assert_eq!(Erase { now: at(5) }.decide(&state(given)), *expected);
    }

    #[test]
    fn everybody_can_be_erased_once() {
        let erased = Event::Erased { at: at(5) };
        for before in [vec![], vec![Event::Locked { at: at(2) }], vec![Event::Deactivated { at: at(2) }]] {
            let given: Vec<Event> = std::iter::once(created(1)).chain(before).collect();
            check(&given, &Decision::accept((), [erased.clone()]));
        }
        check(&[created(1), Event::Erased { at: at(2) }], &Decision::accept((), []));
        check(&[], &Decision::refuse(Refusal::Unknown, []));
    }
}
