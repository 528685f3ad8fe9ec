//! Contradictions between knobs. Each has the path of the knob to change.

use std::fmt;

use grantor_oauth::{ClientAuthMethod, GrantType, Scope};
use serde::Serialize;

use crate::{
    AccessTokenFormat, Bilingual, CallbackMember, ConsentUi, Dpop, Endpoint, MissingScope, PkceRule, Profile,
    RedirectAtToken, RefreshIssue, RevocationAuth, Route, ScopeInput, Shape, TokenMember, VERSION,
};

/// One contradiction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contradiction {
    /// A JSON pointer (RFC 6901) into the document.
    pub path: String,
    /// What is wrong, for people.
    pub message: String,
}

impl fmt::Display for Contradiction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Collects contradictions.
#[derive(Default)]
pub(crate) struct Findings(Vec<Contradiction>);

impl Findings {
    pub(crate) fn refuse(&mut self, wrong: bool, path: impl Into<String>, message: impl Into<String>) {
        if wrong {
            self.0.push(Contradiction { path: path.into(), message: message.into() });
        }
    }
}

impl Profile {
    /// All contradictions; empty for a profile that can be served.
    pub fn validate(&self) -> Vec<Contradiction> {
        let mut found = Findings::default();
        found.refuse(self.version != VERSION, "/version", "must be 1");
        self.validate_paths(&mut found);
        self.validate_authorize(&mut found);
        self.validate_scopes(&mut found);
        self.validate_people(&mut found);
        self.validate_portal(&mut found);
        self.validate_mails(&mut found);
        self.validate_webhooks(&mut found);
        self.validate_token_request(&mut found);
        self.validate_token_response(&mut found);
        self.validate_shapes(&mut found);
        self.validate_lifetimes(&mut found);
        self.validate_answers(&mut found);
        self.validate_compensations(&mut found);
        found.0.extend(self.acknowledgement_contradictions());
        found.0
    }

    fn grants(&self, grant: GrantType) -> bool {
        self.token_request.grants.contains(&grant)
    }

    fn validate_paths(&self, found: &mut Findings) {
        let routes: Vec<Route<'_>> = self.routes().collect();
        for (at, route) in routes.iter().enumerate() {
            let of_same = |other: &&Route<'_>| other.endpoint == route.endpoint && !other.canonical;
            let pointer = match (route.endpoint, route.canonical) {
                (Endpoint::Users, true) => "/users_api/path".to_owned(),
                (Endpoint::Users, false) => {
                    format!("/users_api/aliases/{}", routes[..at].iter().filter(of_same).count())
                }
                (Endpoint::ClientConfiguration, true) => "/users_api/configuration/path".to_owned(),
                (Endpoint::ClientConfiguration, false) => {
                    format!("/users_api/configuration/aliases/{}", routes[..at].iter().filter(of_same).count())
                }
                (endpoint, true) => format!("/paths/{}/path", endpoint.as_str()),
                (endpoint, false) => {
                    format!("/paths/{}/aliases/{}", endpoint.as_str(), routes[..at].iter().filter(of_same).count())
                }
            };
            found.refuse(!is_path(route.path), pointer.clone(), "must be an absolute path of unreserved characters");
            let fixed = route.path == "/"
                || ["/.well-known", "/admin", "/t/", "/explorer", "/developers"]
                    .iter()
                    .any(|p| route.path.starts_with(p));
            found.refuse(fixed, pointer.clone(), "is a path of the server itself");
            let taken = routes[..at].iter().any(|other| other.path == route.path);
            found.refuse(taken, pointer, "is used twice");
        }
        let code = self.grants(GrantType::AuthorizationCode);
        let flows = self.paths.flow_start.is_some() || self.paths.flow_start_ongoing.is_some();
        let starts = self.paths.authorize.is_some() || flows;
        found.refuse(code && !starts, "/paths/authorize", "the code flow needs a place to start");
        let pushed = self.paths.pushed_authorization.is_some();
        let nowhere = pushed && self.paths.authorize.is_none();
        found.refuse(nowhere, "/paths/pushed_authorization", "there is no authorize endpoint to push for");
        found.refuse(self.authorize.pushed_only && !pushed, "/authorize/pushed_only", "nothing can be pushed");
        let widget = self.interaction.widget.is_some();
        found.refuse(flows != widget, "/interaction/widget", "must be there if and only if flows are started");
    }

