//! A request before and an answer after it has met the wire.

use grantor_oauth::{ErrorCode, ProtocolError};
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use crate::Profile;

/// The parts of an HTTP request that parsing looks at. All of them may hold secrets, so it
/// does not print.
#[derive(Clone, Copy, Default)]
pub struct Incoming<'a> {
    /// The `Content-Type` header.
    pub content_type: Option<&'a str>,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
    /// The raw query, without `?`.
    pub query: Option<&'a str>,
    /// The body, already bounded.
    pub body: &'a [u8],
}

/// An answer to a machine: status, headers and body as they go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireAnswer {
    /// The HTTP status.
    pub status: u16,
    /// Headers in order; always `Cache-Control: no-store` (RFC 6749 5.1).
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty for 204.
    pub body: Vec<u8>,
}

impl WireAnswer {
    /// A JSON answer whose members keep their order.
    pub(crate) fn json<N: AsRef<str>>(status: u16, members: Vec<(N, Value)>) -> Self {
        let body = serde_json::to_vec(&Ordered(members)).expect("JSON values always serialise");
        let mut answer = Self::empty(status);
        answer.headers.insert(0, ("Content-Type", "application/json".to_owned()));
        answer.body = body;
        answer
    }

    pub(crate) fn empty(status: u16) -> Self {
        let headers = vec![("Cache-Control", "no-store".to_owned()), ("Pragma", "no-cache".to_owned())];
        Self { status, headers, body: Vec::new() }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A JSON object with its members in the given order.
struct Ordered<N>(Vec<(N, Value)>);

impl<N: AsRef<str>> Serialize for Ordered<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name.as_ref(), value)?;
        }
        map.end()
    }
}

impl Profile {
    /// The answer of the token endpoint to a refused request (RFC 6749 5.2). Introspection and
    /// revocation by RFC 7009 answer alike. `invalid_client` carries a Basic challenge (RFC 9110
    /// 11.6.1 requires one with every 401).
    pub fn token_error(&self, error: &ProtocolError) -> WireAnswer {
        self.error_answer(error, error.code().token_status())
    }

    /// As [`Profile::token_error`] with another status: knob 38, or 415 for a wrong content
    /// type.
    pub fn error_answer(&self, error: &ProtocolError, status: u16) -> WireAnswer {
        let mut members = vec![("error", Value::from(error.code().as_str()))];
        if !error.description().is_empty() {
            members.push(("error_description", error.description().into()));
        }
        let mut answer = WireAnswer::json(status, members);
        if status == 401 && error.code() == ErrorCode::InvalidClient {
            answer.headers.push(("WWW-Authenticate", "Basic realm=\"token\", charset=\"UTF-8\"".to_owned()));
        }
        if status == 503 {
            answer.headers.push(("Retry-After", "1".to_owned()));
        }
        answer
    }
}
