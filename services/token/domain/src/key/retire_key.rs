use grantor_eventsourcing::{Decision, Timestamp};

use super::{KeyEvent, SigningKey};

/// It does not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key is not active")]
pub struct NotActive;

/// Stops an active key; it stays published until what it has signed is over.
pub fn retire_key(state: &SigningKey, shown_until: Timestamp, now: Timestamp) -> Decision<KeyEvent, (), NotActive> {
    match state {
        SigningKey::Active(_) => Decision::accept((), [KeyEvent::Retired { at: now, shown_until }]),
        _ => Decision::refuse(NotActive, []),
    }
}
