//! A tenant: its identity, its wire behaviour, its look.

mod advance_clock;
mod change_mail_server;
mod change_presentation;
mod change_profile;
mod create;
mod event;
mod record;
mod restore;
mod slug;
mod state;
mod suspend;
mod team;

use grantor_eventsourcing::Decision;

pub use advance_clock::AdvanceClock;
pub use change_mail_server::ChangeMailServer;
pub use change_presentation::ChangePresentation;
pub use change_profile::ChangeProfile;
pub use create::CreateTenant;
pub use event::Event;
pub use record::{Authority, Branding, Identity, Kind, MailSecurity, MailServer, Presentation, Record, Role, Terms};
pub use restore::RestoreTenant;
pub use state::Tenant;
pub use suspend::SuspendTenant;
pub use team::{InviteMember, SetMember, StaffRole, Team, WithdrawInvitation};

use crate::{Effect, Problem};

/// Why a command on a tenant is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such tenant.
    #[error("there is no such tenant")]
    Unknown,
    /// The stream has a tenant already.
    #[error("the tenant exists already")]
    Exists,
    /// Only a sandbox has a clock of its own.
    #[error("the tenant is not a sandbox: its clock is the real one and cannot be moved")]
    RealClock,
    /// Nobody could say who belongs to it any more.
    #[error("the team would have no owner any more")]
    LastOwner,
    /// The change was made for an older version of it.
    #[error("somebody else has changed it; read it again")]
    Changed,
    /// Some values are wrong.
    #[error("some values are wrong")]
    Invalid(Vec<Problem>),
}

/// What a rule about tenants says.
pub type Verdict = Decision<Event, Effect, Refusal>;

fn changed(event: Event) -> Verdict {
    Decision::accept(Effect::Changed, [event])
}

fn already() -> Verdict {
    Decision::accept(Effect::Already, [])
}

fn refuse(reason: Refusal) -> Verdict {
    Decision::refuse(reason, [])
}

#[cfg(test)]
mod testing {
    use std::sync::Arc;

    use grantor_eventsourcing::fold;
    use grantor_profile::Profile;

    use super::*;

    pub fn record() -> Record {
        Record {
            identity: Identity {
                slug: "bank".into(),
                kind: Kind::Production,
                issuer: "https://id.bank.example".into(),
                api: "https://api.bank.example".into(),
                authorities: vec![Authority { role: Role::Identity, authority: "id.bank.example".into() }],
            },
            profile: Arc::new(Profile::strict()),
            presentation: presentation(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            mail_server: None,
            team: Team::new(),
            clock_ahead_ms: 0,
        }
    }

    pub fn presentation() -> Presentation {
        Presentation {
            name: "Bank".into(),
            branding: Branding { colour: Some("#1d4f91".into()), monogram: Some("B".into()) },
            contact: Some("partners@bank.example".into()),
            terms: Terms { version: "1".into(), text: "Be kind.".into() },
        }
    }

    pub fn created() -> Event {
        Event::Created(Box::new(record()))
    }

    /// Given these events, the command's verdict is this one.
    pub fn check<C>(given: &[Event], decide: fn(&Tenant, &C) -> Verdict, command: &C, expected: &Verdict) {
        assert_eq!(decide(&fold(given), command), *expected);
    }
}
