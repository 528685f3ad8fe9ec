//! The authorization request: knobs 2, 5, 6, 8, 14, 15, 16.

use serde::{Deserialize, Serialize};

/// What an authorization request must and may contain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Authorize {
    /// Knob 5: `response_type`.
    pub response_type: ResponseTypeRule,
    /// Knob 6: `redirect_uri`.
    pub redirect_uri: RedirectAtAuthorize,
    /// Knob 8: comparison is always by exact raw string; this frees the loopback port of native
    /// clients (RFC 8252 7.3).
    pub loopback_port_free: bool,
    /// Knob 14: `state`.
    pub state: StateRule,
    /// Knob 15: other names of `nonce`. `nonce` wins; two that differ are `invalid_request`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub nonce_aliases: Vec<String>,
    /// Knob 16: PKCE. `plain` is never accepted.
    pub pkce: PkceRule,
    /// Whether `response_mode=form_post` is served beside `query`.
    pub form_post: bool,
    /// Knob 2: whether a request has to be pushed before anybody is sent here (RFC 9126 5).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pushed_only: bool,
}

/// Knob 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseTypeRule {
    /// Must be sent (RFC 6749 4.1.1).
    Required,
    /// Absent means `code`.
    DefaultsToCode,
}

/// Knob 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RedirectAtAuthorize {
    /// Must be sent.
    Required,
    /// Absent means the client's one default redirect URI.
    DefaultWhenAbsent,
}

/// Knob 14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateRule {
    /// May be absent.
    Optional,
    /// May be absent; the portal warns clients that omit it.
    Advised,
    /// Must be sent unless PKCE protects the request (RFC 9700 2.1.1).
    RequiredOrPkce,
}

/// Knob 16.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PkceRule {
    /// Checked when sent.
    Accepted,
    /// Required of public clients, checked of others when sent.
    RequiredOfPublic,
    /// Required of every client.
    Required,
}
