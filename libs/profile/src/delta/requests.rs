//! Requests: knobs 2, 5 to 7, 14 to 19.

use grantor_oauth::{ClientAuthMethod, GrantType};

use super::rule::{Rule, Severity, always, fapi, oauth21, other, rfc9700, when};
use crate::{
    BodyFormat, DeviationId as Id, PkceRule, Profile, RedirectAtAuthorize, RedirectAtToken, ResponseTypeRule, StateRule,
};

fn code(profile: &Profile) -> bool {
    profile.token_request.grants.contains(&GrantType::AuthorizationCode)
}

fn starts_at_link(profile: &Profile) -> bool {
    code(profile) && profile.paths.authorize.is_some()
}

fn starts_by_call(profile: &Profile) -> bool {
    code(profile) && profile.paths.flow_start.is_some()
}

fn secrets(profile: &Profile) -> bool {
    let secret =
        |m: &ClientAuthMethod| matches!(m, ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost);
    profile.token_request.client_auth.iter().any(secret)
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Id::UnpushedRequests,
        knob: 2,
        path: "/paths/authorize",
        severity: Severity::Note,
        from: &[fapi("5.3.2.2")],
        says: |p| {
            let text = match p.paths.pushed_authorization {
                None => "authorization requests come through the browser, not pushed",
                Some(_) => "authorization requests may come through the browser, not pushed",
            };
            when(starts_at_link(p) && !p.authorize.pushed_only, text)
        },
        compensations: &[
            (|p| p.paths.pushed_authorization.is_some(), "clients can push them, and a profile can demand it"),
            (always, "redirect URIs are registered and compared as exact strings"),
            (|p| p.authorize.pkce == PkceRule::Required, "a PKCE challenge binds the request to the client"),
        ],
    },
    Rule {
        id: Id::TokenInLink,
        knob: 2,
        path: "/paths/flow_start",
        severity: Severity::LegacyUnsafe,
        from: &[rfc9700("4.2"), rfc9700("4.3")],
        says: |p| when(starts_by_call(p), "a link carries a signed token in its query"),
        compensations: &[
            (always, "exchanged once for a cookie and a clean address"),
            (always, "key, type and audience of its own: useless anywhere else"),
            (always, "Referrer-Policy: no-referrer"),
        ],
    },
    Rule {
        id: Id::AccountNumbersInRequests,
        knob: 2,
        path: "/paths/flow_start",
        severity: Severity::LegacyUnsafe,
        from: &[other("PCI DSS", "3.5")],
        says: |p| when(starts_by_call(p), "requests may carry account and card numbers"),
        compensations: &[(always, "sealed under the tenant's key; never in an event, log or trace")],
    },
    Rule {
        id: Id::ResponseTypeDefaulted,
        knob: 5,
        path: "/authorize/response_type",
        severity: Severity::Note,
        from: &[oauth21("4.1.1")],
        says: |p| {
            let defaulted = p.authorize.response_type == ResponseTypeRule::DefaultsToCode;
            when(code(p) && defaulted, "response_type may be absent")
        },
        compensations: &[(always, "only code exists")],
    },
    Rule {
        id: Id::DefaultRedirectUri,
        knob: 6,
        path: "/authorize/redirect_uri",
        severity: Severity::LegacyUnsafe,
        from: &[rfc9700("4.1.3"), oauth21("2.3.2"), fapi("5.3.2.2")],
        says: |p| {
            let absent = p.authorize.redirect_uri == RedirectAtAuthorize::DefaultWhenAbsent;
            when(code(p) && absent, "redirect_uri may be absent from the authorization request")
        },
        compensations: &[(always, "only when exactly one default is registered; otherwise a page")],
    },
    Rule {
        id: Id::RedirectUriUnchecked,
        knob: 7,
        path: "/token_request/redirect_uri",
        severity: Severity::LegacyUnsafe,
        from: &[other("RFC 6749", "4.1.3"), rfc9700("4.5")],
        says: |p| {
            let optional = p.token_request.redirect_uri == RedirectAtToken::Optional;
            when(code(p) && optional, "redirect_uri is not checked at the token endpoint unless it is sent")
        },
        compensations: &[
            (always, "confidential clients that authenticated only"),
            (always, "compared when sent"),
            (|p| p.codes.ttl_seconds <= 60, "codes live at most a minute, are single-use and bound to the client"),
        ],
    },
    Rule {
        id: Id::StateOptional,
        knob: 14,
        path: "/authorize/state",
        severity: Severity::LegacyUnsafe,
        from: &[rfc9700("2.1"), oauth21("7.10")],
        says: |p| {
            let optional = p.authorize.state != StateRule::RequiredOrPkce && p.authorize.pkce == PkceRule::Accepted;
            when(code(p) && optional, "state is optional, and so is PKCE")
        },
        compensations: &[
            (always, "PKCE is accepted, and binds the code to the browser"),
            (always, "a request without state, PKCE and nonce is reported as an event"),
        ],
    },
    Rule {
        id: Id::StateOptionalOfConfidential,
        knob: 14,
        path: "/authorize/state",
        severity: Severity::Weak,
        from: &[rfc9700("2.1"), oauth21("7.10")],
        says: |p| {
            let public = p.authorize.pkce == PkceRule::RequiredOfPublic;
            let optional = p.authorize.state != StateRule::RequiredOrPkce && public;
            when(code(p) && optional, "confidential clients may leave out state and PKCE")
        },
        compensations: &[
            (always, "PKCE is accepted, and binds the code to the browser"),
            (|p| p.oidc.enabled, "an OpenID Connect nonce is returned in the ID token"),
            (always, "a request without state, PKCE and nonce is reported as an event"),
        ],
    },
    Rule {
        id: Id::NonceAlias,
        knob: 15,
        path: "/authorize/nonce_aliases",
        severity: Severity::LegacyUnsafe,
        from: &[other("OpenID Connect Core", "3.1.2.1")],
        says: |p| when(!p.authorize.nonce_aliases.is_empty(), "nonce has another accepted spelling"),
        compensations: &[(always, "two different values are refused")],
    },
    Rule {
        id: Id::PkceOptional,
        knob: 16,
        path: "/authorize/pkce",
        severity: Severity::Weak,
        from: &[rfc9700("2.1.1"), oauth21("4.1.1"), fapi("5.3.2.2")],
        says: |p| when(code(p) && p.authorize.pkce == PkceRule::Accepted, "PKCE is not required"),
        compensations: &[
            (always, "accepted from every client; a challenge binds the code"),
            (always, "codes are bound to client and session"),
        ],
    },
    Rule {
        id: Id::PkceOfPublicOnly,
        knob: 16,
        path: "/authorize/pkce",
        severity: Severity::Note,
        from: &[oauth21("4.1.1"), fapi("5.3.2.2")],
        says: |p| {
            let public = p.authorize.pkce == PkceRule::RequiredOfPublic;
            when(code(p) && public, "PKCE is not required of confidential clients")
        },
        compensations: &[
            (always, "accepted from every client; a challenge binds the code"),
            (always, "codes are bound to client and session"),
        ],
    },
    Rule {
        id: Id::SharedSecrets,
        knob: 17,
        path: "/token_request/client_auth",
        severity: Severity::Note,
        from: &[rfc9700("2.5"), oauth21("7.2"), fapi("5.3.2.1")],
        says: |p| when(secrets(p), "clients may authenticate with a shared secret"),
        compensations: &[(
            always,
            "secrets are generated, stored as hashes, rotated with overlap; guessing is throttled",
        )],
    },
    Rule {
        id: Id::PublicClients,
        knob: 17,
        path: "/token_request/client_auth",
        severity: Severity::Note,
        from: &[fapi("5.3.2.1")],
        says: |p| {
            when(p.token_request.client_auth.contains(&ClientAuthMethod::None), "clients without a secret are served")
        },
        compensations: &[(always, "PKCE is required of them; their refresh tokens are rotated or not given")],
    },
    Rule {
        id: Id::QueryParameters,
        knob: 17,
        path: "/token_request/query_parameters",
        severity: Severity::LegacyUnsafe,
        from: &[oauth21("2.4.1"), rfc9700("4.3")],
        says: |p| when(p.token_request.query_parameters, "token requests may carry parameters in the query"),
        compensations: &[(always, "queries of the token endpoint are never logged")],
    },
    Rule {
        id: Id::JsonTokenRequest,
        knob: 18,
        path: "/token_request/bodies",
        severity: Severity::LegacyUnsafe,
        from: &[oauth21("3.2.2")],
        says: |p| when(p.token_request.bodies.contains(&BodyFormat::Json), "token requests may be JSON"),
        compensations: &[(always, "only application/json, string members, no repeated members")],
    },
    Rule {
        id: Id::PasswordGrant,
        knob: 19,
        path: "/token_request/grants",
        severity: Severity::LegacyUnsafe,
        from: &[rfc9700("2.4"), oauth21("10"), fapi("5.3.2.1")],
        says: |p| when(p.token_request.grants.contains(&GrantType::Password), "the password grant is enabled"),
        compensations: &[
            (always, "same lockout counter and hash budget as the login form"),
            (always, "never for public clients, never for users with a second factor"),
        ],
    },
];
