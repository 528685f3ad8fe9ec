//! Revocation: knobs 33 to 35. `token` always has the meaning and the answers of RFC 7009;
//! these knobs shape the guide's own wording where there is one.

use serde::{Deserialize, Serialize};

/// How revocation requests are read and answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// Knob 34: the parameter that carries the token. Anything but `token` is served beside
    /// `token`, and both at once are refused.
    pub parameter: String,
    /// Knob 34: who may revoke.
    pub auth: RevocationAuth,
    /// Knob 33: status of success, 200 or 204.
    pub success_status: u16,
    /// Knob 35: an unknown token.
    pub unknown_token: UnknownToken,
    /// Knob 35: status of failures.
    pub failures: RevocationFailures,
}

/// Knob 34.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationAuth {
    /// Client authentication as at the token endpoint (RFC 7009 2.1).
    Client,
    /// A bearer token of the client itself.
    ClientBearer,
}

/// Knob 35.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownToken {
    /// Success (RFC 7009 2.2).
    Succeeds,
    /// 400 with the same body for unknown, foreign and already revoked tokens.
    Refused,
}

/// Knob 35.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationFailures {
    /// As at the token endpoint: 401 for wrong client credentials.
    AsTokenEndpoint,
    /// Always 400.
    BadRequest,
}
