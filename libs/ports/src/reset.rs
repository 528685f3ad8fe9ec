use std::net::IpAddr;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{PortError, wire};

/// Somebody forgot their password.
#[derive(Debug, Serialize, Deserialize)]
pub struct Reset {
    /// Where the code goes, if it is a user's.
    pub email: String,
    /// The mail's language, such as `de`.
    pub locale: Option<String>,
    /// Where it came from, for counting.
    pub address: Option<IpAddr>,
}

/// Names a reset that waits for its code. Every address gets one (C24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResetTicket(pub String);

/// Why a reset did not start. None says whether the address is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetRefusal {
    /// Not an e-mail address.
    #[error("not an e-mail address")]
    Email,
    /// Too many for this address or from this place.
    #[error("too many attempts")]
    Throttled {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// No answer now.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// The code from the mail, and the password from now on.
#[derive(Debug, Serialize, Deserialize)]
pub struct FinishReset {
    /// Of which reset.
    pub ticket: ResetTicket,
    /// As typed.
    pub code: String,
    /// As typed; never logged.
    #[serde(serialize_with = "wire::secret")]
    pub password: SecretString,
    /// Where it came from: failed logins from there are forgiven.
    pub address: Option<IpAddr>,
}

/// Why a password was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishResetRefusal {
    /// Too short, too long, or too well known. The code was not looked at.
    #[error("password not acceptable")]
    Password,
    /// Wrong code; tries are left.
    #[error("wrong code")]
    Wrong,
    /// Unknown, used or expired ticket, no tries left, or the user has changed since: start again.
    #[error("expired")]
    Expired,
    /// No answer now.
    #[error(transparent)]
    Port(#[from] PortError),
}
