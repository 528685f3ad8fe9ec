//! Access tokens as they come with a call: bearer tokens in the header or a form body (RFC 6750),
//! tokens that are bound to a key in the header (RFC 9449 7.1), none in the query (C19).

use secrecy::SecretString;

use crate::{ErrorCode, Params, ProtocolError};

/// How an access token came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenScheme {
    /// `Authorization: Bearer`, or the form's `access_token`.
    Bearer,
    /// `Authorization: DPoP`; a proof has to be with it.
    Dpop,
}

/// Finds the bearer token of a request; see [`shown_token`].
pub fn bearer_token(authorization: Option<&str>, form: Option<&Params>) -> Result<Option<SecretString>, ProtocolError> {
    Ok(shown_token(authorization, form, false)?.map(|(_, token)| token))
}

/// Finds the access token of a request; with the scheme `DPoP` only where that is spoken.
///
/// `Ok(None)` when there is none: answer 401 with a bare challenge (RFC 6750 3.1).
/// `invalid_request` when it comes two ways at once or is not a `b64token`. Pass the form only
/// for POST requests with a form body (RFC 6750 2.2).
pub fn shown_token(
    authorization: Option<&str>,
    form: Option<&Params>,
    dpop: bool,
) -> Result<Option<(TokenScheme, SecretString)>, ProtocolError> {
    let header = authorization.and_then(|header| {
        let (scheme, token) = header.trim().split_once(' ').unwrap_or((header.trim(), ""));
        let scheme = match scheme {
            bearer if bearer.eq_ignore_ascii_case("bearer") => TokenScheme::Bearer,
            bound if dpop && bound.eq_ignore_ascii_case("dpop") => TokenScheme::Dpop,
            _ => return None,
        };
        Some((scheme, token.trim()))
    });
    let (scheme, token) = match (header, form.and_then(|form| form.get("access_token"))) {
        (Some(_), Some(_)) => return Err(ProtocolError::invalid_request("the access token was sent two ways at once")),
        (None, None) => return Ok(None),
        (Some(shown), None) => shown,
        (None, Some(token)) => (TokenScheme::Bearer, token),
    };
    if is_b64token(token) {
        Ok(Some((scheme, SecretString::from(token))))
    } else {
        Err(ProtocolError::invalid_request("the access token is malformed"))
    }
}

/// The value of `WWW-Authenticate` for a resource (RFC 6750 3): bare without an error.
pub fn challenge(realm: &str, error: Option<&ProtocolError>, scope: Option<&str>) -> String {
    with_error(format!("Bearer realm=\"{}\"", crate::sanitise(realm)), error, scope)
}

/// The same for a token that has to be bound to a key (RFC 9449 7.1); `algs` are those that its
/// proofs may be signed with.
pub fn dpop_challenge(realm: &str, algs: &[&str], error: Option<&ProtocolError>, scope: Option<&str>) -> String {
    let bare = format!("DPoP realm=\"{}\", algs=\"{}\"", crate::sanitise(realm), algs.join(" "));
    with_error(bare, error, scope)
}

fn with_error(mut out: String, error: Option<&ProtocolError>, scope: Option<&str>) -> String {
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
