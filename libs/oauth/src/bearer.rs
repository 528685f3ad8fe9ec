//! Bearer tokens (RFC 6750): the header or a form body, never the query (C19).

use secrecy::SecretString;

use crate::{ErrorCode, Params, ProtocolError};

/// Finds the access token of a request.
///
/// `Ok(None)` when there is none: answer 401 with a bare challenge (RFC 6750 3.1).
/// `invalid_request` when it comes two ways at once or is not a `b64token`. Pass the form only
/// for POST requests with a form body (RFC 6750 2.2).
pub fn bearer_token(authorization: Option<&str>, form: Option<&Params>) -> Result<Option<SecretString>, ProtocolError> {
    let header = authorization.and_then(|header| {
        let (scheme, token) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let token = match (header, form.and_then(|form| form.get("access_token"))) {
        (Some(_), Some(_)) => return Err(ProtocolError::invalid_request("the access token was sent two ways at once")),
        (None, None) => return Ok(None),
        (Some(token), None) | (None, Some(token)) => token,
    };
    if is_b64token(token) {
        Ok(Some(SecretString::from(token)))
    } else {
        Err(ProtocolError::invalid_request("the access token is malformed"))
    }
}

/// The value of `WWW-Authenticate` for a resource (RFC 6750 3): bare without an error.
pub fn challenge(realm: &str, error: Option<&ProtocolError>, scope: Option<&str>) -> String {
    let mut out = format!("Bearer realm=\"{}\"", crate::sanitise(realm));
    if let Some(error) = error {
        out.push_str(&format!(", error=\"{}\"", ErrorCode::as_str(error.code())));
        if !error.description().is_empty() {
            out.push_str(&format!(", error_description=\"{}\"", error.description()));
        }
    }
    if let Some(scope) = scope {
        out.push_str(&format!(", scope=\"{}\"", crate::sanitise(scope)));
    }
    out
}

fn is_b64token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    !body.is_empty() && body.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/".contains(&b))
}
