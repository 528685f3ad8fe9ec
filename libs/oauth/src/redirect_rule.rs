//! Which redirect URIs may be registered (C3, RFC 9700 2.6, RFC 8252 7).

/// A longer redirect URI is refused.
pub const MAX_REDIRECT_BYTES: usize = 2048;

/// Parameters that we append; a registered query that already has one would make an answer
/// with a repeated parameter.
const OURS: [&str; 9] =
    ["code", "state", "iss", "error", "error_description", "error_uri", "error_code", "success", "cancel"];

/// What kinds of redirect URI a client may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrationRule {
    /// Private-use schemes and loopback http are allowed (RFC 8252 7.1, 7.3).
    pub native: bool,
    /// Loopback http is allowed although the client is not native.
    pub loopback_http: bool,
}

impl RegistrationRule {
    /// Accepts everything that some client may have.
    pub const WIDEST: Self = Self { native: true, loopback_http: true };

    /// The rule of C3: loopback http for native clients, and for confidential clients of a
    /// tenant that was created as development.
    pub const fn for_client(native: bool, confidential: bool, development: bool) -> Self {
        Self { native, loopback_http: native || (confidential && development) }
    }
}

/// Why a redirect URI may not be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectRefusal {
    /// Empty, or longer than 2048 bytes.
    #[error("a redirect URI must have between 1 and 2048 characters")]
    Length,
    /// White space, a control character, a backslash or another character no URI has.
    #[error("a redirect URI must not contain white space, backslashes or other characters outside RFC 3986")]
    Character,
    /// A `#`.
    #[error("a redirect URI must not have a fragment")]
    Fragment,
    /// A `*`.
    #[error("a redirect URI must not contain a wildcard")]
    Wildcard,
    /// `user@` before the host.
    #[error("a redirect URI must not contain user information")]
    UserInfo,
    /// http off loopback, or loopback http for a client that may not have it.
    #[error("a redirect URI must use https; http is for loopback addresses of native or development clients")]
    Http,
    /// `javascript:`, `data:`, a scheme without a dot, or a private-use scheme of a client that
    /// is not native.
    #[error("the scheme of the redirect URI is not allowed")]
    Scheme,
    /// No host, or a host that a URL parser reads differently.
    #[error("the host of the redirect URI is missing or malformed")]
    Host,
    /// The query has a parameter that answers carry.
    #[error("the query of the redirect URI contains a parameter that answers use, such as code or state")]
    ReservedParameter,
}

pub(crate) fn check(raw: &str, rule: RegistrationRule) -> Result<(), RedirectRefusal> {
    if raw.is_empty() || raw.len() > MAX_REDIRECT_BYTES {
        return Err(RedirectRefusal::Length);
    }
    if !raw.bytes().all(|b| b.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&b)) {
        return Err(RedirectRefusal::Character);
    }
    if raw.contains('#') {
        return Err(RedirectRefusal::Fragment);
    }
    if raw.contains('*') {
        return Err(RedirectRefusal::Wildcard);
    }
    if reserved_parameter(raw) {
        return Err(RedirectRefusal::ReservedParameter);
    }
    if let Some(rest) = raw.strip_prefix("https://") {
        return host(raw, rest);
    }
    if let Some(rest) = raw.strip_prefix("http://") {
        let allowed = rule.loopback_http && loopback_parts(raw).is_some();
        return if allowed { host(raw, rest) } else { Err(RedirectRefusal::Http) };
    }
    if rule.native { private_use(raw) } else { Err(RedirectRefusal::Scheme) }
}

fn authority(rest: &str) -> &str {
    &rest[..rest.find(['/', '?']).unwrap_or(rest.len())]
}

/// The raw authority must be what a URL parser, and so a browser, takes for it.
fn host(raw: &str, rest: &str) -> Result<(), RedirectRefusal> {
    let authority = authority(rest);
    if authority.contains('@') {
        return Err(RedirectRefusal::UserInfo);
    }
    let parsed = url::Url::parse(raw).map_err(|_| RedirectRefusal::Host)?;
    let name = parsed.host_str().ok_or(RedirectRefusal::Host)?;
    // A parser lets `;`, `,` and `'` pass, which are words of the policies that name this host.
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._[:]".contains(&b)) {
        return Err(RedirectRefusal::Host);
    }
    let port = authority.strip_prefix(name).ok_or(RedirectRefusal::Host)?;
    let plain = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    if plain { Ok(()) } else { Err(RedirectRefusal::Host) }
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// `com.example.app:/callback` (RFC 8252 7.1): lower case, at least one dot, a path.
fn private_use(raw: &str) -> Result<(), RedirectRefusal> {
    let (scheme, rest) = raw.split_once(':').ok_or(RedirectRefusal::Scheme)?;
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
    let labels = scheme.split('.').all(|label| !label.is_empty());
    let reverse_domain = scheme.contains('.') && labels && scheme.starts_with(|c: char| c.is_ascii_lowercase());
    if !reverse_domain || !scheme.bytes().all(fits) || !rest.starts_with('/') {
        return Err(RedirectRefusal::Scheme);
    }
    match rest.strip_prefix("//").map(authority) {
        Some(authority) if authority.contains('@') => Err(RedirectRefusal::UserInfo),
        _ => Ok(()),
    }
}

fn reserved_parameter(raw: &str) -> bool {
    let query = raw.split_once('?').map_or("", |(_, query)| query);
    form_urlencoded::parse(query.as_bytes()).any(|(name, _)| OURS.contains(&name.as_ref()))
}

/// A loopback http URI without its port: the host, and what follows the port.
pub(crate) fn loopback_parts(raw: &str) -> Option<(&str, &str)> {
    let rest = raw.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]", "localhost"].into_iter().find(|host| rest.starts_with(host))?;
    let after = &rest[host.len()..];
    let tail_at = after.find(['/', '?']).unwrap_or(after.len());
    let (port, tail) = after.split_at(tail_at);
    let plain = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    plain.then_some((host, tail))
}
