use aws_lc_rs::{
    hmac,
    signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey},
};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// How many random bytes a key is made from.
pub const SIGNING_KEY_BYTES: usize = 64;

const HALF: usize = 32;
const SECRET: &str = "whsec_";
const PUBLIC: &str = "whpk_";

/// Why something is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// Not as many bytes as a key has.
    #[error("a key has another length")]
    Length,
    /// Neither `whsec_` nor `whpk_` and base64 (RFC 4648 4).
    #[error("a key is written as whsec_ or whpk_ and base64")]
    Form,
}

/// One key of an endpoint: the secret of `v1` and the private key of `v1a`, so that an endpoint's
/// owner can go from one to the other without a rotation. Does not print; wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SigningKey {
    bytes: [u8; SIGNING_KEY_BYTES],
}

impl SigningKey {
    /// The key made from these bytes, which must be random.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, KeyRefusal> {
        Ok(Self { bytes: bytes.try_into().map_err(|_| KeyRefusal::Length)? })
    }

    /// The bytes: for sealing, and nothing else.
    pub fn expose(&self) -> &[u8; SIGNING_KEY_BYTES] {
        &self.bytes
    }

    /// `whsec_…`, which the receiver needs for `v1`.
    pub fn secret(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("{SECRET}{}", B64.encode(&self.bytes[..HALF])))
    }

    /// `whpk_…`, which the receiver needs for `v1a`. No secret.
    pub fn public_key(&self) -> String {
        format!("{PUBLIC}{}", B64.encode(self.pair().public_key().as_ref()))
    }

    pub(super) fn mac(&self, content: &[u8]) -> Vec<u8> {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &self.bytes[..HALF]), content).as_ref().to_vec()
    }

    pub(super) fn signature(&self, content: &[u8]) -> Vec<u8> {
        self.pair().sign(content).as_ref().to_vec()
    }

    fn pair(&self) -> Ed25519KeyPair {
        Ed25519KeyPair::from_seed_unchecked(&self.bytes[HALF..]).expect("every 32 bytes are a seed of Ed25519")
    }
}

/// What a receiver checks with.
pub enum Verifier {
    /// The secret of `v1`.
    Secret(Zeroizing<Vec<u8>>),
    /// The public key of `v1a`.
    Public(Vec<u8>),
}

impl Verifier {
    /// Reads `whsec_…` or `whpk_…`.
    pub fn parse(text: &str) -> Result<Self, KeyRefusal> {
        let read = |digits: &str| B64.decode(digits).map_err(|_| KeyRefusal::Form);
        if let Some(digits) = text.strip_prefix(SECRET) {
            // The specification: 24 to 64 bytes.
            let secret = Zeroizing::new(read(digits)?);
            return if (24..=64).contains(&secret.len()) { Ok(Self::Secret(secret)) } else { Err(KeyRefusal::Length) };
        }
        let public = read(text.strip_prefix(PUBLIC).ok_or(KeyRefusal::Form)?)?;
        if public.len() == HALF { Ok(Self::Public(public)) } else { Err(KeyRefusal::Length) }
    }

    /// Whether one entry of the header, such as `v1,…`, is this key's signature of the content.
    pub(super) fn accepts(&self, version: &str, signature: &[u8], content: &[u8]) -> bool {
        match (self, version) {
            (Self::Secret(secret), "v1") => {
                hmac::verify(&hmac::Key::new(hmac::HMAC_SHA256, secret), content, signature).is_ok()
            }
            (Self::Public(public), "v1a") => {
                UnparsedPublicKey::new(&ED25519, public).verify(content, signature).is_ok()
            }
            _ => false,
        }
    }
}
