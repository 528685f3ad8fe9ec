use async_trait::async_trait;
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{PortError, wire};

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

/// A tenant's own mail server, but for its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailServer {
    /// Host name or address; the certificate must be for it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: MailSecurity,
    /// The account, if the server wants a login.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The sender's address.
    pub from: String,
}

/// How the connection to a mail server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// TLS from the first byte (RFC 8314 3.3).
    #[default]
    Tls,
    /// `STARTTLS`, and nothing without it (RFC 3207).
    StartTls,
    /// None: a server on this machine.
    Plain,
}

/// The password of a tenant's mail server, on its way to who sends mails.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct MailPassword(#[serde(serialize_with = "wire::secret")] pub SecretString);

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
