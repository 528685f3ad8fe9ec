use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
        VerificationAlgorithm,
    },
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde::de::DeserializeOwned;

use crate::{Alg, Expected, Jwk, KeyError, KeyMaterial, Refusal, Registered, compact::Compact};

/// A key that checks signatures of one algorithm, parsed once.
#[derive(Debug)]
pub struct PublicKey {
    alg: Alg,
    kid: String,
    jwk: Jwk,
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// The key in a JWK. Refused when its `alg` is not the one of its type, or `use` is not
    /// `sig` (RFC 8725 3.1). Without a `kid` it goes by its thumbprint.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        let alg = jwk.material.alg().ok_or(KeyError::Unsupported)?;
        let other_alg = jwk.alg.as_deref().is_some_and(|named| !alg.is_called(named));
        let other_use = jwk.usage.as_deref().is_some_and(|usage| usage != "sig");
        if other_alg || other_use {
            return Err(KeyError::Unsupported);
        }
        let parsed = parse(&jwk.material).ok_or(KeyError::Rejected(alg))?;
        let kid = jwk.kid.clone().unwrap_or_else(|| jwk.material.thumbprint());
        Ok(Self { alg, kid, jwk: jwk.clone(), parsed })
    }

    /// The one algorithm of this key.
    pub fn alg(&self) -> Alg {
        self.alg
    }

    /// The key's name.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The key as JSON.
    pub fn jwk(&self) -> &Jwk {
        &self.jwk
    }

    /// The claims of a token that this key signed and that shows everything that is expected.
    pub fn verify<C: DeserializeOwned>(&self, token: &str, expected: &Expected<'_>) -> Result<C, Refusal> {
        self.verify_with(token, expected, |expected, claims| expected.check(claims))
    }

    /// The same without `exp`, `nbf` and `iat`: for an `id_token_hint`, which may have expired
    /// (OpenID Connect Core 3.1.2.1), and for our own access tokens, whose time is looked at
    /// later. It proves what was meant, never that it still counts.
    pub(crate) fn verify_origin<C: DeserializeOwned>(
        &self,
        token: &str,
        expected: &Expected<'_>,
    ) -> Result<C, Refusal> {
        self.verify_with(token, expected, |expected, claims| expected.check_origin(claims))
    }

    /// Whether this key made this signature; nothing else is looked at.
    pub(crate) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }

    fn verify_with<C: DeserializeOwned>(
        &self,
        token: &str,
        expected: &Expected<'_>,
        check: fn(&Expected<'_>, &Registered) -> Result<(), Refusal>,
    ) -> Result<C, Refusal> {
        let compact = Compact::parse(token)?;
        if !self.alg.is_called(&compact.header.alg) {
            return Err(Refusal::OtherAlgorithm);
        }
        if compact.header.kid.as_deref().is_some_and(|kid| kid != self.kid) {
            return Err(Refusal::UnknownKey);
        }
        if compact.header.crit.is_some() {
            return Err(Refusal::CriticalExtension);
        }
        if !expected.typ.matches(compact.header.typ.as_deref()) {
            return Err(Refusal::OtherType);
        }
        self.parsed.verify_sig(compact.signing_input, &compact.signature).map_err(|_| Refusal::BadSignature)?;
        let registered = serde_json::from_slice(&compact.payload).map_err(|_| Refusal::Malformed)?;
        check(expected, &registered)?;
        serde_json::from_slice(&compact.payload).map_err(|_| Refusal::Malformed)
    }
}

fn parse(material: &KeyMaterial) -> Option<ParsedPublicKey> {
    let number = |text: &str| B64.decode(text).ok();
    match material {
        KeyMaterial::Ec { x, y, .. } => {
            let (x, y) = (number(x)?, number(y)?);
            let point = [&[4], x.as_slice(), y.as_slice()].concat();
            (x.len() == 32 && y.len() == 32).then_some(())?;
            parse_bytes(&ECDSA_P256_SHA256_FIXED, point)
        }
        KeyMaterial::Okp { x, .. } => parse_bytes(&ED25519, number(x)?),
        KeyMaterial::Rsa { n, e } => {
            let components = PublicKeyComponents { n: number(n)?, e: number(e)? };
            components.to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256).ok()
        }
    }
}

fn parse_bytes(algorithm: &'static dyn VerificationAlgorithm, bytes: Vec<u8>) -> Option<ParsedPublicKey> {
    UnparsedPublicKey::new(algorithm, bytes).parse().ok()
}