    fn validate_authorize(&self, found: &mut Findings) {
        for (at, alias) in self.authorize.nonce_aliases.iter().enumerate() {
            let known = ["nonce", "state", "scope", "client_id", "redirect_uri", "response_type"];
            let wrong = alias.is_empty() || known.contains(&alias.as_str());
            found.refuse(wrong, format!("/authorize/nonce_aliases/{at}"), "must be a name of its own");
        }
        let public = self.token_request.client_auth.contains(&ClientAuthMethod::None);
        found.refuse(
            public && self.authorize.pkce == PkceRule::Accepted,
            "/authorize/pkce",
            "must be required at least of public clients where client authentication 'none' is offered",
        );
        found.refuse(
            public && self.token_request.redirect_uri == RedirectAtToken::Optional,
            "/token_request/redirect_uri",
            "can be optional only where every client authenticates",
        );
    }

    /// What compensations of weak knobs rest on (the weak knobs themselves: `acknowledged`).
    fn validate_compensations(&self, found: &mut Findings) {
        found.refuse(
            self.grants(GrantType::AuthorizationCode)
                && self.token_request.redirect_uri == RedirectAtToken::Optional
                && self.codes.ttl_seconds > 60,
            "/codes/ttl_seconds",
            "must be at most 60 where redirect_uri is optional at the token endpoint",
        );
        let (tokens, revocation) = (&self.access_tokens, &self.revocation);
        found.refuse(
            tokens.dpop.is_spoken() && tokens.reuse_unexpired,
            "/access_tokens/dpop",
            "must be off where the same token is answered again: it would be bound to the first key",
        );
        found.refuse(
            tokens.dpop == Dpop::Required && revocation.auth == RevocationAuth::ClientBearer,
            "/access_tokens/dpop",
            "cannot be required where clients revoke with a bearer token of their own",
        );
        let offline = matches!(self.access_tokens.format, AccessTokenFormat::Jwt {});
        found.refuse(
            offline && self.access_tokens.ttl_seconds > 3600,
            "/access_tokens/ttl_seconds",
            "must be at most 3600 for JWTs: a revoked one is accepted until it expires",
        );
    }

    fn validate_people(&self, found: &mut Findings) {
        let details = &self.interaction.details;
        for (at, detail) in details.iter().enumerate() {
            let path = format!("/interaction/details/{at}");
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
            let named = (1..=100).contains(&detail.name.len()) && detail.name.bytes().all(plain);
            found.refuse(!named, format!("{path}/name"), "must be 1 to 100 of A-Z a-z 0-9 _ - .");
            let taken = details[..at].iter().any(|other| other.name == detail.name);
            found.refuse(taken, format!("{path}/name"), "is there twice");
            let own = !detail.is_standard();
            found.refuse(
                own && detail.label.is_none(),
                format!("{path}/label"),
                "must be there: pages have no word for it",
            );
            let odd = detail.label.as_ref().is_some_and(|label| !are_words(label));
            found.refuse(odd, format!("{path}/label"), "must be 1 to 300 characters of one line");
        }
        found.refuse(details.len() > 12, "/interaction/details", "must be 12 or fewer");
        let odd = self.interaction.consent.text.as_ref().is_some_and(|text| !are_words(text));
        found.refuse(odd, "/interaction/consent/text", "must be 1 to 300 characters of one line");
    }

    fn validate_scopes(&self, found: &mut Findings) {
        let scopes = &self.scopes;
        for (at, entry) in scopes.catalogue.iter().enumerate() {
            let path = format!("/scopes/catalogue/{at}/name");
            found.refuse(Scope::new(&entry.name).is_err(), path.clone(), "is not a scope (RFC 6749 3.3)");
            let taken = scopes.catalogue[..at].iter().any(|other| other.name == entry.name);
            found.refuse(taken, path, "is in the catalogue twice");
            // Without it the request is none of OpenID Connect's.
            let needed = entry.optional && entry.name == "openid";
            found.refuse(needed, format!("/scopes/catalogue/{at}/optional"), "cannot be optional");
        }
        for (at, name) in scopes.default_set.iter().enumerate() {
            let path = format!("/scopes/default_set/{at}");
            found.refuse(scopes.entry(name).is_none(), path, "is not in the catalogue");
        }
        let needs_default = scopes.missing == MissingScope::DefaultSet || scopes.input == ScopeInput::Ignored;
        found.refuse(needs_default && scopes.default_set.is_empty(), "/scopes/default_set", "must not be empty");
        if let RefreshIssue::WithScope(name) = &self.refresh_tokens.issue {
            let path = "/refresh_tokens/issue/with_scope";
            found.refuse(scopes.entry(name).is_none(), path, "is not in the catalogue");
        }
        let openid = scopes.entry("openid").is_some();
        found.refuse(self.oidc.enabled && !openid, "/scopes/catalogue", "must have openid where OpenID is enabled");
    }

