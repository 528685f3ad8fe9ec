use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use serde::{Deserialize, Deserializer, Serialize};

use crate::Refusal;

/// Longer tokens are refused unread, in bytes.
const MAX_LENGTH: usize = 16 * 1024;

/// What a token says about itself (RFC 7515 4.1). Hints such as `jwk`, `jku` and `x5c` are not
/// read: a token does not bring the key it is checked with (RFC 8725 3.5, 3.10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The algorithm's name; `none` and others we do not speak included.
    pub alg: String,
    /// The kind of token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub typ: Option<String>,
    /// The name of the key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// Extensions that must be understood. We understand none.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub(crate) crit: Option<serde_json::Value>,
}

/// `"crit":null` is a `crit` too.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<serde_json::Value>, D::Error> {
    serde_json::Value::deserialize(deserializer).map(Some)
}

/// A compact serialisation cut into its parts; nothing checked yet.
pub(crate) struct Compact<'a> {
    pub header: Header,
    pub payload: Vec<u8>,
    pub signing_input: &'a [u8],
    pub signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    pub fn parse(token: &'a str) -> Result<Self, Refusal> {
        if token.len() > MAX_LENGTH {
            return Err(Refusal::Malformed);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(Refusal::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(Refusal::Malformed)?;
        if payload.contains('.') {
            return Err(Refusal::Malformed);
        }
        Ok(Self {
            header: serde_json::from_slice(&decode(header)?).map_err(|_| Refusal::Malformed)?,
            payload: decode(payload)?,
            signing_input: signing_input.as_bytes(),
            signature: decode(signature)?,
        })
    }
}

fn decode(part: &str) -> Result<Vec<u8>, Refusal> {
    B64.decode(part).map_err(|_| Refusal::Malformed)
}

/// The header of a token, unchecked: good for choosing the key to check with, for nothing else.
pub fn peek_header(token: &str) -> Result<Header, Refusal> {
    Compact::parse(token).map(|compact| compact.header)
}
