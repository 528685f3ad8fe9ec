use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Alg, PublicKey};

/// Members that only a private or a shared key has (RFC 7518 6.2.2, 6.3.2, 6.4.1).
pub(crate) const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A public key of RFC 7517. Private members have no place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `kty` and the members that belong to it.
    #[serde(flatten)]
    pub material: KeyMaterial,
    /// Always `sig` on our own keys.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// Which algorithm the key is for. A string, because foreign sets hold others than ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
    /// The key's name; on our own keys the thumbprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
}

/// The public numbers, base64url without padding (RFC 7518 6, RFC 8037 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kty")]
pub enum KeyMaterial {
    /// Elliptic curve with two coordinates.
    #[serde(rename = "EC")]
    Ec {
        /// `P-256`.
        crv: String,
        /// 32 bytes, big-endian.
        x: String,
        /// 32 bytes, big-endian.
        y: String,
    },
    /// Octet key pair.
    #[serde(rename = "OKP")]
    Okp {
        /// `Ed25519`.
        crv: String,
        /// 32 bytes.
        x: String,
    },
    /// RSA.
    #[serde(rename = "RSA")]
    Rsa {
        /// Modulus, big-endian without leading zeros.
        n: String,
        /// Exponent, likewise.
        e: String,
    },
}

impl KeyMaterial {
    /// SHA-256 over the required members in lexicographic order (RFC 7638 3), base64url.
    pub fn thumbprint(&self) -> String {
        // The members are base64url or a curve's name: nothing that JSON would have to escape.
        let canonical = match self {
            Self::Ec { crv, x, y } => format!(r#"{{"crv":"{crv}","kty":"EC","x":"{x}","y":"{y}"}}"#),
            Self::Okp { crv, x } => format!(r#"{{"crv":"{crv}","kty":"OKP","x":"{x}"}}"#),
            Self::Rsa { n, e } => format!(r#"{{"e":"{e}","kty":"RSA","n":"{n}"}}"#),
        };
        B64.encode(Sha256::digest(canonical))
    }

    /// The one algorithm that goes with this kind of key, if it is one of ours.
    pub fn alg(&self) -> Option<Alg> {
        match self {
            Self::Ec { crv, .. } if crv == "P-256" => Some(Alg::ES256),
            Self::Okp { crv, .. } if crv == "Ed25519" => Some(Alg::EdDSA),
            Self::Rsa { .. } => Some(Alg::RS256),
            Self::Ec { .. } | Self::Okp { .. } => None,
        }
    }
}

/// A set of public keys (RFC 7517 5), as the JWKS endpoint shows it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct JwkSet {
    /// The keys, in the order they are shown.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// The key with this name.
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid.as_deref() == Some(kid))
    }
}

impl From<&PublicKey> for Jwk {
    fn from(key: &PublicKey) -> Self {
        key.jwk().clone()
    }
}
