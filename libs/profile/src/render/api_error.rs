//! Refusals beside those of RFC 6749 5.2: knob 38.

use chrono::{DateTime, Utc};
use grantor_oauth::ErrorCode;
use serde::Serialize;

use crate::{ApiErrors, Profile, Situation, WireAnswer};

/// Why a call of the directory API was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ApiProblem {
    /// No bearer token, or one that is worth nothing: 401.
    Unauthorized,
    /// The token is of the other kind: 403.
    Forbidden,
    /// The request cannot be read: 400.
    BadRequest,
    /// A member that has to be there is not: 422.
    MissingField,
    /// A member has a value that it cannot have: 422.
    IllegalFieldValue,
    /// There is one of this name already: 422.
    EntityExists,
    /// There is none of this name: 404.
    UnknownEntity,
    /// What it names is not in a state for that: 422.
    IllegalEntityState,
    /// The user is not verified: 403.
    UserNotVerified,
    /// The user is locked: 423.
    Locked,
    /// No answer now: 503.
    Unavailable,
}

impl ApiProblem {
    /// Every problem, for tables and tests.
    pub const ALL: [Self; 11] = [
        Self::Unauthorized,
        Self::Forbidden,
        Self::BadRequest,
        Self::MissingField,
        Self::IllegalFieldValue,
        Self::EntityExists,
        Self::UnknownEntity,
        Self::IllegalEntityState,
        Self::UserNotVerified,
        Self::Locked,
        Self::Unavailable,
    ];

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::Unauthorized => 401,
            Self::Forbidden | Self::UserNotVerified => 403,
            Self::BadRequest => 400,
            Self::UnknownEntity => 404,
            Self::MissingField | Self::IllegalFieldValue | Self::EntityExists | Self::IllegalEntityState => 422,
            Self::Locked => 423,
            Self::Unavailable => 503,
        }
    }

    /// The `code` of the envelope.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unauthorized | Self::Forbidden => "UNAUTHORIZED_ACCESS",
            Self::BadRequest => "BAD_REQUEST",
            Self::MissingField => "MISSING_FIELD",
            Self::IllegalFieldValue => "ILLEGAL_FIELD_VALUE",
            Self::EntityExists => "ENTITY_EXISTS",
            Self::UnknownEntity => "UNKNOWN_ENTITY",
            Self::IllegalEntityState => "ILLEGAL_ENTITY_STATE",
            Self::UserNotVerified => "USER_NOT_VERIFIED",
            Self::Locked => "LOCKED",
            Self::Unavailable => "UNEXPECTED_ERROR",
        }
    }

    const fn oauth(self) -> ErrorCode {
        match self {
            Self::Unauthorized => ErrorCode::InvalidToken,
            Self::Forbidden => ErrorCode::InsufficientScope,
            Self::UserNotVerified | Self::Locked => ErrorCode::InvalidGrant,
            Self::Unavailable => ErrorCode::TemporarilyUnavailable,
            _ => ErrorCode::InvalidRequest,
        }
    }
}

/// A refusal with its sentence for the caller, which never repeats what they sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiRefusal {
    /// What it is.
    pub problem: ApiProblem,
    /// A sentence.
    pub message: String,
    /// The word of its challenge, where that is not the problem's usual one (RFC 9449 7.1).
    pub error: Option<ErrorCode>,
}

impl ApiRefusal {
    /// A problem and its sentence.
    pub fn new(problem: ApiProblem, message: impl Into<String>) -> Self {
        Self { problem, message: message.into(), error: None }
    }
}

/// When, and in answer to which request, a refusal is written.
#[derive(Debug, Clone, Copy)]
pub struct Occasion<'a> {
    /// The request's id.
    pub request_id: &'a str,
    /// By the tenant's clock.
    pub now: DateTime<Utc>,
}

impl Profile {
    /// The answer to a refused call of the directory API, in the tenant's form (knob 38).
    pub fn api_error(&self, refusal: &ApiRefusal, occasion: Occasion<'_>) -> WireAnswer {
        let status = refusal.problem.status();
        let mut answer = match self.errors.api {
            ApiErrors::Oauth => {
                let error = refusal.problem.oauth();
                let members =
                    vec![("error", error.as_str().into()), ("error_description", refusal.message.clone().into())];
                WireAnswer::json(status, members)
            }
            ApiErrors::Envelope => envelope(refusal, occasion),
        };
        if status == 503 {
            answer.headers.push(("Retry-After", "1".to_owned()));
        }
        answer
    }

    /// The token endpoint's answer in a situation: in the form of RFC 6749 5.2, or where its
    /// status is none of that section's (knob 38), in that of the directory API.
    pub fn situation_answer(
        &self,
        situation: Situation,
        submitted: Option<&str>,
        occasion: Occasion<'_>,
    ) -> WireAnswer {
        let (error, status) = (self.refusal(situation, submitted), self.status_of(situation));
        let problem = match situation {
            Situation::UserUnverified => ApiProblem::UserNotVerified,
            Situation::UserLocked => ApiProblem::Locked,
            _ => return self.error_answer(&error, status),
        };
        if self.errors.api == ApiErrors::Oauth || problem.status() != status {
            return self.error_answer(&error, status);
        }
        self.api_error(&ApiRefusal::new(problem, error.description()), occasion)
    }
}

/// The members in the order of the vendors' documents.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    errors: [OneError<'a>; 1],
    /// `YYYY-MM-DD HH:MM:SS.sss`, UTC.
    date: String,
    request_id: &'a str,
}

#[derive(Serialize)]
struct OneError<'a> {
    message: &'a str,
    code: &'static str,
    r#type: &'static str,
}

fn envelope(refusal: &ApiRefusal, occasion: Occasion<'_>) -> WireAnswer {
    let error = OneError { message: &refusal.message, code: refusal.problem.code(), r#type: "TECHNICAL" };
    let date = occasion.now.format("%Y-%m-%d %H:%M:%S%.3f").to_string();
    let mut answer = WireAnswer::json::<&str>(refusal.problem.status(), Vec::new());
    let document = Envelope { errors: [error], date, request_id: occasion.request_id };
    answer.body = serde_json::to_vec(&document).expect("texts always serialise");
    answer
}
