//! ID tokens (OpenID Connect Core 2). Signed by us, read by clients; the only ones we read are
//! those that come back as `id_token_hint`.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Alg, Audience, Expected, PrivateKey, PublicKey, Refusal, SignFailed, Typ, half_hash};

/// The claims, in the order of the standard. Times are seconds since 1970.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IdToken {
    /// The tenant's issuer.
    pub iss: String,
    /// The user.
    pub sub: String,
    /// The client's `client_id`.
    pub aud: Audience,
    /// Expiry.
    pub exp: i64,
    /// Issued at.
    pub iat: i64,
    /// When the user authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// The request's `nonce`, unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Authentication context class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// Authentication methods (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The authorized party, when it is not the only audience.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub azp: Option<String>,
    /// Binds the access token of the same answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_hash: Option<String>,
    /// Binds the code of the same answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub c_hash: Option<String>,
    /// The browser session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// Claims about the user that the request or the profile asked for.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl IdToken {
    /// The five required claims.
    pub fn new(iss: &str, sub: &str, client_id: &str, iat: i64, lifetime: i64) -> Self {
        Self {
            iss: iss.to_owned(),
            sub: sub.to_owned(),
            aud: client_id.into(),
            exp: iat.saturating_add(lifetime),
            iat,
            auth_time: None,
            nonce: None,
            acr: None,
            amr: Vec::new(),
            azp: None,
            at_hash: None,
            c_hash: None,
            sid: None,
            more: Map::new(),
        }
    }

    /// With `at_hash` for this access token; `alg` is the one the id_token is signed with.
    #[must_use]
    pub fn with_access_token(mut self, alg: Alg, access_token: &str) -> Self {
        self.at_hash = Some(half_hash(alg, access_token));
        self
    }
}

/// Signs an id_token.
pub fn sign(key: &PrivateKey, claims: &IdToken) -> Result<String, SignFailed> {
    key.sign(Typ::IdToken, claims)
}

/// Checks an id_token as a client does.
pub fn verify(key: &PublicKey, token: &str, iss: &str, client_id: &str, now: i64) -> Result<IdToken, Refusal> {
    key.verify(token, &Expected { typ: Typ::IdToken, iss, aud: Some(client_id), now, leeway: 0 })
}

/// Checks an `id_token_hint`: signature, type and issuer; an expired one is as good as a fresh
/// one (OpenID Connect Core 3.1.2.1). `keys` are the tenant's, retired ones too as long as
/// their hints shall count; the token's `kid` picks among them.
pub fn verify_hint<'k>(
    keys: impl IntoIterator<Item = &'k PublicKey>,
    token: &str,
    iss: &str,
) -> Result<IdToken, Refusal> {
    let kid = crate::peek_header(token)?.kid.ok_or(Refusal::UnknownKey)?;
    let key = keys.into_iter().find(|key| key.kid() == kid).ok_or(Refusal::UnknownKey)?;
    key.verify_origin(token, &Expected { typ: Typ::IdToken, iss, aud: None, now: 0, leeway: 0 })
}
