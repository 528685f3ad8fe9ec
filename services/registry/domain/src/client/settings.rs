//! What a client's settings may be.

use std::fmt;

use grantor_oauth::{RedirectRefusal, RedirectUri, RegistrationRule};

use super::{Kind, Settings};
use crate::{AddressRefusal, Origin, TextRefusal, text, web_address};

/// Characters of a client's name, at most.
pub const MAX_NAME_CHARS: usize = 80;
/// Redirect URIs of a client, at most.
pub const MAX_REDIRECT_URIS: usize = 20;

/// What the tenant allows its clients.
#[derive(Debug, Clone, Copy)]
pub struct Limits<'a> {
    /// What kind of program it is.
    pub kind: Kind,
    /// The tenant was created as development (C3).
    pub development: bool,
    /// A developer gave the settings, so that somebody has to review them: a website, a redirect
    /// URI and a scope are needed, and the name must not imply the tenant (FF-03).
    pub reviewed: bool,
    /// The tenant's name.
    pub tenant_name: &'a str,
    /// The scopes of the tenant's profile (C32).
    pub scopes: &'a [&'a str],
    /// Whether clients of the tenant may sign who they are (`private_key_jwt`).
    pub assertions: bool,
    /// The ID token algorithms of the tenant's profile.
    pub algorithms: &'a [&'a str],
}

/// What is wrong with a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// The name is empty, too long or has characters it may not have.
    Name(TextRefusal),
    /// The name implies that the tenant built the client (FF-03).
    NameImpliesTenant,
    /// The website is no address that may be shown.
    Website(AddressRefusal),
    /// There is no website.
    WebsiteMissing,
    /// The logo is at no address that may be shown.
    LogoUrl(AddressRefusal),
    /// There is no redirect URI.
    RedirectUrisMissing,
    /// There are more than [`MAX_REDIRECT_URIS`].
    RedirectUrisTooMany,
    /// The redirect URI at this index may not be registered.
    RedirectUri(usize, RedirectRefusal),
    /// The redirect URI at this index is there twice.
    RedirectUriTwice(usize),
    /// There are more than [`MAX_REDIRECT_URIS`].
    PostLogoutTooMany,
    /// The post-logout redirect URI at this index may not be registered.
    PostLogout(usize, RedirectRefusal),
    /// There are more than [`MAX_REDIRECT_URIS`].
    OriginsTooMany,
    /// The origin at this index is none, or is there twice.
    Origin(usize),
    /// There is no scope.
    ScopesMissing,
    /// The scope at this index is not the tenant's, or is there twice.
    Scope(usize),
    /// Keys of a client that does not authenticate, or of a tenant that takes no assertions.
    Jwks,
    /// Not an algorithm of the tenant.
    IdTokenAlg,
    /// A lifetime under a minute that is not 0, or over ten years.
    Lifetimes,
    /// The resource is no address (RFC 8707 2).
    Resource(AddressRefusal),
    /// The terms were not accepted (FF-02).
    TermsNotAccepted,
    /// Another version of the terms was accepted than the tenant has now.
    TermsChanged,
}