    fn validate_token_request(&self, found: &mut Findings) {
        let request = &self.token_request;
        found.refuse(request.grants.is_empty(), "/token_request/grants", "must not be empty");
        found.refuse(request.bodies.is_empty(), "/token_request/bodies", "must not be empty");
        found.refuse(request.client_auth.is_empty(), "/token_request/client_auth", "must not be empty");
        let unserved = [ClientAuthMethod::TlsClientAuth];
        for (at, method) in request.client_auth.iter().enumerate() {
            let path = format!("/token_request/client_auth/{at}");
            found.refuse(unserved.contains(method), path.clone(), "is not served yet");
            found.refuse(request.client_auth[..at].contains(method), path, "is listed twice");
        }
        for (at, grant) in request.grants.iter().enumerate() {
            let path = format!("/token_request/grants/{at}");
            found.refuse(request.grants[..at].contains(grant), path, "is listed twice");
        }
        let secretless = request.client_auth.iter().all(|method| *method == ClientAuthMethod::None);
        found.refuse(
            secretless && self.grants(GrantType::ClientCredentials),
            "/token_request/grants",
            "client_credentials needs a way of client authentication",
        );
        let refresh = self.refresh_tokens.issue != RefreshIssue::Never;
        found.refuse(
            refresh != self.grants(GrantType::RefreshToken),
            "/refresh_tokens/issue",
            "refresh tokens must be issued if and only if the refresh_token grant is enabled",
        );
        found.refuse(
            self.interaction.consent.ui == ConsentUi::None && self.grants(GrantType::AuthorizationCode),
            "/interaction/consent/ui",
            "the code flow needs consent",
        );
    }

    fn validate_token_response(&self, found: &mut Findings) {
        let members = &self.token_response.members;
        for (at, member) in members.iter().enumerate() {
            let path = format!("/token_response/members/{at}");
            found.refuse(members[..at].contains(member), path, "is listed twice");
        }
        for needed in [TokenMember::AccessToken, TokenMember::TokenType] {
            found.refuse(!members.contains(&needed), "/token_response/members", "needs access_token and token_type");
        }
        let refresh = self.refresh_tokens.issue != RefreshIssue::Never;
        found.refuse(
            refresh != members.contains(&TokenMember::RefreshToken),
            "/token_response/members",
            "must have refresh_token if and only if one is issued",
        );
        let id_token = members.contains(&TokenMember::IdToken);
        found.refuse(id_token && !self.oidc.enabled, "/token_response/members", "id_token needs OpenID enabled");
    }

    fn validate_shapes(&self, found: &mut Findings) {
        let token = match &self.access_tokens.format {
            AccessTokenFormat::Handle { shape } => Some(("/access_tokens/format/shape", shape)),
            AccessTokenFormat::Sealed {} | AccessTokenFormat::Jwt {} => None,
        };
        let secrets = [
            token,
            Some(("/codes/shape", &self.codes.shape)),
            Some(("/refresh_tokens/shape", &self.refresh_tokens.shape)),
            Some(("/clients/secret_shape", &self.clients.secret_shape)),
        ];
        for (path, shape) in secrets.into_iter().flatten() {
            check_shape(path, shape, 120, found);
        }
        // They carry a grant and its generation beside what cannot be guessed.
        let room = self.refresh_tokens.shape.capacity() * 8;
        let refresh = self.refresh_tokens.issue != RefreshIssue::Never;
        found.refuse(refresh && room < 288, "/refresh_tokens/shape", "must have room for 288 bits");
        // An id is no secret; it must only never repeat.
        check_shape("/clients/id_shape", &self.clients.id_shape, 64, found);
    }

    fn validate_lifetimes(&self, found: &mut Findings) {
        let within = |value: u32, low: u32, high: u32| !(low..=high).contains(&value);
        const YEAR: u32 = 366 * 86_400;
        let refresh = &self.refresh_tokens;
        let people = &self.interaction;
        let bounds = [
            ("/codes/ttl_seconds", self.codes.ttl_seconds, 10, 3600),
            ("/access_tokens/ttl_seconds", self.access_tokens.ttl_seconds, 60, YEAR),
            ("/refresh_tokens/idle_seconds", refresh.idle_seconds.unwrap_or(YEAR), 60, 10 * YEAR),
            ("/refresh_tokens/absolute_seconds", refresh.absolute_seconds.unwrap_or(YEAR), 60, 10 * YEAR),
            ("/refresh_tokens/grace_seconds", refresh.grace_seconds, 0, 60),
            ("/oidc/id_token_ttl_seconds", self.oidc.id_token_ttl_seconds, 60, 86_400),
            ("/interaction/interaction_ttl_seconds", people.interaction_ttl_seconds, 60, 86_400),
            ("/interaction/session_idle_seconds", people.session_idle_seconds, 60, YEAR),
            ("/interaction/session_absolute_seconds", people.session_absolute_seconds, 60, YEAR),
        ];
        for (path, value, low, high) in bounds {
            found.refuse(within(value, low, high), path, format!("must be between {low} and {high}"));
        }
        found.refuse(
            people.session_idle_seconds > people.session_absolute_seconds,
            "/interaction/session_idle_seconds",
            "must not be longer than session_absolute_seconds",
        );
        if let Some(widget) = &people.widget {
            let (days, most) = (widget.sync_period_days, widget.sync_period_max_days);
            found.refuse(
                within(days.into(), 1, most.into()),
                "/interaction/widget/sync_period_days",
                "must be at most the maximum",
            );
            found.refuse(
                within(most.into(), 1, 3660),
                "/interaction/widget/sync_period_max_days",
                "must be between 1 and 3660",
            );
            found.refuse(
                within(widget.link_seconds, 60, 3600),
                "/interaction/widget/link_seconds",
                "must be between 60 and 3600",
            );
        }
        let days = people.consent.expires_days;
        found.refuse(days == Some(0), "/interaction/consent/expires_days", "must be at least 1");
    }

