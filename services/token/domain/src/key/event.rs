use grantor_eventsourcing::Timestamp;

use super::KeyInfo;

/// What can happen to a signing key. Only the public half is ever in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyEvent {
    /// Made and published: `platform.signing_key.created`.
    Created(Box<KeyInfo>),
    /// Signs from now on: `platform.signing_key.activated`.
    Activated {
        /// When.
        at: Timestamp,
    },
    /// Signs no more: `platform.signing_key.retired`.
    Retired {
        /// When.
        at: Timestamp,
        /// It is published until here, for what it has signed.
        shown_until: Timestamp,
    },
}
