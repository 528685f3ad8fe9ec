//! The token request: knobs 7, 17, 18, 19.

use grantor_oauth::{ClientAuthMethod, GrantType};
use serde::{Deserialize, Serialize};

/// What a token request must and may look like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenRequests {
    /// Knob 7: `redirect_uri` with a code. When sent it is always compared.
    pub redirect_uri: RedirectAtToken,
    /// Knob 17: how clients may authenticate.
    pub client_auth: Vec<ClientAuthMethod>,
    /// Knob 17: whether parameters may also come in the query (discouraged, RFC 6749 2.3.1
    /// forbids credentials there).
    pub query_parameters: bool,
    /// Knob 18: content types of the body.
    pub bodies: Vec<BodyFormat>,
    /// Knob 19: enabled grants; others are `unsupported_grant_type`.
    pub grants: Vec<GrantType>,
}

/// Knob 7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectAtToken {
    /// Must be sent.
    Required,
    /// Must be sent when the authorization request had it (RFC 6749 4.1.3).
    RequiredIfSent,
    /// May be absent, for confidential clients that authenticated.
    Optional,
}

/// Knob 18.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyFormat {
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/json`.
    Json,
}
