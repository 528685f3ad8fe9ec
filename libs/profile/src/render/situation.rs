//! Situations of refusal and their texts: knob 37.

use grantor_oauth::{ErrorCode, ProtocolError};
use serde::{Deserialize, Serialize};

use crate::Profile;

/// What went wrong with a grant. Default texts do not tell an unknown code or token from an
/// expired, used or foreign one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Situation {
    /// No such code, or not of this client.
    UnknownCode,
    /// The code is over its lifetime.
    ExpiredCode,
    /// The code was used before.
    UsedCode,
    /// `redirect_uri` differs from the authorization request's.
    OtherRedirectUri,
    /// The PKCE verifier does not fit, is missing, or came without a challenge.
    WrongVerifier,
    /// No such refresh token, or expired, revoked or of another client.
    BadRefreshToken,
    /// User name or password is wrong (password grant).
    BadUserCredentials,
    /// The user's address is not verified.
    UserUnverified,
    /// The user is locked.
    UserLocked,
    /// Client authentication failed.
    BadClient,
    /// The token to revoke is not known (only where the profile tells).
    UnknownToken,
}

impl Situation {
    const fn code(self) -> ErrorCode {
        match self {
            Self::BadClient => ErrorCode::InvalidClient,
            _ => ErrorCode::InvalidGrant,
        }
    }

    const fn default_text(self) -> &'static str {
        match self {
            Self::UnknownCode | Self::ExpiredCode | Self::UsedCode => {
                "the authorization code is unknown, expired or was used before"
            }
            Self::OtherRedirectUri => "redirect_uri differs from the one of the authorization request",
            Self::WrongVerifier => "code_verifier does not match the authorization request",
            Self::BadRefreshToken => "the refresh token is unknown, expired or revoked",
            Self::BadUserCredentials => "the user name or the password is wrong",
            Self::UserUnverified => "the user is not verified",
            Self::UserLocked => "the user is locked",
            Self::BadClient => "client authentication failed",
            Self::UnknownToken => "the token is unknown or already revoked",
        }
    }
}

/// At most so much of what a caller sent is repeated to them.
const ECHO_CHARS: usize = 200;

impl Profile {
    /// The error of a situation in the tenant's words. `submitted` is what this caller sent;
    /// only a text with `{submitted}` repeats it, cut and restricted to RFC 6749's characters.
    /// Never log or store the result of a text that does.
    pub fn refusal(&self, situation: Situation, submitted: Option<&str>) -> ProtocolError {
        let Some(text) = self.errors.texts.get(&situation) else {
            return situation.code().because(situation.default_text());
        };
        let echo: String = submitted.unwrap_or_default().chars().take(ECHO_CHARS).collect();
        situation.code().because(text.replace("{submitted}", &echo))
    }

    /// The HTTP status that goes with a situation at the token endpoint (knob 38).
    pub fn status_of(&self, situation: Situation) -> u16 {
        match situation {
            Situation::UserUnverified => self.errors.user_state.unverified,
            Situation::UserLocked => self.errors.user_state.locked,
            other => other.code().token_status(),
        }
    }
}