impl Flaw {
    /// JSON pointer of the member.
    pub fn pointer(&self) -> String {
        match self {
            Self::Name(_) | Self::NameImpliesTenant => "/name".into(),
            Self::Website(_) | Self::WebsiteMissing => "/website".into(),
            Self::LogoUrl(_) => "/logo_url".into(),
            Self::RedirectUrisMissing | Self::RedirectUrisTooMany => "/redirect_uris".into(),
            Self::RedirectUri(at, _) | Self::RedirectUriTwice(at) => format!("/redirect_uris/{at}"),
            Self::PostLogoutTooMany => "/post_logout_redirect_uris".into(),
            Self::PostLogout(at, _) => format!("/post_logout_redirect_uris/{at}"),
            Self::OriginsTooMany => "/origins".into(),
            Self::Origin(at) => format!("/origins/{at}"),
            Self::ScopesMissing => "/scopes".into(),
            Self::Scope(at) => format!("/scopes/{at}"),
            Self::Jwks => "/jwks".into(),
            Self::IdTokenAlg => "/id_token_alg".into(),
            Self::Lifetimes => "/lifetimes".into(),
            Self::Resource(_) => "/resource".into(),
            Self::TermsNotAccepted | Self::TermsChanged => "/accept_terms".into(),
        }
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(refusal) => refusal.fmt(f),
            Self::NameImpliesTenant => f.write_str("must not contain the tenant's own name"),
            Self::Website(refusal) | Self::LogoUrl(refusal) | Self::Resource(refusal) => refusal.fmt(f),
            Self::WebsiteMissing | Self::RedirectUrisMissing | Self::ScopesMissing => f.write_str("is missing"),
            Self::RedirectUrisTooMany | Self::PostLogoutTooMany | Self::OriginsTooMany => {
                write!(f, "must be {MAX_REDIRECT_URIS} or fewer")
            }
            Self::RedirectUri(_, refusal) | Self::PostLogout(_, refusal) => refusal.fmt(f),
            Self::RedirectUriTwice(_) => f.write_str("is there twice"),
            Self::Origin(_) => f.write_str("must be an origin such as https://shop.example, and there once"),
            Self::Scope(_) => f.write_str("is not a scope of this tenant, or is there twice"),
            Self::Jwks => f.write_str("are of use to confidential clients, where the tenant offers private_key_jwt"),
            Self::IdTokenAlg => f.write_str("is not an algorithm of this tenant"),
            Self::Lifetimes => f.write_str("must be at least 60 seconds and at most ten years, or 0 for ever"),
            Self::TermsNotAccepted => f.write_str("must be accepted"),
            Self::TermsChanged => f.write_str("is not the current version of the terms"),
        }
    }
}

