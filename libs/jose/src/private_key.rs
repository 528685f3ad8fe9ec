use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{Alg, Jwk, KeyMaterial, PublicKey, Typ, compact::Header};

/// Why bytes are not a key, or a key could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The bytes are no key for this algorithm.
    #[error("not a key for {0}")]
    Rejected(Alg),
    /// A JWK of a type or curve that is not spoken here.
    #[error("a key type that is not supported")]
    Unsupported,
    /// The operating system or the library gave none.
    #[error("no key could be made")]
    Generation,
}

/// The library could not sign, or the claims are not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token could not be signed")]
pub struct SignFailed;

enum Pair {
    Rsa(RsaKeyPair),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// A signing key, parsed once. Its memory is wiped by aws-lc when it is dropped.
pub struct PrivateKey {
    pair: Pair,
    public: PublicKey,
}

impl PrivateKey {
    /// A new key: RSA-2048, P-256 or Ed25519. The one place of this crate with randomness of
    /// its own; RSA takes a few hundred milliseconds of a core, so call it off the reactor.
    pub fn generate(alg: Alg) -> Result<Self, KeyError> {
        let pair = match alg {
            Alg::RS256 => RsaKeyPair::generate(KeySize::Rsa2048).map(Pair::Rsa),
            Alg::ES256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::Ec),
            Alg::EdDSA => Ed25519KeyPair::generate().map(Pair::Ed),
        };
        Self::new(pair.map_err(|_| KeyError::Generation)?)
    }

    /// The key in these bytes, as [`PrivateKey::to_pkcs8`] wrote them.
    pub fn from_pkcs8(alg: Alg, der: &[u8]) -> Result<Self, KeyError> {
        let pair = match alg {
            Alg::RS256 => RsaKeyPair::from_pkcs8(der).map(Pair::Rsa),
            Alg::ES256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der).map(Pair::Ec),
            Alg::EdDSA => Ed25519KeyPair::from_pkcs8(der).map(Pair::Ed),
        };
        Self::new(pair.map_err(|_| KeyError::Rejected(alg))?)
    }

    /// PKCS#8 version 1, DER: for sealing, and nothing else. Wiped when dropped.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let wipe = |der: &[u8]| Zeroizing::new(der.to_vec());
        let der = match &self.pair {
            Pair::Rsa(pair) => pair.as_der().map(|der: Pkcs8V1Der<'static>| wipe(der.as_ref())),
            Pair::Ec(pair) => pair.to_pkcs8v1().map(|der| wipe(der.as_ref())),
            Pair::Ed(pair) => pair.to_pkcs8v1().map(|der| wipe(der.as_ref())),
        };
        der.map_err(|_| KeyError::Rejected(self.alg()))
    }

    fn new(pair: Pair) -> Result<Self, KeyError> {
        let material = material(&pair);
        let alg = material.alg().ok_or(KeyError::Unsupported)?;
        let jwk = Jwk {
            usage: Some("sig".to_owned()),
            alg: Some(alg.name().to_owned()),
            kid: Some(material.thumbprint()),
            material,
        };
        Ok(Self { pair, public: PublicKey::from_jwk(&jwk)? })
    }

    /// The one algorithm of this key.
    pub fn alg(&self) -> Alg {
        self.public.alg()
    }

    /// The key's name: its thumbprint (RFC 7638).
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// The half that checks.
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The half for the JWKS: `use` is `sig`, `alg` is set, `kid` is the thumbprint.
    pub fn public_jwk(&self) -> Jwk {
        self.public.jwk().clone()
    }

    /// A JWT with these claims, which must serialise as a JSON object. The members keep the
    /// order in which the claims serialise. Prefer the functions of the token's own module.
    pub fn sign<C: Serialize + ?Sized>(&self, typ: Typ, claims: &C) -> Result<String, SignFailed> {
        let header = Header {
            alg: self.alg().name().to_owned(),
            typ: Some(typ.name().to_owned()),
            kid: Some(self.kid().to_owned()),
            crit: None,
        };
        let header = serde_json::to_vec(&header).map_err(|_| SignFailed)?;
        let claims = serde_json::to_vec(claims).map_err(|_| SignFailed)?;
        if claims.first() != Some(&b'{') {
            return Err(SignFailed);
        }
        let mut token = String::with_capacity((header.len() + claims.len() + 256) * 4 / 3 + 8);
        B64.encode_string(header, &mut token);
        token.push('.');
        B64.encode_string(claims, &mut token);
        let signature = self.sign_bytes(token.as_bytes())?;
        token.push('.');
        B64.encode_string(signature, &mut token);
        Ok(token)
    }

    pub(crate) fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, SignFailed> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map_err(|_| SignFailed)?;
                Ok(signature)
            }
            Pair::Ec(pair) => Ok(pair.sign(&random, message).map_err(|_| SignFailed)?.as_ref().to_vec()),
            Pair::Ed(pair) => Ok(pair.try_sign(message).map_err(|_| SignFailed)?.as_ref().to_vec()),
        }
    }
}

fn material(pair: &Pair) -> KeyMaterial {
    match pair {
        Pair::Rsa(pair) => KeyMaterial::Rsa {
            n: B64.encode(pair.public_key().modulus().big_endian_without_leading_zero()),
            e: B64.encode(pair.public_key().exponent().big_endian_without_leading_zero()),
        },
        Pair::Ec(pair) => {
            // Uncompressed point: 4, x, y (SEC 1 2.3.3).
            let point = pair.public_key().as_ref();
            KeyMaterial::Ec { crv: "P-256".to_owned(), x: B64.encode(&point[1..33]), y: B64.encode(&point[33..65]) }
        }
        Pair::Ed(pair) => KeyMaterial::Okp { crv: "Ed25519".to_owned(), x: B64.encode(pair.public_key()) },
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("alg", &self.alg()).field("kid", &self.kid()).finish_non_exhaustive()
    }
}
