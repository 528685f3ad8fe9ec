//! Proofs of possession (RFC 9449): with each request a client signs which request it is, with the
//! key that its tokens are bound to.
//!
//! It is the one token here that brings its own key. That is sound because the key is not trusted
//! for anything but itself: whoever asks compares its thumbprint with the one that a code, a grant or
//! a token is bound to.

use serde::Deserialize;
use serde_json::{Map, Value};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use sha2::{Digest, Sha256};

use crate::{Alg, Jwk, PublicKey, compact::Compact, jwk::PRIVATE};

/// The names of the algorithms that proofs may be signed with: all that we check, none of them
/// symmetric.
pub const ALGS: [&str; 4] = ["ES256", "Ed25519", "EdDSA", "RS256"];
/// How far `iat` may be from our clock, to either side, in seconds. A proof has to be remembered
/// until it is older than that.
pub const WINDOW: i64 = 60;
/// Longer proofs are refused unread, in bytes: enough for the largest RSA key that we check.
pub const MAX_BYTES: usize = 6 * 1024;
/// A `jti` has at most so many bytes.
const MAX_ID: usize = 256;
/// The header's `typ`.
const TYP: &str = "dpop+jwt";

/// The request that a proof came with.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Its method, in upper case.
    pub method: &'a str,
    /// The addresses that it may have been sent to, without query and fragment.
    pub uris: &'a [String],
    /// The access token that came with it; `None` at the token endpoint.
    pub access_token: Option<&'a str>,
    /// Our clock, seconds since 1970.
    pub now: i64,
}

/// What a good proof says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The thumbprint of its key (RFC 7638), base64url.
    pub thumbprint: String,
    /// Unique among the proofs of this key.
    pub id: String,
    /// When it was made, by the client's clock, seconds since 1970.
    pub issued_at: i64,
}

/// Why a proof proves nothing. The texts are for clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// None came.
    #[error("a DPoP proof is needed")]
    Missing,
    /// More than one header.
    #[error("there is more than one DPoP header")]
    Several,
    /// Not a compact JWS with JSON inside, a claim is missing or there twice, or it is too long.
    #[error("the DPoP proof is malformed")]
    Malformed,
    /// Another `typ`.
    #[error("the DPoP proof's typ must be dpop+jwt")]
    OtherType,
    /// `none`, a shared-key algorithm, or one that is not spoken here.
    #[error("the DPoP proof's alg is not one of dpop_signing_alg_values_supported")]
    OtherAlgorithm,
    /// The header demands extensions.
    #[error("the DPoP proof has a critical header that is not understood")]
    CriticalExtension,
    /// The key has private members. It is known to whoever read it on its way.
    #[error("the DPoP proof's jwk has private members: the key is known now, make a new one")]
    PrivateKey,
    /// No `jwk`, or not a public key of the algorithm.
    #[error("the DPoP proof's jwk is not a public key for its alg")]
    OtherKey,
    /// The signature is not the key's.
    #[error("the DPoP proof's signature does not match")]
    BadSignature,
    /// Another `htm`.
    #[error("the DPoP proof's htm is another method")]
    OtherMethod,
    /// Another `htu`.
    #[error("the DPoP proof's htu is another address")]
    OtherUri,
    /// `iat` is not within [`WINDOW`].
    #[error("the DPoP proof's iat is too far from now")]
    OtherTime,
    /// `jti` is empty or too long.
    #[error("the DPoP proof's jti must have 1 to 256 bytes")]
    NoId,
    /// `ath` is missing, or is not the access token's hash.
    #[error("the DPoP proof's ath is not the hash of the access token")]
    OtherToken,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    typ: Option<String>,
    #[serde(default)]
    jwk: Option<Map<String, Value>>,
    /// `"crit":null` is a `crit` too.
    #[serde(default, deserialize_with = "present")]
    crit: bool,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Value::deserialize(deserializer).map(|_| true)
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: serde_json::Number,
    #[serde(default)]
    ath: Option<String>,
}

