//! Signatures of Standard Webhooks: `v1` (HMAC-SHA-256, RFC 2104) and `v1a` (Ed25519, RFC 8032),
//! over the message's id, the attempt's time and the body's bytes, joined by dots.

mod key;
mod sign;
mod verify;

pub use key::{KeyRefusal, SIGNING_KEY_BYTES, SigningKey, Verifier};
pub use sign::{Signing, sign};
pub use verify::{Call, NotVerified, TOLERANCE_SECONDS, verify};

/// What is signed. An id has no dot in it, so the parts cannot run into each other.
fn signed_content(id: &str, timestamp: i64, body: &[u8]) -> Vec<u8> {
    let mut content = format!("{id}.{timestamp}.").into_bytes();
    content.extend_from_slice(body);
    content
}
