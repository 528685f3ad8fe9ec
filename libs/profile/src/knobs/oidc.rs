//! OpenID Connect and cross-origin policy; they carry parts of knobs 13, 17, 25 and 36.

use serde::{Deserialize, Serialize};

/// What of OpenID Connect the tenant serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// Whether `openid` means anything here.
    pub enabled: bool,
    /// Lifetime of ID tokens in seconds.
    pub id_token_ttl_seconds: u32,
    /// Algorithms a client may choose for its ID tokens; the first is the default
    /// (OpenID Connect Registration 2: RS256).
    pub signing_algs: Vec<SigningAlg>,
    /// How `sub` is made.
    pub subject: SubjectType,
    /// Whether the `claims` parameter is served (Core 5.5).
    pub claims_parameter: bool,
    /// Whether claims of scopes are also in the ID token; Core 5.4 has them at userinfo only.
    pub scope_claims_in_id_token: bool,
    /// Authentication context classes in rising order of strength.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub acr_values: Vec<String>,
}

/// A signing algorithm (RFC 7518 3.1, RFC 8037).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum SigningAlg {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

impl SigningAlg {
    /// Every algorithm.
    pub const ALL: [Self; 3] = [Self::RS256, Self::ES256, Self::EdDSA];

    /// The `alg` value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }
}

/// OpenID Connect Core 8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// The same `sub` for every client.
    Public,
    /// A `sub` of its own for each sector.
    Pairwise,
}

/// Which answers other origins may read (C17). The authorize endpoint never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// Token, revocation and userinfo.
    pub token: bool,
    /// Discovery and keys.
    pub metadata: bool,
}
