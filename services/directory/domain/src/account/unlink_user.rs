use grantor_eventsourcing::Timestamp;
use grantor_ids::UserId;

use crate::{AccountDecision, AccountEvent, AccountKind, AccountRefusal, AccountState};

/// Takes a person from a business account. What they allowed in its name stays: it is the
/// account's.
#[derive(Debug, Clone, Copy)]
pub struct UnlinkUser {
    /// Who.
    pub user: UserId,
    /// Now.
    pub now: Timestamp,
}

impl UnlinkUser {
    /// The rule.
    pub fn decide(&self, account: &AccountState) -> AccountDecision {
        match account {
            AccountState::Unknown => AccountDecision::refuse(AccountRefusal::Unknown, []),
            AccountState::Open { users, .. } if !users.contains(&self.user) => AccountDecision::accept((), []),
            AccountState::Open { kind: AccountKind::Personal, .. } => {
                AccountDecision::refuse(AccountRefusal::Personal, [])
            }
            AccountState::Open { users, .. } if users.len() == 1 => {
                AccountDecision::refuse(AccountRefusal::LastUser, [])
            }
            AccountState::Open { .. } => {
                AccountDecision::accept((), [AccountEvent::Unlinked { user: self.user, at: self.now }])
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use grantor_eventsourcing::{Decision, fold};
    use uuid::Uuid;

    use super::*;
    use crate::{LinkUser, OpenAccount};

    const ADA: UserId = UserId::from_uuid(Uuid::from_u128(1));
    const BOB: UserId = UserId::from_uuid(Uuid::from_u128(2));

    fn at(seconds: i64) -> Timestamp {
        DateTime::from_timestamp(seconds, 0).unwrap()
    }

    fn opened(kind: AccountKind) -> AccountEvent {
        AccountEvent::Linked { user: ADA, kind, at: at(1) }
    }

    fn business(more: &[AccountEvent]) -> AccountState {
        let mut events = vec![opened(AccountKind::Business)];
        events.extend_from_slice(more);
        fold::<AccountState>(&events)
    }

    #[test]
    fn opening_again_changes_nothing() {
        let open = OpenAccount { user: ADA, kind: AccountKind::Personal, now: at(1) };
        assert_eq!(open.decide(&AccountState::Unknown), Decision::accept((), [opened(AccountKind::Personal)]));
        let account = fold::<AccountState>(&[opened(AccountKind::Personal)]);
        assert_eq!(open.decide(&account), Decision::accept((), []));
    }

    #[test]
    fn a_business_account_has_several_users_and_keeps_one() {
        let linked = AccountEvent::Linked { user: BOB, kind: AccountKind::Business, at: at(2) };
        let link = LinkUser { user: BOB, now: at(2) };
        assert_eq!(link.decide(&business(&[])), Decision::accept((), [linked.clone()]));
        let both = business(&[linked]);
        assert_eq!(both.users(), [ADA, BOB]);
        assert_eq!(link.decide(&both), Decision::accept((), []), "once");
        let unlink = |user| UnlinkUser { user, now: at(3) };
        let gone = AccountEvent::Unlinked { user: ADA, at: at(3) };
        assert_eq!(unlink(ADA).decide(&both), Decision::accept((), [gone.clone()]));
        let one = gone_from(both, &gone);
        assert_eq!(unlink(BOB).decide(&one), Decision::refuse(AccountRefusal::LastUser, []));
        assert_eq!(unlink(ADA).decide(&one), Decision::accept((), []), "gone already");
    }

    fn gone_from(account: AccountState, event: &AccountEvent) -> AccountState {
        use grantor_eventsourcing::Aggregate;
        account.evolve(event)
    }

    #[test]
    fn a_personal_account_stays_its_persons() {
        let account = fold::<AccountState>(&[opened(AccountKind::Personal)]);
        let link = LinkUser { user: BOB, now: at(2) };
        assert_eq!(link.decide(&account), Decision::refuse(AccountRefusal::Personal, []));
        let unlink = UnlinkUser { user: ADA, now: at(2) };
        assert_eq!(unlink.decide(&account), Decision::refuse(AccountRefusal::Personal, []));
        assert_eq!(link.decide(&AccountState::Unknown), Decision::refuse(AccountRefusal::Unknown, []));
    }
}
