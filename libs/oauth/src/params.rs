//! Request parameters: a query string, a form body or a JSON object as ordered pairs.

use std::fmt;

use crate::{ErrorCode, JsonRefusal, ProtocolError, parse_json};

/// More parameters than this are refused.
pub const MAX_PARAMS: usize = 64;
/// Longer names are refused.
pub const MAX_NAME_BYTES: usize = 256;
/// Longer values are refused.
pub const MAX_VALUE_BYTES: usize = 8 * 1024;

/// Parameters that their RFCs let repeat (RFC 8707 2, RFC 8693 2.1).
const MAY_REPEAT: [&str; 2] = ["resource", "audience"];

/// Why a query or body is not a list of parameters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamsRefusal {
    /// RFC 6749 3.1 and 3.2: a parameter was sent more than once.
    #[error("the parameter '{0}' was sent more than once")]
    Repeated(String),
    /// `%` without two hexadecimal digits.
    #[error("a parameter is not percent-encoded correctly")]
    Encoding,
    /// The decoded bytes are not UTF-8.
    #[error("a parameter is not valid UTF-8")]
    Utf8,
    /// More than [`MAX_PARAMS`].
    #[error("there are more than 64 parameters")]
    TooMany,
    /// A name over [`MAX_NAME_BYTES`].
    #[error("a parameter name is too long")]
    NameTooLong,
    /// A value over [`MAX_VALUE_BYTES`].
    #[error("the value of '{0}' is too long")]
    ValueTooLong(String),
    /// The JSON body cannot be read.
    #[error("the body is not acceptable JSON: {0}")]
    Json(#[from] JsonRefusal),
    /// The JSON body is no object.
    #[error("the body must be a JSON object")]
    NoObject,
    /// A JSON member is not a string.
    #[error("the member '{0}' must be a string")]
    NoString(String),
}

impl From<ParamsRefusal> for ProtocolError {
    fn from(refusal: ParamsRefusal) -> Self {
        ErrorCode::InvalidRequest.because(refusal.to_string())
    }
}

/// Name/value pairs in the order they were sent. Parameters without a value are left out: they
/// count as omitted (RFC 6749 3.1). Values may be secrets, so `Debug` prints names only.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params {
    pairs: Vec<(String, String)>,
    repeated: Vec<String>,
}

impl Params {
    /// Reads a query string (without `?`) or an `application/x-www-form-urlencoded` body.
    /// `+` and `%20` are spaces. A repeated name is refused, even when one of them is empty.
    pub fn parse(raw: impl AsRef<[u8]>) -> Result<Self, ParamsRefusal> {
        let params = Self::parse_noting_repeats(raw)?;
        match params.repeated.first() {
            Some(name) => Err(ParamsRefusal::Repeated(name.clone())),
            None => Ok(params),
        }
    }

    /// As [`Params::parse`], but repeated names are noted (see [`Params::repeated`]) and left
    /// out. For the authorize endpoint, which reports them to the redirect URI once it is
    /// trusted (RFC 6749 4.1.2.1).
    pub fn parse_noting_repeats(raw: impl AsRef<[u8]>) -> Result<Self, ParamsRefusal> {
        let mut read = Vec::new();
        for piece in raw.as_ref().split(|b| *b == b'&').filter(|piece| !piece.is_empty()) {
            if read.len() == MAX_PARAMS {
                return Err(ParamsRefusal::TooMany);
            }
            let mut halves = piece.splitn(2, |b| *b == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            let value = decode(halves.next().unwrap_or_default())?;
            read.push(bounded(name, value)?);
        }
        Ok(Self::from_pairs(read))
    }

    /// Reads a JSON object whose members are all strings; `null` counts as omitted. Repeated
    /// members are refused.
    pub fn parse_json(body: &[u8]) -> Result<Self, ParamsRefusal> {
        let serde_json::Value::Object(members) = parse_json(body, 64 * 1024, 4)? else {
            return Err(ParamsRefusal::NoObject);
        };
        if members.len() > MAX_PARAMS {
            return Err(ParamsRefusal::TooMany);
        }
        let mut read = Vec::new();
        for (name, value) in members {
            match value {
                serde_json::Value::String(value) => read.push(bounded(name, value)?),
                serde_json::Value::Null => {}
                _ => return Err(ParamsRefusal::NoString(printable(&name))),
            }
        }
        Ok(Self::from_pairs(read))
    }

    fn from_pairs(read: Vec<(String, String)>) -> Self {
        let mut repeated: Vec<String> = Vec::new();
        for (at, (name, _)) in read.iter().enumerate() {
            let again = read[..at].iter().any(|(earlier, _)| earlier == name);
            if again && !MAY_REPEAT.contains(&name.as_str()) && !repeated.contains(name) {
                repeated.push(name.clone());
            }
        }
        let pairs = read.into_iter().filter(|(name, value)| !value.is_empty() && !repeated.contains(name)).collect();
        Self { pairs, repeated: repeated.iter().map(|name| printable(name)).collect() }
    }

    /// The value of a parameter, if it was sent with one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All values of a parameter that may repeat (`resource`, `audience`).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value of a parameter, or `invalid_request` naming it.
    pub fn required(&self, name: &str) -> Result<&str, ProtocolError> {
        self.get(name).ok_or_else(|| ProtocolError::invalid_request(format!("the parameter '{name}' is missing")))
    }

    /// Names that came more than once; empty after [`Params::parse`].
    pub fn repeated(&self) -> &[String] {
        &self.repeated
    }

    /// The pairs in the order sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether no parameter has a value.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }
}

impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.pairs.iter().map(|(name, _)| name)).finish()
    }
}

fn bounded(name: String, value: String) -> Result<(String, String), ParamsRefusal> {
    if name.len() > MAX_NAME_BYTES {
        return Err(ParamsRefusal::NameTooLong);
    }
    if value.len() > MAX_VALUE_BYTES {
        return Err(ParamsRefusal::ValueTooLong(printable(&name)));
    }
    Ok((name, value))
}

/// Names come from the caller and go into error texts: keep them short.
fn printable(name: &str) -> String {
    crate::sanitise(&name.chars().take(40).collect::<String>())
}

/// Form decoding (WHATWG URL 5.1) that refuses what that algorithm would repair.
pub(crate) fn decode(raw: &[u8]) -> Result<String, ParamsRefusal> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.iter();
    while let Some(&byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hex(rest.next())? * 16 + hex(rest.next())?,
            other => other,
        });
    }
    String::from_utf8(bytes).map_err(|_| ParamsRefusal::Utf8)
}

fn hex(digit: Option<&u8>) -> Result<u8, ParamsRefusal> {
    let value = digit.and_then(|d| char::from(*d).to_digit(16)).ok_or(ParamsRefusal::Encoding)?;
    u8::try_from(value).map_err(|_| ParamsRefusal::Encoding)
}
