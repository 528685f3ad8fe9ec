//! A tenant's own staff: users of its directory with a role.

use std::collections::BTreeMap;

use grantor_ids::UserId;
use serde::{Deserialize, Serialize};

use super::{Event, Refusal, Tenant, Verdict, already, changed, refuse};
use crate::Problem;

/// More are no team.
const MOST: usize = 200;

/// What a member of the staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    /// See.
    Viewer,
    /// See, and judge clients.
    Reviewer,
    /// All that, and say who else belongs to it.
    Owner,
}

/// Who belongs to it.
pub type Team = BTreeMap<UserId, StaffRole>;

/// Gives somebody a role, or takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SetMember {
    /// A user of the tenant's directory.
    pub user: UserId,
    /// `None`: no more.
    pub role: Option<StaffRole>,
    /// Whether the team itself says so: it cannot be left without an owner. Operators can.
    pub by_team: bool,
}

impl SetMember {
    /// Decides.
    pub fn decide(state: &Tenant, command: &Self) -> Verdict {
        let Some(record) = state.record() else { return refuse(Refusal::Unknown) };
        let (team, user) = (&record.team, command.user);
        let before = team.get(&user).copied();
        if before == command.role {
            return already();
        }
        let others = team.iter().any(|(other, role)| *other != user && *role == StaffRole::Owner);
        if command.by_team && before == Some(StaffRole::Owner) && !others {
            return refuse(Refusal::LastOwner);
        }
        match (before, command.role) {
            (None, Some(_)) if team.len() >= MOST => {
                refuse(Refusal::Invalid(vec![Problem::at("/user", "the team has 200 members already")]))
            }
            (None, Some(role)) => changed(Event::MemberJoined { user, role }),
            (Some(_), Some(role)) => changed(Event::MemberRoleChanged { user, role }),
            (_, None) => changed(Event::MemberLeft { user }),
        }
    }
}

/// Asks somebody to join; who it is stands sealed beside the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InviteMember {
    /// As what.
    pub role: StaffRole,
}

impl InviteMember {
    /// Decides.
    pub fn decide(state: &Tenant, command: &Self) -> Verdict {
        match state.record() {
            None => refuse(Refusal::Unknown),
            Some(_) => changed(Event::MemberInvited { role: command.role }),
        }
    }
}

/// Makes a code that was sent worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WithdrawInvitation {
    /// As what somebody had been invited.
    pub role: StaffRole,
}

impl WithdrawInvitation {
    /// Decides.
    pub fn decide(state: &Tenant, command: &Self) -> Verdict {
        match state.record() {
            None => refuse(Refusal::Unknown),
            Some(_) => changed(Event::InvitationWithdrawn { role: command.role }),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::tenant::testing::{check, created};

    const ADA: UserId = UserId::from_uuid(Uuid::from_u128(1));
    const BOB: UserId = UserId::from_uuid(Uuid::from_u128(2));

    fn set(user: UserId, role: Option<StaffRole>, by_team: bool) -> SetMember {
        SetMember { user, role, by_team }
    }

    fn owner() -> Event {
        Event::MemberJoined { user: ADA, role: StaffRole::Owner }
    }

    #[test]
    fn members_come_change_and_go() {
        let bob = Event::MemberJoined { user: BOB, role: StaffRole::Viewer };
        check(&[created()], SetMember::decide, &set(ADA, Some(StaffRole::Owner), false), &changed(owner()));
        check(
            &[created(), owner()],
            SetMember::decide,
            &set(BOB, Some(StaffRole::Viewer), true),
            &changed(bob.clone()),
        );
        let more = Event::MemberRoleChanged { user: BOB, role: StaffRole::Reviewer };
        let given = [created(), owner(), bob];
        check(&given, SetMember::decide, &set(BOB, Some(StaffRole::Reviewer), true), &changed(more));
        check(&given, SetMember::decide, &set(BOB, Some(StaffRole::Viewer), true), &already());
        check(&given, SetMember::decide, &set(BOB, None, true), &changed(Event::MemberLeft { user: BOB }));
        check(&[created()], SetMember::decide, &set(BOB, None, true), &already());
        check(&[], SetMember::decide, &set(BOB, None, true), &refuse(Refusal::Unknown));
    }

    #[test]
    fn invitations_change_nobody() {
        let role = StaffRole::Reviewer;
        let given = [created(), owner()];
        check(&given, InviteMember::decide, &InviteMember { role }, &changed(Event::MemberInvited { role }));
        let withdrawn = changed(Event::InvitationWithdrawn { role });
        check(&given, WithdrawInvitation::decide, &WithdrawInvitation { role }, &withdrawn);
        check(&[], WithdrawInvitation::decide, &WithdrawInvitation { role }, &refuse(Refusal::Unknown));
    }

    #[test]
    fn a_team_keeps_an_owner_unless_an_operator_says_otherwise() {
        let given = [created(), owner()];
        check(&given, SetMember::decide, &set(ADA, None, true), &refuse(Refusal::LastOwner));
        check(&given, SetMember::decide, &set(ADA, Some(StaffRole::Viewer), true), &refuse(Refusal::LastOwner));
        check(&given, SetMember::decide, &set(ADA, None, false), &changed(Event::MemberLeft { user: ADA }));
    }
}
