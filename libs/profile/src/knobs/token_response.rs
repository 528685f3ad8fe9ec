//! The token response: knobs 20 to 26.

use serde::{Deserialize, Serialize};

/// The members of a token response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenResponses {
    /// Knob 20: the spelling of the token type.
    pub token_type: TokenTypeWord,
    /// Knob 21: what `expires_in` says; whether it is there is decided by `members`.
    pub expires_in: ExpiresIn,
    /// Knobs 21 to 26: which members there are, in the order they are written. A member that a
    /// response has no value for is left out.
    pub members: Vec<TokenMember>,
}

/// Knob 20.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenTypeWord {
    /// `Bearer`.
    Bearer,
    /// `bearer`.
    #[serde(rename = "bearer")]
    LowerBearer,
}

impl TokenTypeWord {
    /// The wire word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bearer => "Bearer",
            Self::LowerBearer => "bearer",
        }
    }
}

/// Knob 21.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpiresIn {
    /// The lifetime the token was issued with.
    Nominal,
    /// Whole seconds left when the answer is written.
    Remaining,
}

/// Knobs 21 to 26: one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenMember {
    /// `access_token`.
    AccessToken,
    /// `token_type`.
    TokenType,
    /// `expires_in` (knob 21).
    ExpiresIn,
    /// `scope`.
    Scope,
    /// Knob 22: `expires_at`, Unix seconds.
    ExpiresAt,
    /// Knob 23: `account_id`.
    AccountId,
    /// Knob 24: `refresh_token`.
    RefreshToken,
    /// Knob 25: `id_token`, when `openid` was granted.
    IdToken,
}
