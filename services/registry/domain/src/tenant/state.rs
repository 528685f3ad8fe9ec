use grantor_eventsourcing::{Aggregate, AggregateType};
use serde::{Deserialize, Serialize};

use super::{Event, Record};

/// A tenant as its rules see it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "is", content = "record", rename_all = "snake_case")]
pub enum Tenant {
    /// Not there yet.
    #[default]
    Unknown,
    /// It answers.
    Active(Box<Record>),
    /// It refuses everything.
    Suspended(Box<Record>),
}

impl Tenant {
    /// What is known of it.
    pub fn record(&self) -> Option<&Record> {
        match self {
            Self::Unknown => None,
            Self::Active(record) | Self::Suspended(record) => Some(record),
        }
    }

    fn changed(self, change: impl FnOnce(&mut Record)) -> Self {
        match self {
            Self::Unknown => Self::Unknown,
            Self::Active(mut record) => {
                change(&mut record);
                Self::Active(record)
            }
            Self::Suspended(mut record) => {
                change(&mut record);
                Self::Suspended(record)
            }
        }
    }
}

impl Aggregate for Tenant {
    type Event = Event;

    const TYPE: AggregateType = AggregateType::Tenant;

    fn evolve(self, event: &Event) -> Self {
        match (self, event) {
            (Self::Unknown, Event::Created(record)) => Self::Active(record.clone()),
            (Self::Active(record), Event::Suspended) => Self::Suspended(record),
            (Self::Suspended(record), Event::Restored) => Self::Active(record),
            (state, Event::ProfileChanged(profile)) => state.changed(|record| record.profile = profile.clone()),
            (state, Event::PresentationChanged(presentation)) => {
                state.changed(|record| record.presentation = (**presentation).clone())
            }
            (state, Event::MailServerChanged(server)) => {
                state.changed(|record| record.mail_server = server.as_deref().cloned())
            }
            (state, Event::MemberJoined { user, role } | Event::MemberRoleChanged { user, role }) => {
                state.changed(|record| {
                    record.team.insert(*user, *role);
                })
            }
            (state, Event::MemberLeft { user }) => state.changed(|record| {
                record.team.remove(user);
            }),
            (state, Event::ClockAdvanced { ahead_ms, .. }) => state.changed(|record| record.clock_ahead_ms = *ahead_ms),
            (state, Event::MemberInvited { .. } | Event::InvitationWithdrawn { .. }) => state,
            (state, Event::Created(_) | Event::Suspended | Event::Restored) => state,
        }
    }
}
