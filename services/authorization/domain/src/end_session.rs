use grantor_eventsourcing::Decision;

use crate::{EndReason, Session, SessionEvent};

/// Ends a session.
#[derive(Debug, Clone, Copy)]
pub struct EndSession {
    /// Why.
    pub reason: EndReason,
}

/// Ends a live session; ending it again changes nothing.
pub fn end_session(session: &Session, command: &EndSession) -> Decision<SessionEvent, (), ()> {
    match session {
        Session::Live(live) => Decision::accept((), [SessionEvent::Ended { user: live.user, reason: command.reason }]),
        Session::Unknown | Session::Ended { .. } => Decision::accept((), []),
    }
}
