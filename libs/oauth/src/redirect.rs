//! Redirect URIs: compared as raw strings, never as parsed forms (C1). A URL parser reads
//! `https:evil.tld` as a host, so a parsed comparison would trust what was not registered.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{
    RedirectRefusal, RegistrationRule,
    redirect_rule::{self, loopback_parts},
};

/// Everything but RFC 3986's unreserved characters is encoded, a space as `%20`, which both
/// form decoding and plain percent decoding read back.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A redirect URI exactly as it was registered or presented.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct RedirectUri(String);

impl RedirectUri {
    /// Accepts a redirect URI for registration (C3).
    pub fn register(raw: &str, rule: RegistrationRule) -> Result<Self, RedirectRefusal> {
        redirect_rule::check(raw, rule)?;
        Ok(Self(raw.to_owned()))
    }

    /// The presented URI, if it is one of the registered ones (see [`matches`]).
    pub fn pick(registered: &[Self], presented: &str, native: bool) -> Option<Self> {
        registered.iter().any(|known| matches(known.as_str(), presented, native)).then(|| Self(presented.to_owned()))
    }

    /// The raw string.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The URI with parameters appended in the given order, its own query kept
    /// (RFC 6749 4.1.2).
    pub fn with_query<'a>(&self, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        append_query(&self.0, pairs)
    }

    /// What `form-action` of a content security policy must name so that a browser follows a
    /// redirect here (C18): `https://host[:port]`, or `scheme:` for a private-use scheme.
    pub fn origin(&self) -> &str {
        let authority_at = if self.0.starts_with("https://") {
            "https://".len()
        } else if self.0.starts_with("http://") {
            "http://".len()
        } else {
            return self.0.find(':').map_or(self.0.as_str(), |colon| &self.0[..=colon]);
        };
        let end = self.0[authority_at..].find(['/', '?']).map_or(self.0.len(), |at| authority_at + at);
        &self.0[..end]
    }
}

/// Appends parameters to a URI that has no fragment, keeping its query.
pub fn append_query<'a>(uri: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = uri.to_owned();
    for (name, value) in pairs {
        match out.find('?') {
            None => out.push('?'),
            Some(_) if out.ends_with(['?', '&']) => {}
            Some(_) => out.push('&'),
        }
        out.extend(utf8_percent_encode(name, QUERY_VALUE));
        out.push('=');
        out.extend(utf8_percent_encode(value, QUERY_VALUE));
    }
    out
}

/// Whether the presented redirect URI is the registered one: byte for byte, except that the
/// port of a native client's loopback URI is free (RFC 8252 7.3).
pub fn matches(registered: &str, presented: &str, native: bool) -> bool {
    if registered == presented {
        return true;
    }
    native && matches!((loopback_parts(registered), loopback_parts(presented)), (Some(a), Some(b)) if a == b)
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Stored values were checked when they were registered, against a rule that may have been
/// another; what no rule would accept is still refused.
impl<'de> Deserialize<'de> for RedirectUri {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        redirect_rule::check(&raw, RegistrationRule::WIDEST).map_err(de::Error::custom)?;
        Ok(Self(raw))
    }
}
