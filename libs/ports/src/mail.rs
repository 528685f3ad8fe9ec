use async_trait::async_trait;
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use serde::{Deserialize, Serialize};

use crate::PortError;

/// A message in plain text. It may carry a one-time code: never log it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// Whose sender settings apply.
    pub tenant: TenantId,
    /// The tenant's display name, used as the sender's name.
    pub from_name: String,
    /// The address.
    pub to: String,
    /// The subject, one line.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub at: Timestamp,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mail").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}

/// Why a mail was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailError {
    /// The server said no for good: do not try again.
    #[error("the mail server refused the message")]
    Refused,
    /// No answer now: try again later.
    #[error("the mail server cannot be reached")]
    Unavailable,
}

impl From<PortError> for MailError {
    fn from(_: PortError) -> Self {
        Self::Unavailable
    }
}

/// Sends mail: SMTP, or the mailbox page of the embedded default.
#[async_trait]
pub trait Mailer: Send + Sync + 'static {
    /// Hands the mail over; once it returns `Ok` the mail is the server's.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}
