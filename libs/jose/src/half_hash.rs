use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use sha2::{Digest, Sha256, Sha512};

use crate::Alg;

/// `at_hash` of an access token or `c_hash` of a code (OpenID Connect Core 3.1.3.6, 3.3.2.11):
/// the left half of the digest that belongs to the id_token's algorithm, base64url.
/// Ed25519 goes with SHA-512 (RFC 8032 5.1).
pub fn half_hash(alg: Alg, value: &str) -> String {
    match alg {
        Alg::RS256 | Alg::ES256 => B64.encode(&Sha256::digest(value)[..16]),
        Alg::EdDSA => B64.encode(&Sha512::digest(value)[..32]),
    }
}
