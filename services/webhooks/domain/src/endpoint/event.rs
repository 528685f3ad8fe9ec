use grantor_eventsourcing::Timestamp;

use super::{Creation, Key, Settings};

/// What can happen to an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `webhook.endpoint.created`
    Created(Box<Creation>),
    /// `webhook.endpoint.updated`, with all settings as they are now.
    Updated(Box<Settings>),
    /// `webhook.endpoint.paused`
    Paused,
    /// `webhook.endpoint.resumed`
    Resumed,
    /// `webhook.endpoint.disabled`
    Disabled {
        /// `gone` or `failing`.
        reason: String,
    },
    /// `webhook.endpoint.secret_rotated`
    KeyRotated {
        /// The new one.
        key: Key,
        /// When those before end, if they would not end sooner.
        previous_ends_at: Timestamp,
    },
    /// `webhook.endpoint.secret_revealed`: somebody looked at a key again.
    KeyRevealed {
        /// Which.
        id: String,
    },
    /// `webhook.endpoint.deleted`
    Deleted,
}