    fn validate_answers(&self, found: &mut Findings) {
        let callback = &self.errors.callback;
        for (at, member) in callback.iter().enumerate() {
            found.refuse(callback[..at].contains(member), format!("/errors/callback/{at}"), "is listed twice");
        }
        let starts = self.grants(GrantType::AuthorizationCode);
        for needed in [CallbackMember::Code, CallbackMember::State] {
            found.refuse(starts && !callback.contains(&needed), "/errors/callback", "needs code and state");
        }
        let tells = callback.contains(&CallbackMember::Error) || callback.contains(&CallbackMember::Success);
        found.refuse(starts && !tells, "/errors/callback", "needs error or success");
        let one_of = |value: u16, allowed: &[u16]| !allowed.contains(&value);
        let state = &self.errors.user_state;
        found.refuse(one_of(state.unverified, &[400, 403]), "/errors/user_state/unverified", "must be 400 or 403");
        found.refuse(one_of(state.locked, &[400, 423]), "/errors/user_state/locked", "must be 400 or 423");
        let success = self.revocation.success_status;
        found.refuse(one_of(success, &[200, 204]), "/revocation/success_status", "must be 200 or 204");
        let parameter = ["token", "refresh_token", "access_token"].contains(&self.revocation.parameter.as_str());
        found.refuse(!parameter, "/revocation/parameter", "must be token, refresh_token or access_token");
        if let Some(api) = &self.users_api {
            found.refuse(one_of(api.created_status, &[200, 201]), "/users_api/created_status", "must be 200 or 201");
            let lock = api.lock_after_failures;
            let wrong = lock.is_some_and(|failures| !(1..=10).contains(&failures));
            found.refuse(wrong, "/users_api/lock_after_failures", "must be between 1 and 10");
            for (at, attribute) in api.attributes.iter().enumerate() {
                let (path, name) = (format!("/users_api/attributes/{at}/name"), attribute.name.as_str());
                found.refuse(!is_attribute(name), path.clone(), "must be 1 to 64 letters or digits, a letter first");
                found.refuse(["id", "password", "email", "phone"].contains(&name), path.clone(), "is a member already");
                let taken = api.attributes[..at].iter().any(|other| other.name == attribute.name);
                found.refuse(taken, path, "is listed twice");
            }
        }
        let reusable = matches!(self.access_tokens.format, AccessTokenFormat::Handle { .. });
        found.refuse(
            self.access_tokens.reuse_unexpired && !reusable,
            "/access_tokens/reuse_unexpired",
            "needs tokens of the form handle",
        );
        let algs = &self.oidc.signing_algs;
        found.refuse(self.oidc.enabled && algs.is_empty(), "/oidc/signing_algs", "must not be empty");
    }
}

fn check_shape(path: &str, shape: &Shape, min_bits: u32, found: &mut Findings) {
    if let Shape::Random { prefix, length, .. } = shape {
        let plain = prefix.len() <= 16 && prefix.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b));
        found.refuse(!plain, format!("{path}/prefix"), "must be at most 16 letters, digits, '_' or '-'");
        found.refuse(*length > 1024, format!("{path}/length"), "must be at most 1024");
    }
    if let Shape::JwtLike { payload_bytes } = shape {
        let sized = (16..=256).contains(payload_bytes);
        found.refuse(!sized, format!("{path}/payload_bytes"), "must be between 16 and 256");
    }
    found.refuse(shape.entropy_bits() < min_bits, path, format!("has less than {min_bits} random bits"));
}

fn is_attribute(name: &str) -> bool {
    name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_alphanumeric())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// One line for a page, in every language.
pub(crate) fn are_words(text: &Bilingual) -> bool {
    let line = |text: &str| (1..=300).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    line(&text.en) && line(&text.de)
}

fn is_path(path: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"/-._~".contains(&b);
    path.starts_with('/') && path.len() <= 200 && path.bytes().all(fits) && !path.contains("//") && !path.contains("..")
}
