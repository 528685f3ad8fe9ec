//! JSON Web Keys, Signatures and Tokens over bytes (RFC 7515, 7517, 7519, 8725). Pure: no
//! clock, no I/O, and no randomness apart from [`PrivateKey::generate`] and the nonces that
//! RSA blinding and ECDSA take inside aws-lc.
//!
//! A key has exactly one algorithm, decided when the key is made. A token never chooses: the
//! `alg` of its header must be the key's, so `none` and family confusion cannot happen
//! (RFC 8725 3.1). Every token type has a `typ` and a module of its own.

mod alg;
mod compact;
mod half_hash;
mod jwk;
mod jwt;
mod key_set;
mod private_key;
mod public_key;

pub mod access_token;
pub mod client_assertion;
pub mod dpop;
pub mod id_token;
pub mod link_token;

pub use alg::{Alg, UnknownAlg};
pub use compact::{Header, peek_header};
pub use half_hash::half_hash;
pub use jwk::{Jwk, JwkSet, KeyMaterial};
pub use jwt::{Audience, Expected, Refusal, Registered, Typ};
pub use key_set::{KeySet, KeySetRefusal, MAX_KEYS};
pub use private_key::{KeyError, PrivateKey, SignFailed};
pub use public_key::PublicKey;

#[cfg(test)]
mod tests;
