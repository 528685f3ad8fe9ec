use serde::{Deserialize, Serialize};

use crate::wire::{self, Thing};

/// A call that got no answer. The cause is logged where it happened and never sent on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortError {
    /// The owner cannot answer now; answer 503 with `Retry-After`.
    #[error("temporarily unavailable")]
    Unavailable,
    /// Too much is waiting already; answer 503 with `Retry-After`.
    #[error("too busy")]
    Busy,
}

/// Why an operator's command was not carried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminError {
    /// Nothing with that name or id in this tenant.
    #[error("{0} not found")]
    NotFound(#[serde(deserialize_with = "wire::thing")] Thing),
    /// A value is wrong; the member's JSON pointer and a sentence for the caller.
    #[error("{pointer}: {detail}")]
    Invalid {
        /// JSON pointer of the member, such as `/redirect_uris/0`; empty for the whole.
        pointer: String,
        /// What is wrong with it.
        detail: String,
    },
    /// The state does not allow it, such as approving a client that is not pending.
    #[error("{0}")]
    Conflict(String),
    /// No answer now.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl AdminError {
    /// A wrong value at `pointer`.
    pub fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Invalid { pointer: pointer.into(), detail: detail.into() }
    }
}
