use grantor_eventsourcing::Timestamp;

use crate::{ChangeCredential, Credential, Decision, Event, User};

/// A client sets a new password for a user it made, with a token that allows it.
#[derive(Debug, Clone, Copy)]
pub struct ReplacePassword {
    /// By the tenant's clock.
    pub now: Timestamp,
}

impl ReplacePassword {
    /// As every change of a password, and it unlocks whom wrong passwords have locked; never whom
    /// an operator has.
    pub fn decide(self, user: &User) -> Decision {
        let mut decision = ChangeCredential { credential: Credential::Password, now: self.now }.decide(user);
        if decision.outcome.is_ok() && matches!(user, User::Locked(account) if account.locked_out) {
            decision.events.push(Event::Unlocked { at: self.now });
        }
        decision
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Refusal,
        given::{at, created, state},
    };

    fn check(given: &[Event], expected: &Decision) {
        assert_eq!(ReplacePassword { now: at(5) }.decide(&state(given)), *expected);
    }

    fn changed() -> Event {
        Event::CredentialChanged { credential: Credential::Password, at: at(5) }
    }

    #[test]
    fn a_new_password_unlocks_whom_wrong_ones_have_locked() {
        check(&[created(1)], &Decision::accept((), [changed()]));
        let given = [created(1), Event::LockedOut { at: at(2) }];
        check(&given, &Decision::accept((), [changed(), Event::Unlocked { at: at(5) }]));
    }

    #[test]
    fn an_operators_lock_stays() {
        check(&[created(1), Event::Locked { at: at(2) }], &Decision::accept((), [changed()]));
        let given = [created(1), Event::LockedOut { at: at(2) }, Event::Locked { at: at(3) }];
        check(&given, &Decision::accept((), [changed()]));
    }

    #[test]
    fn who_is_gone_gets_none() {
        check(&[], &Decision::refuse(Refusal::Unknown, []));
        check(&[created(1), Event::Erased { at: at(2) }], &Decision::refuse(Refusal::Erased, []));
    }
}
