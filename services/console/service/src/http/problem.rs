//! Problems of the admin API (RFC 9457): one table, one form.

use grantor_ports::{AdminError, PortError};
use grantor_web::{Answer, problem};
use serde_json::json;

use crate::access::Denied;

/// A wrong value, by its pointer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub pointer: String,
    pub detail: String,
}

impl Wrong {
    pub fn at(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), detail: detail.into() }
    }
}

/// Why an operation was not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// The caller is no operator.
    Denied(Denied),
    /// The body is not called JSON.
    MediaType,
    /// It is too long.
    TooLarge,
    /// It cannot be read, or the query cannot.
    Malformed(String),
    /// It was read, and some values are wrong.
    Invalid(Vec<Wrong>),
    /// It has another version than the caller has seen.
    Precondition,
    /// The owner of the data says no.
    Refused(AdminError),
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<AdminError> for Problem {
    fn from(cause: AdminError) -> Self {
        match cause {
            AdminError::Invalid { pointer, detail } => Self::Invalid(vec![Wrong { pointer, detail }]),
            other => Self::Refused(other),
        }
    }
}

impl From<PortError> for Problem {
    fn from(cause: PortError) -> Self {
        Self::Refused(AdminError::Port(cause))
    }
}

impl Problem {
    /// Nothing is there by that name.
    pub const fn not_found(what: &'static str) -> Self {
        Self::Refused(AdminError::NotFound(what))
    }

    /// The answer; never in a cache.
    pub fn into_answer(self) -> Answer {
        match self {
            Self::Denied(denied) => denial(denied),
            Self::MediaType => {
                let detail = "Send the body as application/json.";
                problem(415, "unsupported-media-type", "Unsupported media type", detail, None)
            }
            Self::TooLarge => problem(413, "too-large", "Body too large", "The limit is 64 KiB.", None),
            Self::Malformed(detail) => problem(400, "malformed", "Malformed request", &detail, None),
            Self::Precondition => {
                let detail = "It has another version than If-Match names; read it again.";
                problem(412, "precondition-failed", "Changed meanwhile", detail, None)
            }
            Self::Invalid(wrong) => invalid(&wrong),
            Self::Refused(cause) => refusal(&cause),
        }
    }
}

fn denial(denied: Denied) -> Answer {
    let unauthorized = |status: u16, detail: &str, challenge: &str| {
        let (kind, title) =
            if status == 401 { ("unauthorized", "Not an operator") } else { ("malformed", "Malformed request") };
        problem(status, kind, title, detail, None).header("www-authenticate", challenge)
    };
    match denied {
        Denied::Nothing => unauthorized(401, "Send an operator's token as a bearer token.", "Bearer realm=\"grantor\""),
        Denied::Malformed => unauthorized(
            400,
            "The Authorization header holds no single bearer token.",
            "Bearer realm=\"grantor\", error=\"invalid_request\"",
        ),
        Denied::Wrong => {
            unauthorized(401, "The token is not valid.", "Bearer realm=\"grantor\", error=\"invalid_token\"")
        }
        Denied::Throttled(seconds) => {
            let detail = "Too many wrong tokens came from this address.";
            problem(429, "throttled", "Too many requests", detail, None).header("retry-after", &seconds.to_string())
        }
        Denied::Port(cause) => refusal(&AdminError::Port(cause)),
    }
}

fn refusal(cause: &AdminError) -> Answer {
    let detail = format!("{cause}.");
    match cause {
        AdminError::NotFound(_) => problem(404, "not-found", "Not found", &detail, None),
        AdminError::Conflict(_) => problem(409, "conflict", "Not possible in this state", &detail, None),
        AdminError::Port(_) => problem(503, "unavailable", "Temporarily unavailable", &detail, None),
        AdminError::Invalid { pointer, detail } => invalid(&[Wrong::at(pointer, detail)]),
    }
}

fn invalid(wrong: &[Wrong]) -> Answer {
    let errors: Vec<_> =
        wrong.iter().map(|one| json!({ "pointer": format!("#{}", one.pointer), "detail": one.detail })).collect();
    let detail = match wrong {
        [one] if one.pointer.is_empty() => one.detail.clone(),
        [one] => format!("{}: {}", one.pointer, one.detail),
        many => format!("{} values are wrong; see errors.", many.len()),
    };
    let document = json!({
        "type": "urn:grantor:problem:invalid", "title": "Invalid values", "status": 422,
        "detail": detail, "errors": errors
    });
    let body = serde_json::to_vec(&document).unwrap_or_default();
    Answer::bytes(422, "application/problem+json", body).no_store()
}
