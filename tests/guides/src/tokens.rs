use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use grantor_jose::{Header, JwkSet, PublicKey, id_token, peek_header};
use serde_json::Value;

use crate::Scene;

/// The claims of a JWT, unchecked.
///
/// # Panics
/// When it is none.
pub fn claims_of(jwt: &str) -> Value {
    let payload = jwt.split('.').nth(1).expect("three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).expect("base64url")).expect("claims")
}

/// The `kid` of a JWT.
///
/// # Panics
/// When it has none.
pub fn kid_of(jwt: &str) -> String {
    let Header { kid, .. } = peek_header(jwt).expect("a header");
    kid.expect("a kid")
}

/// The claims of an id_token, checked as a client checks it: with the key of the published set
/// that its header names, issuer, audience and time (OpenID Connect Core 3.1.3.7).
///
/// # Panics
/// When it does not hold.
pub async fn verified(scene: &Scene, jwt: &str) -> Value {
    let document = scene.get("/oauth/jwks").await.json();
    let set: JwkSet = serde_json::from_value(document).expect("a key set");
    let jwk = set.find(&kid_of(jwt)).expect("a published key");
    let key = PublicKey::from_jwk(jwk).expect("a key");
    let now = scene.world.now().timestamp();
    let claims = id_token::verify(&key, jwt, &scene.tenant.issuer, &scene.partner.client_id, now).expect("an id_token");
    serde_json::to_value(claims).expect("claims")
}

/// SHA-256, lower-case hexadecimal.
pub fn sha256_hex(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
