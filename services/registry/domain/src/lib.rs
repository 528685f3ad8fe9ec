//! The rules of tenants and clients. Pure: time, randomness and everything a rule looks at are
//! in its command.

pub mod client;
pub mod tenant;
mod text;
mod web_address;

pub use text::{TextRefusal, implies};
pub use web_address::{AddressRefusal, Origin, is_loopback};

/// Whether a command changed anything. Doing again what is done is no error and no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It did.
    Changed,
    /// It was so already.
    Already,
}

/// A wrong value: the member's JSON pointer (RFC 6901) and a sentence for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {detail}")]
pub struct Problem {
    /// Such as `/authorities/0/authority`.
    pub pointer: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Problem {
    /// A wrong value at `pointer`.
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}
