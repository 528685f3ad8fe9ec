//! The security delta: where a profile leaves RFC 9700, and what makes up for it. Operators see
//! it beside the profile.

use grantor_oauth::{ClientAuthMethod, GrantType};
use serde::Serialize;

use crate::{
    AccessTokenFormat, BodyFormat, Framing, MissingScope, PkceRule, Profile, RedirectAtAuthorize, RedirectAtToken,
    Rotation, ScopeInput, Shape, StateRule, TokenMember, UnknownToken,
};

/// One deviation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deviation {
    /// The knob that makes it.
    pub knob: u8,
    /// What the tenant does.
    pub deviation: String,
    /// What it deviates from.
    pub from: &'static str,
    /// What makes up for it.
    pub compensation: &'static str,
}

/// Bearer tokens should not live longer (RFC 6750 5.3).
const HOUR: u32 = 3600;
/// Shapes a few bits short of 256 because of their alphabet are not worth telling.
const ENOUGH_BITS: u32 = 248;

impl Profile {
    /// Every deviation, by knob.
    pub fn security_delta(&self) -> Vec<Deviation> {
        let mut found = Vec::new();
        let mut note = |holds: bool, knob: u8, deviation: &str, from: &'static str, compensation: &'static str| {
            if holds {
                found.push(Deviation { knob, deviation: deviation.to_owned(), from, compensation });
            }
        };
        self.request_deviations(&mut note);
        self.token_deviations(&mut note);
        self.scope_and_answer_deviations(&mut note);
        self.people_deviations(&mut note);
        found.extend(self.entropy_deviations());
        found.sort_by_key(|deviation| deviation.knob);
        found
    }

    fn request_deviations(&self, note: &mut impl FnMut(bool, u8, &str, &'static str, &'static str)) {
        let code = self.token_request.grants.contains(&GrantType::AuthorizationCode);
        note(
            self.authorize.redirect_uri == RedirectAtAuthorize::DefaultWhenAbsent,
            6,
            "redirect_uri may be absent from the authorization request",
            "RFC 9700 4.1.3",
            "only when exactly one default is registered; otherwise a page",
        );
        note(
            code && self.token_request.redirect_uri == RedirectAtToken::Optional,
            7,
            "redirect_uri is not checked at the token endpoint unless it is sent",
            "RFC 6749 4.1.3",
            "confidential clients that authenticated only; compared when sent; codes short, single-use, bound to the client",
        );
        note(
            self.authorize.state != StateRule::RequiredOrPkce,
            14,
            "state is optional",
            "RFC 9700 2.1",
            "PKCE and nonce are accepted and recommended; a request without any of them is reported",
        );
        note(
            code && self.authorize.pkce != PkceRule::Required,
            16,
            match self.authorize.pkce {
                PkceRule::RequiredOfPublic => "PKCE is not required of confidential clients",
                _ => "PKCE is not required",
            },
            "RFC 9700 2.1.1",
            "accepted from every client; a challenge binds the code; codes are bound to client and session",
        );
        note(
            !self.authorize.nonce_aliases.is_empty(),
            15,
            "nonce has another accepted spelling",
            "OpenID Connect Core 3.1.2.1",
            "two different values are refused",
        );
    }

    fn token_deviations(&self, note: &mut impl FnMut(bool, u8, &str, &'static str, &'static str)) {
        let auth = &self.token_request.client_auth;
        let secret = |m: &ClientAuthMethod| {
            matches!(m, ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost)
        };
        note(
            auth.iter().any(secret),
            17,
            "clients may authenticate with a shared secret",
            "RFC 9700 2.5",
            "secrets are generated, stored as hashes, rotated with overlap; guessing is throttled",
        );
        note(
            self.token_request.query_parameters,
            17,
            "token requests may carry parameters in the query",
            "RFC 6749 2.3.1",
            "queries of the token endpoint are never logged",
        );
        note(
            self.token_request.bodies.contains(&BodyFormat::Json),
            18,
            "token requests may be JSON",
            "RFC 6749 3.2",
            "only application/json, string members, no repeated members",
        );
        note(
            self.token_request.grants.contains(&GrantType::Password),
            19,
            "the password grant is enabled",
            "RFC 9700 2.4",
            "same lockout and hash budget as the form; never public clients, never users with a second factor",
        );
        note(
            self.codes.ttl_seconds > 600,
            29,
            "authorization codes live longer than ten minutes",
            "RFC 6749 4.1.2",
            "single-use, capped at one hour, late redemption is reported",
        );
        note(
            self.access_tokens.ttl_seconds > HOUR,
            30,
            &format!("access tokens live {} hours", self.access_tokens.ttl_seconds / HOUR),
            "RFC 6750 5.3",
            "opaque, revocable, audience-restricted and checked by introspection; die with security events",
        );
        let refreshes = self.token_request.grants.contains(&GrantType::RefreshToken);
        note(
            refreshes && self.refresh_tokens.rotation == Rotation::Off,
            32,
            "refresh tokens are not rotated",
            "RFC 9700 2.2.2",
            "bound to confidential clients that authenticate; revocable at once",
        );
        note(
            !self.shows(TokenMember::ExpiresIn),
            21,
            "token responses do not say when the token expires",
            "RFC 6749 5.1",
            "introspection does",
        );
    }

