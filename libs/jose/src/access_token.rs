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
