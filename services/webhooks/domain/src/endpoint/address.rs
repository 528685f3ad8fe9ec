use url::{Host, Url};

/// A longer address is refused.
pub const MAX_URL_BYTES: usize = 2048;

/// Ports that every tenant may call.
const PORTS: [u16; 2] = [443, 8443];

/// Why an endpoint's address is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressRefusal {
    /// Over 2,048 bytes, or no URL at all.
    #[error("is not a web address of at most 2048 bytes")]
    Malformed,
    /// Not https, and not http on loopback where that is allowed.
    #[error("must start with https://")]
    Scheme,
    /// `user@` would end up in logs, a fragment nowhere.
    #[error("must not have a user name, a password or a fragment")]
    Parts,
    /// Another port than 443 and 8443.
    #[error("must have the port 443 or 8443")]
    Port,
    /// A name without a dot, or with one at its end, is looked up differently from place to place.
    #[error("must name a host of the internet")]
    Host,
}

/// Where endpoints of a tenant may be. What a name leads to is judged when it is called, every
/// time anew; here only what can be seen from the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// Https on port 443 or 8443.
    Internet,
    /// Nothing at this tenant is real: http on loopback is good as well, and so is any port.
    Tests,
}

impl Where {
    /// The address in its normal form (WHATWG URL): lower-case host, no default port.
    pub fn address(self, raw: &str) -> Result<String, AddressRefusal> {
        let odd = |c: char| c.is_control() || c.is_whitespace() || c == '\\';
        if raw.len() > MAX_URL_BYTES || raw.chars().any(odd) {
            return Err(AddressRefusal::Malformed);
        }
        // The parser reads `https:evil.example` as a host, so the raw text decides.
        let scheme = raw.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
        let url = Url::parse(raw).map_err(|_| AddressRefusal::Malformed)?;
        match scheme.as_deref() {
            Some("https") => {}
            Some("http") if self == Self::Tests && is_loopback(&url) => {}
            _ => return Err(AddressRefusal::Scheme),
        }
        if !url.username().is_empty() || url.password().is_some() || raw.contains(['#', '@']) {
            return Err(AddressRefusal::Parts);
        }
        if self == Self::Internet && !url.port_or_known_default().is_some_and(|port| PORTS.contains(&port)) {
            return Err(AddressRefusal::Port);
        }
        if self == Self::Internet && !is_of_the_internet(&url) {
            return Err(AddressRefusal::Host);
        }
        if url.as_str().len() > MAX_URL_BYTES { Err(AddressRefusal::Malformed) } else { Ok(url.into()) }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn is_of_the_internet(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.contains('.') && !name.ends_with('.') && !is_loopback(url),
        // Which of them may be called is for who calls them.
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => true,
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_in_its_normal_form() {
        for (raw, normal) in [
            ("https://Example.COM:443/hooks?x=1", "https://example.com/hooks?x=1"),
            ("HTTPS://example.com", "https://example.com/"),
            ("https://example.com:8443/a/../b", "https://example.com:8443/b"),
            ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ] {
            assert_eq!(Where::Internet.address(raw).as_deref(), Ok(normal), "{raw}");
        }
    }

    #[test]
    fn only_https_to_a_host_of_the_internet_is_called() {
        for (raw, refusal) in [
            ("http://example.com/", AddressRefusal::Scheme),
            ("http://127.0.0.1:9000/", AddressRefusal::Scheme),
            ("https:evil.example", AddressRefusal::Scheme),
            ("ftp://example.com/", AddressRefusal::Scheme),
            ("https://user@example.com/", AddressRefusal::Parts),
            ("https://user:password@example.com/", AddressRefusal::Parts),
            ("https://example.com/#x", AddressRefusal::Parts),
            ("https://example.com:22/", AddressRefusal::Port),
            ("https://localhost/", AddressRefusal::Host),
            ("https://intranet/", AddressRefusal::Host),
            ("https://example.com./", AddressRefusal::Host),
            ("https://a.localhost/", AddressRefusal::Host),
            ("https://exa mple.com/", AddressRefusal::Malformed),
            ("https://example.com\\@evil.example/", AddressRefusal::Malformed),
            ("https://", AddressRefusal::Malformed),
            ("", AddressRefusal::Malformed),
        ] {
            assert_eq!(Where::Internet.address(raw), Err(refusal), "{raw}");
        }
        let long = format!("https://example.com/{}", "a".repeat(MAX_URL_BYTES));
        assert_eq!(Where::Internet.address(&long), Err(AddressRefusal::Malformed));
    }

    #[test]
    fn a_tenant_for_tests_calls_this_machine() {
        for raw in ["http://127.0.0.1:9000/hook", "http://[::1]:9000/", "http://hooks.localhost:1/", "https://a.b:99/"]
        {
            assert!(Where::Tests.address(raw).is_ok(), "{raw}");
        }
        assert_eq!(Where::Tests.address("http://example.com/"), Err(AddressRefusal::Scheme));
        assert_eq!(Where::Tests.address("http://127.0.0.1.example.com/"), Err(AddressRefusal::Scheme));
    }
}
