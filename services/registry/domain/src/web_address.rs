//! Web addresses of people and tenants: websites, logos, issuers. Redirect URIs have rules of
//! their own in `grantor-oauth`.

use url::{Host, Url};

/// A longer address is refused.
const MAX_BYTES: usize = 2000;

/// Why an address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefusal {
    /// Over 2000 bytes, or not a URL.
    #[error("is not a web address")]
    Malformed,
    /// Neither https nor http on loopback where that is allowed.
    #[error("must start with https://; http is for loopback addresses")]
    Scheme,
    /// `user@`, a query or a fragment where there may be none.
    #[error("must not have user information, a query or a fragment")]
    Parts,
    /// Written otherwise than a URL parser would write it.
    #[error("must be written in its normal form: lower-case host, no default port, no trailing slash")]
    Form,
}

/// An issuer or API base address, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `host` or `host:port`, as a browser sends it in `Host`.
    pub authority: String,
    /// What follows it; empty, or begins with `/` and does not end with one.
    pub path: String,
}

impl Origin {
    /// Reads a base address: https, or http on loopback (C25); no user information, query or
    /// fragment; in normal form, as it will be compared as a string (RFC 8414 3.3).
    pub fn parse(raw: &str) -> Result<Self, AddressRefusal> {
        let url = read(raw, true)?;
        if !url.username().is_empty() || url.password().is_some() || raw.contains(['?', '#', '@']) {
            return Err(AddressRefusal::Parts);
        }
        let authority = authority(&url).ok_or(AddressRefusal::Malformed)?;
        let path = url.path().trim_end_matches('/').to_owned();
        let normal = format!("{}://{authority}{path}", url.scheme());
        if normal == raw { Ok(Self { authority, path }) } else { Err(AddressRefusal::Form) }
    }
}

/// Checks the address of a website or a logo: https, or loopback http where `loopback_http`.
pub(crate) fn page(raw: &str, loopback_http: bool) -> Result<(), AddressRefusal> {
    let url = read(raw, loopback_http)?;
    if !url.username().is_empty() || url.password().is_some() { Err(AddressRefusal::Parts) } else { Ok(()) }
}

/// Checks a `Host` value: lower-case `host` or `host:port`.
pub(crate) fn host_and_port(raw: &str) -> bool {
    // A port of 80 is left out by browsers on http, one of 443 on https: both stay unwritten.
    let read = Url::parse(&format!("http://{raw}/")).ok();
    read.and_then(|url| authority(&url)).is_some_and(|normal| normal == raw && !raw.ends_with(":443"))
}

/// Whether a host, as in `Host` and with or without a port, is this machine.
pub fn is_loopback(authority: &str) -> bool {
    Url::parse(&format!("http://{authority}/")).is_ok_and(|url| loopback(&url))
}

/// Whether a host is an IPv4 address of this machine; a name is what a resolver makes of it.
pub(crate) fn is_loopback_address(host: &str) -> bool {
    let url = Url::parse(&format!("http://{host}/"));
    url.is_ok_and(|url| matches!(url.host(), Some(Host::Ipv4(address)) if address.is_loopback()))
}

fn read(raw: &str, loopback_http: bool) -> Result<Url, AddressRefusal> {
    let readable = raw.len() <= MAX_BYTES && !raw.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\');
    let url = if readable { Url::parse(raw) } else { return Err(AddressRefusal::Malformed) };
    let url = url.map_err(|_| AddressRefusal::Malformed)?;
    // A parser reads `https:evil.tld` as a host, so the raw text decides (C1).
    let https = raw.starts_with("https://");
    let http = raw.starts_with("http://") && loopback_http && loopback(&url);
    if https || http { Ok(url) } else { Err(AddressRefusal::Scheme) }
}

fn loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn authority(url: &Url) -> Option<String> {
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_read_in_its_normal_form_only() {
        let origin = |authority: &str, path: &str| Ok(Origin { authority: authority.into(), path: path.into() });
        assert_eq!(Origin::parse("https://id.example.com"), origin("id.example.com", ""));
        assert_eq!(Origin::parse("https://example.com:8443/t/bank"), origin("example.com:8443", "/t/bank"));
        assert_eq!(Origin::parse("http://[::1]:8080"), origin("[::1]:8080", ""));
        for raw in ["https://Example.com", "https://example.com/", "https://example.com:443", "https://a/../b"] {
            assert_eq!(Origin::parse(raw), Err(AddressRefusal::Form), "{raw}");
        }
        for raw in ["https://a.example?x=1", "https://a.example#x", "https://u@a.example"] {
            assert_eq!(Origin::parse(raw), Err(AddressRefusal::Parts), "{raw}");
        }
    }

    #[test]
    fn http_is_for_loopback() {
        for raw in ["http://example.com", "http://127.0.0.1.example.com", "ftp://a.example", "https:evil.tld"] {
            assert_eq!(Origin::parse(raw), Err(AddressRefusal::Scheme), "{raw}");
        }
        assert!(page("http://localhost:3000/logo.png", true).is_ok());
        assert_eq!(page("http://localhost:3000/logo.png", false), Err(AddressRefusal::Scheme));
        assert!(page("javascript:alert(1)", true).is_err());
        assert!(page("https://bank.example/?page=1#top", false).is_ok());
    }

    #[test]
    fn an_authority_is_what_a_browser_sends() {
        for good in ["example.com", "127.0.0.1:8080", "[::1]:8080", "id.localhost:9000", "xn--bcher-kva.example"] {
            assert!(host_and_port(good), "{good}");
        }
        for bad in ["", "Example.com", "example.com:80", "example.com:443", "a/b", "u@a", "a b", "a:99999", "a?b"] {
            assert!(!host_and_port(bad), "{bad}");
        }
    }
}
