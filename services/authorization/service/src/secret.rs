use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use grantor_crypto::sha256;
use grantor_ports::{Entropy, EntropyExt};

/// 256 random bits that only a browser holds: the id of a visit, the value of a cookie. The
/// store knows its SHA-256.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub fn fresh(entropy: &dyn Entropy) -> Self {
        Self(B64.encode(entropy.bytes::<32>()))
    }

    /// What a browser sent, if it has the form of one.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = B64.decode(text).ok()?;
        (bytes.len() == 32).then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How the store knows it.
    pub fn digest(&self) -> [u8; 32] {
        sha256(&self.0)
    }

    /// Another value that only who holds this one can know, such as a form's token.
    pub fn derive(&self, label: &str, about: &str) -> String {
        B64.encode(sha256(format!("{label}\n{about}\n{}", self.0)))
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(..)")
    }
}
