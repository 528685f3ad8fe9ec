//! What the APIs that take an access token share.

use grantor_eventsourcing::Timestamp;
use grantor_ids::UserId;
use grantor_oauth::ErrorCode;
use grantor_ports::{Introspection, Tokens};
use grantor_profile::{ApiProblem, ApiRefusal, Incoming, Occasion, WireAnswer};
use secrecy::ExposeSecret;

use crate::{Answer, Call};

/// Whose token came with a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiCaller {
    /// A client's own.
    Client {
        /// Its `client_id`.
        client_id: String,
    },
    /// A user's, given to a client.
    User {
        /// Whose.
        user: UserId,
        /// To which client.
        client_id: String,
    },
}

impl ApiCaller {
    /// The client, where it speaks for itself; 403 otherwise.
    pub fn client(self) -> Result<String, ApiRefusal> {
        match self {
            Self::Client { client_id } => Ok(client_id),
            Self::User { .. } => Err(ApiRefusal::new(ApiProblem::Forbidden, "this call needs a client's own token")),
        }
    }

    /// The user the token speaks for; 403 where there is none.
    pub fn user(self) -> Result<UserId, ApiRefusal> {
        match self {
            Self::User { user, .. } => Ok(user),
            Self::Client { .. } => Err(ApiRefusal::new(ApiProblem::Forbidden, "this call needs a user's token")),
        }
    }
}

/// Whose token came with a call: in the header and nowhere else (C19), for this tenant's API,
/// alive as of now, and with a proof of its key where it is bound to one.
pub async fn api_caller(call: &Call, tokens: &dyn Tokens) -> Result<ApiCaller, ApiRefusal> {
    let unauthorized = |message: &str| ApiRefusal::new(ApiProblem::Unauthorized, message);
    let shown = call.shown_token(None).map_err(|error| unauthorized(error.description()))?;
    let shown = shown.ok_or_else(|| unauthorized("an access token is missing"))?;
    let (token, asked) = shown.caller(&call.tenant.api);
    let found = tokens.introspect(call.tenant.id, token.expose_secret(), asked).await;
    match found.map_err(|_| ApiRefusal::new(ApiProblem::Unavailable, "the service cannot answer now; try again"))? {
        Introspection::Active { user: Some(user), client_id, .. } => Ok(ApiCaller::User { user, client_id }),
        Introspection::Active { user: None, client_id, .. } => Ok(ApiCaller::Client { client_id }),
        Introspection::Unproven { error, why } => Err(ApiRefusal { error: Some(error), ..unauthorized(&why) }),
        Introspection::Inactive => Err(unauthorized("the access token is unknown, expired or revoked")),
    }
}

/// The parts of a call that the profile parses.
pub fn incoming(call: &Call) -> Incoming<'_> {
    Incoming {
        content_type: call.header("content-type"),
        authorization: call.header("authorization"),
        query: (!call.query.is_empty()).then_some(call.query.as_str()),
        body: &call.body,
    }
}

/// A refusal in the tenant's form, with a challenge where a better token would help (RFC 6750 3).
pub fn api_refusal(call: &Call, refusal: &ApiRefusal, now: Timestamp) -> Answer {
    let request_id = call.request_id();
    let occasion = Occasion { request_id: &request_id, now };
    let answer = wire(call.tenant.profile.api_error(refusal, occasion));
    let error = match refusal.problem {
        ApiProblem::Unauthorized if call.header("authorization").is_none() => None,
        ApiProblem::Unauthorized => Some(refusal.error.unwrap_or(ErrorCode::InvalidToken).because(&refusal.message)),
        ApiProblem::Forbidden => Some(ErrorCode::InsufficientScope.because(&refusal.message)),
        _ => return answer,
    };
    answer.header("www-authenticate", &call.challenge(&call.tenant.issuer, error.as_ref(), None))
}

/// What the profile rendered, as an answer.
pub fn wire(rendered: WireAnswer) -> Answer {
    let has_body = rendered.header("content-type").is_some();
    let mut answer =
        if has_body { Answer::json_bytes(rendered.status, rendered.body) } else { Answer::empty(rendered.status) };
    for (name, value) in rendered.headers {
        answer = match name {
            "Cache-Control" => answer.header("cache-control", &value),
            "Pragma" => answer.header("pragma", &value),
            "WWW-Authenticate" => answer.header("www-authenticate", &value),
            "Retry-After" => answer.header("retry-after", &value),
            _ => answer,
        };
    }
    answer
}
