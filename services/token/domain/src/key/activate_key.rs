use chrono::TimeDelta;
use grantor_eventsourcing::{Decision, Timestamp};

use super::{KeyEvent, SigningKey};

/// Why a key does not begin to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ActivateRefusal {
    /// It is not pending.
    #[error("the key is not pending")]
    NotPending,
    /// Somebody may still hold a key set without it.
    #[error("the key has not been published for long enough")]
    TooEarly,
}

/// Lets a pending key sign, once every cache of the key set knows it: `published_for` is the
/// `max-age` of the key set.
pub fn activate_key(
    state: &SigningKey,
    published_for: TimeDelta,
    now: Timestamp,
) -> Decision<KeyEvent, (), ActivateRefusal> {
    match state {
        SigningKey::Pending(key) if now >= key.created_at + published_for => {
            Decision::accept((), [KeyEvent::Activated { at: now }])
        }
        SigningKey::Pending(_) => Decision::refuse(ActivateRefusal::TooEarly, []),
        _ => Decision::refuse(ActivateRefusal::NotPending, []),
    }
}
