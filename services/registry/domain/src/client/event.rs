use grantor_eventsourcing::Timestamp;

use super::{Registration, Secret, Settings};

/// What can happen to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `oauth.client.registered`
    Registered(Box<Registration>),
    /// `oauth.client.submitted`; also when an approved client goes back to review.
    Submitted,
    /// `oauth.client.approved`
    Approved,
    /// `oauth.client.rejected`
    Rejected {
        /// For the developer.
        reason: String,
    },
    /// `oauth.client.suspended`
    Suspended {
        /// For the developer.
        reason: String,
    },
    /// `oauth.client.restored`
    Restored,
    /// `oauth.client.updated`, with all settings as they are now.
    Updated(Box<Settings>),
    /// `oauth.client.secret_rotated`
    SecretRotated {
        /// The new one.
        secret: Secret,
        /// When the one before ends.
        previous_ends_at: Timestamp,
    },
    /// `oauth.client.secret_retired`
    SecretRetired {
        /// Which.
        id: String,
    },
    /// `oauth.client.deleted`
    Deleted,
}
