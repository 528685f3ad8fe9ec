use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::key::{Key, KeyId};

/// A key for HMAC-SHA-256, derived from a tenant's key for one purpose.
#[derive(Clone)]
pub struct MacKey(Key);

impl MacKey {
    /// The expand step of HKDF (RFC 5869 2.3) for one block: the parent is uniformly random,
    /// so there is nothing to extract.
    pub(crate) fn derive(parent: &Key, label: &str) -> Self {
        let block = hmac(parent.expose(), &[b"grantor/v1/", label.as_bytes(), &[1]]);
        let id: KeyId = parent.id.clone();
        Self(Key::from_slice(id, &block).expect("HMAC-SHA-256 gives 32 bytes"))
    }

    /// A key that is what it is, not derived.
    pub(crate) fn whole(key: Key) -> Self {
        Self(key)
    }

    pub(crate) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }

    /// HMAC-SHA-256 of a message as it is (RFC 2104), for forms that others define.
    pub fn hmac_sha256(&self, message: &[u8]) -> [u8; 32] {
        hmac(self.0.expose(), &[message])
    }

    /// The keyed hash of these parts. Each is counted with its length, so that `["ab", "c"]`
    /// and `["a", "bc"]` differ.
    pub fn mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let lengths: Vec<[u8; 8]> = parts.iter().map(|part| (part.len() as u64).to_be_bytes()).collect();
        let framed: Vec<&[u8]> =
            lengths.iter().zip(parts).flat_map(|(length, part)| [length.as_slice(), *part]).collect();
        hmac(self.0.expose(), &framed)
    }
}

impl fmt::Debug for MacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MacKey(..)")
    }
}

/// The keyed hash by which a value with little entropy (an e-mail address, an IP address) is
/// found or counted without being stored. The caller brings it to its canonical form first.
pub fn lookup_hash(key: &MacKey, value: &str) -> [u8; 32] {
    key.mac(&[value.as_bytes()])
}

fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
