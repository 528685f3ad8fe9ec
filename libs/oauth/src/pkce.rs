//! Proof Key for Code Exchange (RFC 7636), S256 only (C4).

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::ProtocolError;

/// Why a challenge or verifier is refused; always `invalid_request` on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkceRefusal {
    /// `code_challenge_method` is `plain`, or absent, which means `plain` (RFC 7636 4.3).
    #[error("code_challenge_method must be S256")]
    Method,
    /// Not the unpadded base64url form of 32 bytes.
    #[error("code_challenge must be 43 base64url characters")]
    Challenge,
    /// `code_challenge_method` without `code_challenge`.
    #[error("code_challenge is missing")]
    MethodAlone,
    /// Not 43 to 128 unreserved characters (RFC 7636 4.1).
    #[error("code_verifier must be 43 to 128 unreserved characters")]
    Verifier,
}

impl From<PkceRefusal> for ProtocolError {
    fn from(refusal: PkceRefusal) -> Self {
        Self::invalid_request(refusal.to_string())
    }
}

/// An S256 challenge: 43 base64url characters. Not a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeChallenge(String);

impl CodeChallenge {
    /// Reads the two parameters of an authorization request; `None` when neither was sent.
    pub fn from_request(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Self>, PkceRefusal> {
        let Some(challenge) = challenge else {
            return method.map_or(Ok(None), |_| Err(PkceRefusal::MethodAlone));
        };
        if method != Some("S256") {
            return Err(PkceRefusal::Method);
        }
        let bytes = URL_SAFE_NO_PAD.decode(challenge).map_err(|_| PkceRefusal::Challenge)?;
        if bytes.len() == 32 { Ok(Some(Self(challenge.to_owned()))) } else { Err(PkceRefusal::Challenge) }
    }

    /// The challenge as sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the verifier hashes to this challenge, compared in constant time
    /// (RFC 7636 4.6).
    pub fn verify(&self, verifier: &CodeVerifier) -> bool {
        let hashed = verifier.challenge();
        hashed.0.as_bytes().ct_eq(self.0.as_bytes()).into()
    }
}

/// A verifier; does not print.
#[derive(Clone)]
pub struct CodeVerifier(SecretString);

impl CodeVerifier {
    /// Checks the syntax.
    pub fn parse(text: &str) -> Result<Self, PkceRefusal> {
        let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
        if (43..=128).contains(&text.len()) && text.bytes().all(fits) {
            Ok(Self(text.into()))
        } else {
            Err(PkceRefusal::Verifier)
        }
    }

    /// The S256 challenge of this verifier.
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(URL_SAFE_NO_PAD.encode(Sha256::digest(self.0.expose_secret().as_bytes())))
    }
}

impl fmt::Debug for CodeVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CodeVerifier(…)")
    }
}
