use chrono::TimeDelta;
use grantor_eventsourcing::{Decision, Timestamp};
use grantor_ids::UserId;

use crate::{Session, SessionEvent};

/// Somebody proved who they are.
#[derive(Debug, Clone)]
pub struct StartSession {
    /// Who.
    pub user: UserId,
    /// How.
    pub amr: Vec<String>,
    /// Now.
    pub now: Timestamp,
    /// How long the session lasts at most.
    pub absolute_seconds: u32,
}

/// Starts a session; one that exists stays as it is, so that an id is never used twice.
pub fn start_session(session: &Session, command: &StartSession) -> Decision<SessionEvent, (), ()> {
    match session {
        Session::Unknown => Decision::accept(
            (),
            [SessionEvent::Started {
                user: command.user,
                auth_time: command.now,
                amr: command.amr.clone(),
                expires_at: command.now + TimeDelta::seconds(command.absolute_seconds.into()),
            }],
        ),
        Session::Live(_) | Session::Ended { .. } => Decision::refuse((), []),
    }
}