/// Checks what came in the `DPoP` headers of a request (RFC 9449 4.3). What is left to the caller:
/// that the proof is new, and that its key is the one that is expected.
pub fn verify(headers: &[String], request: &Request<'_>) -> Result<Proof, Refusal> {
    let proof = match headers {
        [] => return Err(Refusal::Missing),
        [one] => one.as_str(),
        _ => return Err(Refusal::Several),
    };
    if proof.len() > MAX_BYTES {
        return Err(Refusal::Malformed);
    }
    let header: Header = part(proof.split('.').next())?;
    let thumbprint = signed_by(proof, header)?;
    let claims: Claims = part(proof.split('.').nth(1))?;
    check(&claims, request)?;
    let issued_at = seconds(&claims.iat).ok_or(Refusal::Malformed)?;
    Ok(Proof { thumbprint, id: claims.jti, issued_at })
}

fn part<T: for<'de> Deserialize<'de>>(text: Option<&str>) -> Result<T, Refusal> {
    let bytes = B64.decode(text.unwrap_or_default()).map_err(|_| Refusal::Malformed)?;
    serde_json::from_slice(&bytes).map_err(|_| Refusal::Malformed)
}

/// The thumbprint of the key in the header, if it signed the proof.
fn signed_by(proof: &str, header: Header) -> Result<String, Refusal> {
    if !is_typ(header.typ.as_deref()) {
        return Err(Refusal::OtherType);
    }
    let alg = named(&header.alg).ok_or(Refusal::OtherAlgorithm)?;
    if header.crit {
        return Err(Refusal::CriticalExtension);
    }
    let members = header.jwk.ok_or(Refusal::OtherKey)?;
    if PRIVATE.iter().any(|name| members.contains_key(*name)) {
        return Err(Refusal::PrivateKey);
    }
    let jwk: Jwk = serde_json::from_value(Value::Object(members)).map_err(|_| Refusal::OtherKey)?;
    let key = PublicKey::from_jwk(&jwk).map_err(|_| Refusal::OtherKey)?;
    if key.alg() != alg {
        return Err(Refusal::OtherKey);
    }
    let compact = Compact::parse(proof).map_err(|_| Refusal::Malformed)?;
    if !key.has_signed(compact.signing_input, &compact.signature) {
        return Err(Refusal::BadSignature);
    }
    Ok(jwk.material.thumbprint())
}

fn named(alg: &str) -> Option<Alg> {
    Alg::ALL.into_iter().find(|known| known.is_called(alg))
}

/// Media types compare without case, and `application/` may be left out (RFC 7515 4.1.9).
fn is_typ(typ: Option<&str>) -> bool {
    let typ = typ.unwrap_or_default().to_ascii_lowercase();
    typ.strip_prefix("application/").unwrap_or(&typ) == TYP
}

fn check(claims: &Claims, request: &Request<'_>) -> Result<(), Refusal> {
    if claims.jti.is_empty() || claims.jti.len() > MAX_ID {
        return Err(Refusal::NoId);
    }
    if claims.htm != request.method {
        return Err(Refusal::OtherMethod);
    }
    let sent_to = normal(&claims.htu);
    if !request.uris.iter().any(|uri| normal(uri) == sent_to) {
        return Err(Refusal::OtherUri);
    }
    let iat = seconds(&claims.iat).ok_or(Refusal::Malformed)?;
    if request.now.saturating_sub(iat).saturating_abs() > WINDOW {
        return Err(Refusal::OtherTime);
    }
    match request.access_token {
        Some(token) if claims.ath.as_deref() != Some(&B64.encode(Sha256::digest(token))) => Err(Refusal::OtherToken),
        _ => Ok(()),
    }
}

/// A `NumericDate` may have a fraction (RFC 7519 2).
fn seconds(date: &serde_json::Number) -> Option<i64> {
    const LAST: f64 = 9_007_199_254_740_991.0;
    let fraction = || date.as_f64().filter(|date| (0.0..=LAST).contains(date)).map(|date| date.floor() as i64);
    date.as_i64().or_else(fraction)
}

/// An address as it is compared (RFC 9449 4.3, RFC 3986 6.2.2 and 6.2.3): without query and
/// fragment, scheme and host in lower case, without the scheme's own port, with a path.
fn normal(uri: &str) -> String {
    let uri = uri.split(['?', '#']).next().unwrap_or_default();
    let Some((scheme, rest)) = uri.split_once("://") else { return uri.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (scheme, authority) = (scheme.to_ascii_lowercase(), authority.to_ascii_lowercase());
    let port = match scheme.as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => "",
    };
    let authority = authority.strip_suffix(port).unwrap_or(&authority);
    format!("{scheme}://{authority}{}", if path.is_empty() { "/" } else { path })
}

#[cfg(test)]
#[path = "dpop_tests.rs"]
mod tests;
