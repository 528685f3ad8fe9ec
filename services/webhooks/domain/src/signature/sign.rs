use base64::{Engine, prelude::BASE64_STANDARD as B64};
use serde::{Deserialize, Serialize};

use super::{SigningKey, signed_content};

/// Which signatures a call carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signing {
    /// HMAC-SHA-256.
    #[default]
    V1,
    /// Ed25519.
    V1a,
    /// Both.
    Both,
}

impl Signing {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::V1, Self::V1a, Self::Both];

    /// The word in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V1a => "v1a",
            Self::Both => "both",
        }
    }

    const fn symmetric(self) -> bool {
        matches!(self, Self::V1 | Self::Both)
    }

    const fn asymmetric(self) -> bool {
        matches!(self, Self::V1a | Self::Both)
    }
}

/// The value of `webhook-signature` for one attempt: `timestamp` is the attempt's, in seconds since
/// 1970; `keys` are all that are live, newest first. `v1` comes first, as libraries that know only
/// that one look no further; single spaces, and nothing else in it.
pub fn sign<'k, K>(keys: K, signing: Signing, id: &str, timestamp: i64, body: &[u8]) -> String
where
    K: IntoIterator<Item = &'k SigningKey> + Clone,
{
    let content = signed_content(id, timestamp, body);
    let v1 = keys.clone().into_iter().filter(|_| signing.symmetric()).map(|key| ("v1", key.mac(&content)));
    let v1a = keys.into_iter().filter(|_| signing.asymmetric()).map(|key| ("v1a", key.signature(&content)));
    let entries: Vec<String> = v1.chain(v1a).map(|(version, made)| format!("{version},{}", B64.encode(made))).collect();
    entries.join(" ")
}
