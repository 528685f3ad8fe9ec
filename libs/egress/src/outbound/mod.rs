//! Calls of addresses that strangers have chosen.
//!
//! There is one way to a socket, for names and literal addresses, with TLS and without: every
//! address of the host is judged, and the one that was judged is the one that is connected to.
//! Nobody is followed to another address, nothing of the machine's environment counts, and every
//! step has its time.

mod client;
mod connect;
mod destinations;
mod pool;

pub use client::{CallClient, OutboundConfigError};
pub use connect::{Names, SystemNames};
pub use destinations::{Destinations, NoDestination};

/// A call to be made: a POST.
#[derive(Debug, Clone)]
pub struct OutboundCall {
    /// Whose connections it may use; those of one owner are no other's.
    pub owner: uuid::Uuid,
    /// Where to.
    pub url: String,
    /// Headers beside `host`, `content-length` and `accept-encoding`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: bytes::Bytes,
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundAnswer {
    /// The status.
    pub status: u16,
    /// Headers as they came; names in lower case.
    pub headers: Vec<(String, String)>,
    /// The beginning of the body, at most [`LARGEST_ANSWER`].
    pub body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// The URL is none that can be called.
    #[error("the URL cannot be called")]
    Address,
    /// The name has no address.
    #[error("the name has no address")]
    Dns,
    /// An address that may not be called.
    #[error("the address may not be called")]
    Blocked,
    /// No connection.
    #[error("no connection")]
    Connect,
    /// No TLS.
    #[error("no TLS")]
    Tls,
    /// The time was over.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke, or what came was no HTTP.
    #[error("the connection broke")]
    Broken,
}

/// How long the steps took, in milliseconds; `None` for those that were not needed or not reached.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct OutboundTimes {
    /// Finding the host's addresses.
    pub dns: Option<u32>,
    /// Connecting.
    pub connect: Option<u32>,
    /// Agreeing on TLS.
    pub tls: Option<u32>,
    /// From the request's beginning to the answer's.
    pub first_byte: Option<u32>,
    /// All of it.
    pub total: u32,
}

/// Bytes of an answer's body that are read; then the connection is closed.
pub const LARGEST_ANSWER: usize = 16 * 1024;

#[cfg(test)]
mod tests;
