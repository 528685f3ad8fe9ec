use std::sync::Arc;

use grantor_ids::UserId;
use grantor_profile::Profile;

use super::{MailServer, Presentation, Record, StaffRole};

/// What can happen to a tenant.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// `platform.tenant.created`
    Created(Box<Record>),
    /// `platform.tenant.profile_changed`
    ProfileChanged(Arc<Profile>),
    /// `platform.tenant.presentation_changed`
    PresentationChanged(Box<Presentation>),
    /// `platform.tenant.mail_server_changed`
    MailServerChanged(Option<Box<MailServer>>),
    /// `platform.tenant.member_invited`
    MemberInvited {
        /// As what.
        role: StaffRole,
    },
    /// `platform.tenant.invitation_withdrawn`
    InvitationWithdrawn {
        /// As what somebody had been invited.
        role: StaffRole,
    },
    /// `platform.tenant.member_joined`
    MemberJoined {
        /// Who.
        user: UserId,
        /// As what.
        role: StaffRole,
    },
    /// `platform.tenant.member_role_changed`
    MemberRoleChanged {
        /// Who.
        user: UserId,
        /// As what.
        role: StaffRole,
    },
    /// `platform.tenant.member_left`
    MemberLeft {
        /// Who.
        user: UserId,
    },
    /// `platform.tenant.suspended`
    Suspended,
    /// `platform.tenant.restored`
    Restored,
    /// `platform.tenant.clock_advanced`
    ClockAdvanced {
        /// By how much, in milliseconds.
        by_ms: i64,
        /// How far it is ahead of real time now, in milliseconds.
        ahead_ms: i64,
    },
}
