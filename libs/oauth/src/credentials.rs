//! Who a request says its client is (RFC 6749 2.3). Nothing is checked here but the form.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{ErrorCode, Params, ProtocolError, params::decode};

/// The one kind of assertion that is taken (RFC 7523 2.2).
const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// How a client authenticates (OpenID Connect Core 9, RFC 7591 2, RFC 8705 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthMethod {
    /// HTTP Basic.
    ClientSecretBasic,
    /// `client_id` and `client_secret` in the body.
    ClientSecretPost,
    /// A public client: `client_id` only.
    None,
    /// A signed assertion (RFC 7523).
    PrivateKeyJwt,
    /// A client certificate (RFC 8705 2.1).
    TlsClientAuth,
}

impl ClientAuthMethod {
    /// The registered name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ClientSecretBasic => "client_secret_basic",
            Self::ClientSecretPost => "client_secret_post",
            Self::None => "none",
            Self::PrivateKeyJwt => "private_key_jwt",
            Self::TlsClientAuth => "tls_client_auth",
        }
    }
}

/// What a request claims about its client.
#[derive(Debug, Clone)]
pub struct ClientCredentials {
    /// The claimed `client_id`.
    pub client_id: String,
    /// The secret, or the assertion that proves as much; `None` for a public client.
    pub secret: Option<SecretString>,
    /// Which way they came.
    pub method: ClientAuthMethod,
}

/// Reads client credentials from the `Authorization` header and the body.
///
/// `Ok(None)` when there is no client at all. `invalid_request` when two methods are used at
/// once or the two client ids differ (RFC 6749 2.3), or an assertion comes without its type;
/// `invalid_client` when the header is malformed or of another scheme, or the assertion is none.
///
/// An assertion says itself whose it is, so `client_id` may be absent beside it (RFC 7521 4.2).
///
/// Both halves of a Basic header are form-encoded (RFC 6749 2.3.1). Many clients do not encode
/// them; a half that is not valid form encoding is taken as it is. Our own ids and secrets have
/// no character that encoding changes, so both readings agree.
pub fn client_credentials(
    authorization: Option<&str>,
    body: &Params,
) -> Result<Option<ClientCredentials>, ProtocolError> {
    let id = body.get("client_id");
    let secret = body.get("client_secret");
    let assertion = asserted(body.get("client_assertion"), body.get("client_assertion_type"))?;
    if [authorization, secret, assertion].iter().flatten().count() > 1 {
        return Err(ProtocolError::invalid_request("the client used more than one authentication method"));
    }
    if let Some(assertion) = assertion {
        return from_assertion(id, assertion).map(Some);
    }
    let Some(header) = authorization else {
        return from_body(id, secret);
    };
    let (client_id, basic) = basic(header)?;
    if id.is_some_and(|id| id != client_id) {
        return Err(ProtocolError::invalid_request("client_id differs from the Authorization header"));
    }
    // An empty password is how some libraries send a public client.
    let (secret, method) = if basic.is_empty() {
        (None, ClientAuthMethod::None)
    } else {
        (Some(SecretString::from(basic)), ClientAuthMethod::ClientSecretBasic)
    };
    Ok(Some(ClientCredentials { client_id, secret, method }))
}

fn from_body(id: Option<&str>, secret: Option<&str>) -> Result<Option<ClientCredentials>, ProtocolError> {
    match (id, secret) {
        (None, None) => Ok(None),
        (None, Some(_)) => Err(ProtocolError::invalid_request("the parameter 'client_id' is missing")),
        (Some(id), secret) => Ok(Some(ClientCredentials {
            client_id: id.to_owned(),
            secret: secret.map(SecretString::from),
            method: if secret.is_some() { ClientAuthMethod::ClientSecretPost } else { ClientAuthMethod::None },
        })),
    }
}

/// The assertion, if one is sent. An empty parameter counts as absent (RFC 6749 3.1).
fn asserted<'p>(assertion: Option<&'p str>, kind: Option<&str>) -> Result<Option<&'p str>, ProtocolError> {
    match (assertion, kind) {
        (None, None) => Ok(None),
        (Some(assertion), Some(JWT_BEARER)) => Ok(Some(assertion)),
        (Some(_), Some(_)) => Err(ErrorCode::InvalidClient.because("this client_assertion_type is not supported")),
        (Some(_), None) => Err(ProtocolError::invalid_request("the parameter 'client_assertion_type' is missing")),
        (None, Some(_)) => Err(ProtocolError::invalid_request("the parameter 'client_assertion' is missing")),
    }
}

fn from_assertion(id: Option<&str>, assertion: &str) -> Result<ClientCredentials, ProtocolError> {
    let subject =
        subject(assertion).ok_or_else(|| ErrorCode::InvalidClient.because("the client_assertion is no JWT"))?;
    if id.is_some_and(|id| id != subject) {
        return Err(ProtocolError::invalid_request("client_id differs from the client_assertion"));
    }
    let secret = Some(SecretString::from(assertion));
    Ok(ClientCredentials { client_id: subject, secret, method: ClientAuthMethod::PrivateKeyJwt })
}

/// Whom a JWT claims to be about. Its signature is checked by who knows the client's keys.
fn subject(jwt: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claims {
        sub: String,
    }
    let payload = jwt.split('.').nth(1)?;
    let claims: Claims = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    Some(claims.sub).filter(|sub| !sub.is_empty())
}

fn basic(header: &str) -> Result<(String, String), ProtocolError> {
    let malformed = || ErrorCode::InvalidClient.because("the Authorization header is not valid HTTP Basic");
    let (scheme, encoded) = header.trim().split_once(' ').ok_or_else(malformed)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(ErrorCode::InvalidClient.because("client authentication must use HTTP Basic or the body"));
    }
    let bytes = STANDARD.decode(encoded.trim()).map_err(|_| malformed())?;
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    let (id, secret) = text.split_once(':').ok_or_else(malformed)?;
    let plain = |half: &str| decode(half.as_bytes()).unwrap_or_else(|_| half.to_owned());
    let (id, secret) = (plain(id), plain(secret));
    if id.is_empty() { Err(malformed()) } else { Ok((id, secret)) }
}
