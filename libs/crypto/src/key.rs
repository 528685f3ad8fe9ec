use std::{fmt, str::FromStr, sync::Arc};

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use secrecy::{ExposeSecret, SecretBox};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Context, OpenFailed, SealedField, digest::fill, random_bytes, sealed};

/// The name of a key: 1 to 64 characters of `A–Z a–z 0–9 . _ -`. No secret.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

/// The text cannot name a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a key id has 1 to 64 characters of A-Z a-z 0-9 . _ -")]
pub struct MalformedKeyId;

impl KeyId {
    /// A random name.
    pub(crate) fn random() -> Self {
        Self(random_bytes::<16>().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for KeyId {
    type Err = MalformedKeyId;

    fn from_str(text: &str) -> Result<Self, MalformedKeyId> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        if (1..=64).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedKeyId)
        }
    }
}

impl TryFrom<String> for KeyId {
    type Error = MalformedKeyId;

    fn try_from(text: String) -> Result<Self, MalformedKeyId> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(id: KeyId) -> Self {
        id.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// 256 bits with a name. Clones share the memory, which is wiped when the last one goes.
#[derive(Clone)]
pub(crate) struct Key {
    pub id: KeyId,
    bytes: Arc<SecretBox<[u8; 32]>>,
}

impl Key {
    pub fn random(id: KeyId) -> Self {
        Self { id, bytes: Arc::new(SecretBox::init_with_mut(|bytes: &mut [u8; 32]| fill(bytes))) }
    }

    /// A key of exactly 32 bytes.
    pub fn from_slice(id: KeyId, slice: &[u8]) -> Option<Self> {
        if slice.len() != 32 {
            return None;
        }
        let bytes = SecretBox::init_with_mut(|bytes: &mut [u8; 32]| bytes.copy_from_slice(slice));
        Some(Self { id, bytes: Arc::new(bytes) })
    }

    pub fn expose(&self) -> &[u8; 32] {
        self.bytes.expose_secret()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.expose().into())
    }

    pub fn seal(&self, context: &Context<'_>, plain: &[u8]) -> SealedField {
        let nonce = random_bytes::<24>();
        let aad = context.associated_data(sealed::VERSION, &self.id);
        let ciphertext = self
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad })
            .expect("only plaintexts beyond 256 GiB cannot be sealed");
        SealedField { key_id: self.id.clone(), nonce, ciphertext }
    }

    pub fn open(&self, context: &Context<'_>, field: &SealedField) -> Result<Zeroizing<Vec<u8>>, OpenFailed> {
        if field.key_id != self.id {
            return Err(OpenFailed::OtherKey);
        }
        let aad = context.associated_data(sealed::VERSION, &self.id);
        let payload = Payload { msg: &field.ciphertext, aad: &aad };
        let plain = self.cipher().decrypt(&XNonce::from(field.nonce), payload);
        plain.map(Zeroizing::new).map_err(|_| OpenFailed::NotAuthentic)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id.0).finish_non_exhaustive()
    }
}
