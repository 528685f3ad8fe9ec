//! Codes, access tokens and refresh tokens: knobs 27 to 32. Lifetimes are in seconds.

use serde::{Deserialize, Serialize};

use crate::Shape;

/// Access tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccessTokens {
    /// Knob 27: what they are.
    pub format: AccessTokenFormat,
    /// Knob 30: lifetime.
    pub ttl_seconds: u32,
    /// Whether the same unexpired token is answered again to the same client credentials.
    pub reuse_unexpired: bool,
    /// Knob 27: whether they are bound to a key of the client's; absent means `off`.
    #[serde(default, skip_serializing_if = "Dpop::is_off")]
    pub dpop: Dpop,
}

/// Knob 27: proofs of possession (RFC 9449).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dpop {
    /// Not spoken: every token is a bearer token, and the header is not read.
    #[default]
    Off,
    /// A client that sends a proof gets a token that is bound to the proof's key.
    Optional,
    /// No token without a proof.
    Required,
}

impl Dpop {
    fn is_off(&self) -> bool {
        *self == Self::Off
    }

    /// Whether proofs are read.
    pub fn is_spoken(self) -> bool {
        self != Self::Off
    }
}

/// Knob 27.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case", deny_unknown_fields)]
pub enum AccessTokenFormat {
    /// A random string, stored as a hash with a row.
    Handle {
        /// Its shape.
        shape: Shape,
    },
    /// Encrypted claims, no row.
    Sealed {},
    /// A JWT (RFC 9068), no row.
    Jwt {},
}

/// Authorization codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Codes {
    /// Knob 28: shape.
    pub shape: Shape,
    /// Knob 29: lifetime; at most 3600.
    pub ttl_seconds: u32,
}

/// Refresh tokens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshTokens {
    /// Knob 24: when one is issued.
    pub issue: RefreshIssue,
    /// Shape.
    pub shape: Shape,
    /// Knob 31: dies when unused for so long; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle_seconds: Option<u32>,
    /// Knob 31: dies at this age; absent means never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absolute_seconds: Option<u32>,
    /// Knob 32: rotation.
    pub rotation: Rotation,
    /// How long the previous token still answers with its successor (invariant I4); 0 for none.
    pub grace_seconds: u32,
}

/// Knob 24: when a refresh token is issued beside a user's access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshIssue {
    /// Never.
    Never,
    /// Always.
    Always,
    /// When this scope was granted.
    WithScope(String),
}

/// Knob 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rotation {
    /// The same token stays.
    Off,
    /// Every use gives a new one; reuse of an old one kills the family.
    Always,
}