    fn scope_and_answer_deviations(&self, note: &mut impl FnMut(bool, u8, &str, &'static str, &'static str)) {
        note(
            self.scopes.input == ScopeInput::Ignored,
            9,
            "every token has the same constant scope",
            "RFC 9700 2.3",
            "the audience still restricts tokens",
        );
        note(
            self.scopes.input == ScopeInput::CommaOrSpace,
            9,
            "scopes may be separated by commas",
            "RFC 6749 3.3",
            "one parser for both forms; commas are not part of a scope anywhere",
        );
        note(
            self.scopes.missing == MissingScope::ClientScopes,
            11,
            "a request without scope asks for everything the client may have",
            "RFC 9700 2.3",
            "the consent page lists it all",
        );
        note(
            self.revocation.unknown_token == UnknownToken::Refused,
            35,
            "revoking an unknown token is an error",
            "RFC 7009 2.2",
            "one answer for unknown, foreign and revoked tokens",
        );
        note(
            self.errors.texts.values().any(|text| text.contains("{submitted}")),
            37,
            "error descriptions repeat what the caller sent",
            "security rule C29",
            "own input only, JSON-encoded, at most 200 characters, never logged",
        );
    }

    fn people_deviations(&self, note: &mut impl FnMut(bool, u8, &str, &'static str, &'static str)) {
        note(
            self.clients.secret_is_api_key,
            39,
            "the client secret is also an API key",
            "RFC 9700 2.5",
            "revealed once, rolled with overlap, last use shown",
        );
        note(
            !self.interaction.verify_email && self.interaction.sign_up,
            41,
            "sign-up does not verify addresses, so it reveals which exist",
            "security rule C24",
            "attempts are throttled",
        );
        note(
            self.interaction.framing == Framing::RegisteredOrigins,
            43,
            "pages may be framed",
            "RFC 9700 4.16",
            "by registered origins only; consent needs a top-level page or a second confirmation",
        );
        note(
            self.users_api.as_ref().is_some_and(|api| api.echo_password),
            44,
            "user creation answers with the password",
            "OWASP ASVS 2",
            "from memory only; never stored, logged or sent in events",
        );
    }

    /// C22: generated values under 256 bits, as a guide's fixed shape may make them.
    fn entropy_deviations(&self) -> impl Iterator<Item = Deviation> {
        let token = match &self.access_tokens.format {
            AccessTokenFormat::Handle { shape } => Some((27, "access tokens", shape)),
            AccessTokenFormat::Sealed {} | AccessTokenFormat::Jwt {} => None,
        };
        let refresh = self.token_request.grants.contains(&GrantType::RefreshToken);
        let refresh = refresh.then_some((31, "refresh tokens", &self.refresh_tokens.shape));
        let shapes: [Option<(u8, &str, &Shape)>; 4] = [
            token,
            Some((28, "authorization codes", &self.codes.shape)),
            refresh,
            Some((39, "client secrets", &self.clients.secret_shape)),
        ];
        let weak = shapes.into_iter().flatten().filter(|(_, _, shape)| shape.entropy_bits() < ENOUGH_BITS);
        let told: Vec<_> = weak.map(|(knob, what, shape)| (knob, what, shape.entropy_bits())).collect();
        told.into_iter().map(|(knob, what, bits)| Deviation {
            knob,
            deviation: format!("{what} have {bits} random bits"),
            from: "security rule C22 (256 bits)",
            compensation: "stored as hashes; guessing is throttled",
        })
    }
}
