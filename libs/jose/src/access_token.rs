//! Access tokens as JWTs (RFC 9068), for profiles that choose this form.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Audience, Expected, PrivateKey, PublicKey, Refusal, SignFailed, Typ};

/// The claims of RFC 9068 2.2. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessTokenJwt {
    /// The tenant's issuer.
    pub iss: String,
    /// The user, or the client itself when no user is involved.
    pub sub: String,
    /// The resource server.
    pub aud: Audience,
    /// Expiry.
    pub exp: i64,
    /// Issued at.
    pub iat: i64,
    /// Unique for ever.
    pub jti: String,
    /// Who asked for it.
    pub client_id: String,
    /// Scopes, separated by spaces.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// When the user authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// Further claims.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// Signs an access token.
pub fn sign(key: &PrivateKey, claims: &AccessTokenJwt) -> Result<String, SignFailed> {
    key.sign(Typ::AccessToken, claims)
}

/// Checks an access token as a resource server does (RFC 9068 4).
pub fn verify(key: &PublicKey, token: &str, iss: &str, resource: &str, now: i64) -> Result<AccessTokenJwt, Refusal> {
    key.verify(token, &Expected { typ: Typ::AccessToken, iss, aud: Some(resource), now, leeway: 0 })
}

/// Whether a string says of itself that it is an access token; nothing is checked.
pub fn is_one(token: &str) -> bool {
    crate::peek_header(token).is_ok_and(|header| Typ::AccessToken.matches(header.typ.as_deref()))
}

/// Reads an access token as its issuer does: signature, type and issuer. Time and audience are
/// left to the caller, who knows what has become of it. `keys` are all that still count; the
/// token's `kid` picks among them.
pub fn verify_own<'k>(
    keys: impl IntoIterator<Item = &'k PublicKey>,
    token: &str,
    iss: &str,
) -> Result<AccessTokenJwt, Refusal> {
    let kid = crate::peek_header(token)?.kid.ok_or(Refusal::UnknownKey)?;
    let key = keys.into_iter().find(|key| key.kid() == kid).ok_or(Refusal::UnknownKey)?;
    key.verify_origin(token, &Expected { typ: Typ::AccessToken, iss, aud: None, now: 0, leeway: 0 })
}