impl Limits<'_> {
    /// All that is wrong with the settings, in the order of the form.
    pub fn flaws(&self, settings: &Settings) -> Vec<Flaw> {
        let mut found = Vec::new();
        match text::line(&settings.name, MAX_NAME_CHARS) {
            Err(refusal) => found.push(Flaw::Name(refusal)),
            Ok(()) => found.extend(self.naming(&settings.name)),
        }
        match settings.website.as_deref().map(|at| web_address::page(at, self.development)) {
            Some(Err(refusal)) => found.push(Flaw::Website(refusal)),
            None if self.reviewed => found.push(Flaw::WebsiteMissing),
            Some(Ok(())) | None => {}
        }
        if let Some(Err(refusal)) = settings.logo_url.as_deref().map(|at| web_address::page(at, self.development)) {
            found.push(Flaw::LogoUrl(refusal));
        }
        self.redirects(settings, &mut found);
        self.origins(settings, &mut found);
        self.scopes(settings, &mut found);
        if !settings.jwks.is_empty() && (self.kind != Kind::Confidential || !self.assertions) {
            found.push(Flaw::Jwks);
        }
        if settings.id_token_alg.as_deref().is_some_and(|alg| !self.algorithms.contains(&alg)) {
            found.push(Flaw::IdTokenAlg);
        }
        if !settings.lifetimes.are_allowed() {
            found.push(Flaw::Lifetimes);
        }
        found
    }

    /// A resource identifier is an absolute address without a fragment (RFC 8707 2).
    pub(super) fn resource(&self, resource: Option<&str>) -> Option<Flaw> {
        let resource = resource?;
        let refusal = match web_address::page(resource, true) {
            Err(refusal) => refusal,
            Ok(()) if resource.contains('#') => AddressRefusal::Parts,
            Ok(()) => return None,
        };
        Some(Flaw::Resource(refusal))
    }

    /// The rule of FF-03; also looked at when the client is approved.
    pub(super) fn naming(&self, name: &str) -> Option<Flaw> {
        (self.reviewed && text::implies(name, self.tenant_name)).then_some(Flaw::NameImpliesTenant)
    }

    fn redirects(&self, settings: &Settings, found: &mut Vec<Flaw>) {
        let native = self.kind == Kind::Native;
        let rule = RegistrationRule::for_client(native, self.kind == Kind::Confidential, self.development);
        let uris = &settings.redirect_uris;
        if uris.is_empty() && self.reviewed {
            found.push(Flaw::RedirectUrisMissing);
        }
        if uris.len() > MAX_REDIRECT_URIS {
            found.push(Flaw::RedirectUrisTooMany);
        }
        for (at, uri) in uris.iter().enumerate().take(MAX_REDIRECT_URIS) {
            match RedirectUri::register(uri, rule) {
                Err(refusal) => found.push(Flaw::RedirectUri(at, refusal)),
                Ok(_) if uris[..at].contains(uri) => found.push(Flaw::RedirectUriTwice(at)),
                Ok(_) => {}
            }
        }
        let after_logout = &settings.post_logout_redirect_uris;
        if after_logout.len() > MAX_REDIRECT_URIS {
            found.push(Flaw::PostLogoutTooMany);
        }
        for (at, uri) in after_logout.iter().enumerate().take(MAX_REDIRECT_URIS) {
            if let Err(refusal) = RedirectUri::register(uri, rule) {
                found.push(Flaw::PostLogout(at, refusal));
            }
        }
    }

    /// Serialised origins, as browsers compare them in `frame-ancestors`: no path, no wildcard.
    fn origins(&self, settings: &Settings, found: &mut Vec<Flaw>) {
        let origins = &settings.origins;
        if origins.len() > MAX_REDIRECT_URIS {
            found.push(Flaw::OriginsTooMany);
        }
        for (at, raw) in origins.iter().enumerate().take(MAX_REDIRECT_URIS) {
            let plain = Origin::parse(raw).is_ok_and(|origin| origin.path.is_empty());
            let allowed = self.development || raw.starts_with("https://");
            let policy_safe = !raw.contains([';', ',', '*', '\'', '"']);
            if !plain || !allowed || !policy_safe || origins[..at].contains(raw) {
                found.push(Flaw::Origin(at));
            }
        }
    }

    fn scopes(&self, settings: &Settings, found: &mut Vec<Flaw>) {
        if settings.scopes.is_empty() && self.reviewed {
            found.push(Flaw::ScopesMissing);
        }
        for (at, scope) in settings.scopes.iter().enumerate() {
            if !self.scopes.contains(&scope.as_str()) || settings.scopes[..at].contains(scope) {
                found.push(Flaw::Scope(at));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::testing::{limits, settings};

    fn check(limits: Limits<'_>, change: impl FnOnce(&mut Settings), expected: &[Flaw]) {
        let mut settings = settings();
        change(&mut settings);
        assert_eq!(limits.flaws(&settings), expected);
    }

    #[test]
    fn sound_settings_have_no_flaw() {
        check(limits(), |_| {}, &[]);
    }

    #[test]
    fn a_name_must_not_imply_the_tenant() {
        check(limits(), |s| s.name = "FINANCEFEAST connect".into(), &[Flaw::NameImpliesTenant]);
        let own = Limits { reviewed: false, ..limits() };
        check(own, |s| s.name = "Financefeast Web".into(), &[]);
    }

    #[test]
    fn names_are_short_and_visible() {
        check(limits(), |s| s.name = " ".into(), &[Flaw::Name(TextRefusal::Empty)]);
        check(limits(), |s| s.name = "x".repeat(81), &[Flaw::Name(TextRefusal::TooLong)]);
        check(limits(), |s| s.name = "a\u{7}b".into(), &[Flaw::Name(TextRefusal::Character)]);
    }

    #[test]
    fn redirect_uris_follow_the_kind_of_client_and_tenant() {
        let loopback = |s: &mut Settings| s.redirect_uris = vec!["http://127.0.0.1:5000/cb".into()];
        let http = [Flaw::RedirectUri(0, RedirectRefusal::Http)];
        check(limits(), loopback, &http);
        check(Limits { development: true, ..limits() }, loopback, &[]);
        check(Limits { kind: Kind::Native, ..limits() }, loopback, &[]);
        check(Limits { kind: Kind::Public, development: true, ..limits() }, loopback, &http);
        let bad = |s: &mut Settings| s.redirect_uris.push("https://a.example/#x".into());
        check(limits(), bad, &[Flaw::RedirectUri(1, RedirectRefusal::Fragment)]);
    }

    #[test]
    fn redirect_uris_are_bounded_and_different() {
        let twice = |s: &mut Settings| s.redirect_uris.push(s.redirect_uris[0].clone());
        check(limits(), twice, &[Flaw::RedirectUriTwice(1)]);
        check(limits(), |s| s.redirect_uris.clear(), &[Flaw::RedirectUrisMissing]);
        let many = |s: &mut Settings| s.redirect_uris = (0..21).map(|n| format!("https://a.example/{n}")).collect();
        check(limits(), many, &[Flaw::RedirectUrisTooMany]);
    }

    #[test]
    fn origins_are_plain_and_secure() {
        let one = |origin: &'static str| move |s: &mut Settings| s.origins = vec![origin.into()];
        check(limits(), one("https://shop.example"), &[]);
        check(limits(), one("https://shop.example:8443"), &[]);
        for bad in ["https://shop.example/", "https://*.example", "shop.example", "null", "https://a.example;x", "*"] {
            check(limits(), one(bad), &[Flaw::Origin(0)]);
        }
        check(limits(), one("http://127.0.0.1:3000"), &[Flaw::Origin(0)]);
        check(Limits { development: true, ..limits() }, one("http://127.0.0.1:3000"), &[]);
        check(Limits { development: true, ..limits() }, one("http://shop.example"), &[Flaw::Origin(0)]);
        let many = |s: &mut Settings| s.origins = (0..21).map(|n| format!("https://a{n}.example")).collect();
        check(limits(), many, &[Flaw::OriginsTooMany]);
    }

    #[test]
    fn scopes_are_the_tenants() {
        check(limits(), |s| s.scopes = vec!["openid".into(), "admin".into()], &[Flaw::Scope(1)]);
        check(limits(), |s| s.scopes = vec!["openid".into(), "openid".into()], &[Flaw::Scope(1)]);
        check(limits(), |s| s.scopes.clear(), &[Flaw::ScopesMissing]);
    }

    #[test]
    fn addresses_are_https() {
        let http = |s: &mut Settings| {
            s.website = Some("http://buddy.example".into());
            s.logo_url = Some("data:image/png;base64,AA".into());
        };
        check(limits(), http, &[Flaw::Website(AddressRefusal::Scheme), Flaw::LogoUrl(AddressRefusal::Scheme)]);
        check(limits(), |s| s.website = None, &[Flaw::WebsiteMissing]);
        check(limits(), |s| s.id_token_alg = Some("none".into()), &[Flaw::IdTokenAlg]);
    }

    #[test]
    fn keys_are_for_who_can_keep_the_other_half() {
        let keys = |s: &mut Settings| s.jwks = crate::client::testing::keys();
        check(limits(), keys, &[]);
        check(Limits { kind: Kind::Native, ..limits() }, keys, &[Flaw::Jwks]);
        check(Limits { kind: Kind::Public, ..limits() }, keys, &[Flaw::Jwks]);
        check(Limits { assertions: false, ..limits() }, keys, &[Flaw::Jwks]);
    }

    #[test]
    fn an_operators_client_may_do_without() {
        let bare = |s: &mut Settings| {
            *s = Settings { name: "Resource server".into(), ..Settings::default() };
        };
        check(Limits { reviewed: false, ..limits() }, bare, &[]);
    }
}
