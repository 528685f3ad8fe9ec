//! Proofs of possession (RFC 9449) as a client makes them, good ones and bad ones. Shares no code
//! with the side that checks them.

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A client's key: P-256, with ES256.
pub struct Prover {
    pair: EcdsaKeyPair,
    made: AtomicU64,
}

impl Default for Prover {
    fn default() -> Self {
        Self::new()
    }
}

impl Prover {
    /// A new key.
    ///
    /// # Panics
    /// Without randomness.
    pub fn new() -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
        Self { pair, made: AtomicU64::new(0) }
    }

    /// Its public half (RFC 7517).
    pub fn jwk(&self) -> Value {
        let (x, y) = self.coordinates();
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
    }

    /// Its thumbprint (RFC 7638).
    pub fn thumbprint(&self) -> String {
        let (x, y) = self.coordinates();
        B64.encode(Sha256::digest(format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#)))
    }

    fn coordinates(&self) -> (String, String) {
        // Uncompressed point: 4, x, y (SEC 1 2.3.3).
        let point = self.pair.public_key().as_ref();
        (B64.encode(&point[1..33]), B64.encode(&point[33..65]))
    }

    /// A good header.
    pub fn header(&self) -> Value {
        json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": self.jwk() })
    }

    /// Good claims for a request at this time (seconds since 1970), each time with another `jti`.
    pub fn claims(&self, method: &str, uri: &str, now: i64) -> Value {
        let id = format!("proof-{}", self.made.fetch_add(1, Ordering::SeqCst));
        json!({ "jti": id, "htm": method, "htu": uri, "iat": now })
    }

    /// A proof of this header and these claims, signed with the key whatever they say.
    ///
    /// # Panics
    /// When the library cannot sign.
    pub fn signed(&self, header: &Value, claims: &Value) -> String {
        let input = format!("{}.{}", B64.encode(header.to_string()), B64.encode(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), input.as_bytes()).expect("a signature");
        format!("{input}.{}", B64.encode(signature))
    }

    /// A good proof for a token request.
    pub fn proof(&self, method: &str, uri: &str, now: i64) -> String {
        self.signed(&self.header(), &self.claims(method, uri, now))
    }

    /// A good proof for a call with this access token.
    pub fn proof_with(&self, method: &str, uri: &str, now: i64, access_token: &str) -> String {
        let mut claims = self.claims(method, uri, now);
        claims["ath"] = B64.encode(Sha256::digest(access_token)).into();
        self.signed(&self.header(), &claims)
    }
}
