//! Errors and callbacks: knobs 36 to 38.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Situation;

/// How refusals are worded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Knob 36: which parameters a return to the client carries, in the order they are written;
    /// those that do not apply are left out.
    pub callback: Vec<CallbackMember>,
    /// Knob 37: texts that replace the default `error_description` of a situation. `{submitted}`
    /// stands for what the caller sent, cut to 200 characters.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub texts: BTreeMap<Situation, String>,
    /// Knob 38: statuses that depend on the user's state.
    pub user_state: UserStateStatuses,
    /// Knob 38: the form of refusals beside those of RFC 6749: of the directory API, and of the
    /// token endpoint where it answers 403 or 423.
    #[serde(default, skip_serializing_if = "ApiErrors::is_oauth")]
    pub api: ApiErrors,
    /// Whether the header `X-REQUEST-ID` of a request comes back with the answer; one is made up
    /// where there was none.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub request_id: bool,
}

/// Knob 38: the form of refusals beside those of RFC 6749.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiErrors {
    /// `{error, error_description}`.
    #[default]
    Oauth,
    /// `{errors: [{message, code, type}], date, requestId}`.
    Envelope,
}

impl ApiErrors {
    fn is_oauth(&self) -> bool {
        *self == Self::Oauth
    }
}

/// Knob 36: one parameter of a return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackMember {
    /// `code`, on success.
    Code,
    /// `state`, when it was sent.
    State,
    /// `iss` (RFC 9207).
    Iss,
    /// `error`, on failure.
    Error,
    /// `error_description`, on failure.
    ErrorDescription,
    /// `error_code`: the error once more.
    ErrorCode,
    /// `success`: `true` or `false`, on every return.
    Success,
    /// `cancel=true`, only when the user cancelled.
    Cancel,
}

impl CallbackMember {
    /// The parameter's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::State => "state",
            Self::Iss => "iss",
            Self::Error => "error",
            Self::ErrorDescription => "error_description",
            Self::ErrorCode => "error_code",
            Self::Success => "success",
            Self::Cancel => "cancel",
        }
    }
}

/// Knob 38: status of a token request for a user who may not log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserStateStatuses {
    /// The user's address is not verified: 400 or 403.
    pub unverified: u16,
    /// The user is locked: 400 or 423.
    pub locked: u16,
}
