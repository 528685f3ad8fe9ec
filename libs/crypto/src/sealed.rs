use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::KeyId;

/// The first byte of the binary form.
pub(crate) const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;

/// A field under XChaCha20-Poly1305. In JSON `{"key_id","nonce","ciphertext"}`, both base64url;
/// in bytes: version, length of the key id, key id, nonce, ciphertext and tag.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SealedField {
    /// The key that opens it.
    pub key_id: KeyId,
    /// 24 bytes, drawn for this one sealing.
    #[serde(serialize_with = "to_base64", deserialize_with = "nonce_from_base64")]
    pub nonce: [u8; NONCE],
    /// Ciphertext with its tag of 16 bytes at the end.
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    pub ciphertext: Vec<u8>,
}

/// Why a ciphertext does not open. None of them says anything about the plaintext.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenFailed {
    /// Sealed under a key with another name.
    #[error("sealed under another key")]
    OtherKey,
    /// Changed, moved from where it belongs, or sealed under another key of the same name.
    #[error("the ciphertext is not authentic here")]
    NotAuthentic,
    /// Not the binary form of a sealed field, or of a version that is not known.
    #[error("not a sealed field")]
    Malformed,
}

impl SealedField {
    /// The binary form, for a column of bytes or a protobuf field.
    pub fn to_bytes(&self) -> Vec<u8> {
        let id = self.key_id.as_str().as_bytes();
        let mut bytes = Vec::with_capacity(2 + id.len() + NONCE + self.ciphertext.len());
        // A key id has 64 characters at most, so its length fits.
        bytes.extend_from_slice(&[VERSION, id.len() as u8]);
        bytes.extend_from_slice(id);
        bytes.extend_from_slice(&self.nonce);
        bytes.extend_from_slice(&self.ciphertext);
        bytes
    }

    /// Reads the binary form.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, OpenFailed> {
        Self::split(bytes).ok_or(OpenFailed::Malformed)
    }

    fn split(bytes: &[u8]) -> Option<Self> {
        let (&[version, id_length], rest) = bytes.split_first_chunk::<2>()?;
        let (id, rest) = rest.split_at_checked(usize::from(id_length))?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE>()?;
        if version != VERSION || ciphertext.len() < TAG {
            return None;
        }
        let key_id = std::str::from_utf8(id).ok()?.parse().ok()?;
        Some(Self { key_id, nonce: *nonce, ciphertext: ciphertext.to_vec() })
    }
}

fn to_base64<S: Serializer>(bytes: impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&B64.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
    B64.decode(text.as_bytes()).map_err(|_| de::Error::custom("expected base64url without padding"))
}

fn nonce_from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; NONCE], D::Error> {
    from_base64(deserializer)?.try_into().map_err(|_| de::Error::custom("expected 24 bytes"))
}
