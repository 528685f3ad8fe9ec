use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A signature algorithm of RFC 7518 or RFC 8037. There is no `none` and no shared-key one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Alg {
    /// RSASSA-PKCS1-v1_5 with SHA-256, 2048-bit keys.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519 (RFC 8037).
    EdDSA,
}

impl Alg {
    /// Every algorithm, for discovery and enumerating tests.
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDSA];

    /// The name in `alg`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }

    /// Whether this is a name of it: Ed25519 has one of its own (RFC 9864 2.2) beside that of its
    /// family (RFC 8037 3.1).
    pub fn is_called(self, name: &str) -> bool {
        name == self.name() || self == Self::EdDSA && name == "Ed25519"
    }
}

impl fmt::Display for Alg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name is none of the algorithms spoken here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected one of RS256, ES256, EdDSA")]
pub struct UnknownAlg;

impl FromStr for Alg {
    type Err = UnknownAlg;

    fn from_str(name: &str) -> Result<Self, UnknownAlg> {
        Self::ALL.into_iter().find(|alg| alg.name() == name).ok_or(UnknownAlg)
    }
}
