//! Keys that codes, grants and tokens are bound to (RFC 9449).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};

use crate::ProtocolError;

/// The SHA-256 thumbprint of a public key (RFC 7638): 43 base64url characters. Not a secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Thumbprint(String);

/// Not the unpadded base64url form of 32 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("dpop_jkt must be 43 base64url characters")]
pub struct NotAThumbprint;

impl Thumbprint {
    /// Checks the syntax.
    pub fn parse(text: impl Into<String>) -> Result<Self, NotAThumbprint> {
        let text = text.into();
        match URL_SAFE_NO_PAD.decode(&text) {
            Ok(bytes) if bytes.len() == 32 => Ok(Self(text)),
            _ => Err(NotAThumbprint),
        }
    }

    /// As it stands in `jkt` and `dpop_jkt`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Thumbprint {
    type Error = NotAThumbprint;

    fn try_from(text: String) -> Result<Self, NotAThumbprint> {
        Self::parse(text)
    }
}

impl From<Thumbprint> for String {
    fn from(thumbprint: Thumbprint) -> Self {
        thumbprint.0
    }
}

impl From<NotAThumbprint> for ProtocolError {
    fn from(refusal: NotAThumbprint) -> Self {
        Self::invalid_request(refusal.to_string())
    }
}
