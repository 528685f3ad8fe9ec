//! Answers: knobs 34 to 38.

use grantor_oauth::GrantType;

use super::rule::{Rule, Severity, always, fapi, oauth21, other, rfc9700, when};
use crate::{CallbackMember, DeviationId as Id, RevocationAuth, UnknownToken};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Id::RevocationByBearer,
        knob: 34,
        path: "/revocation/auth",
        severity: Severity::Weak,
        from: &[other("RFC 7009", "2.1")],
        says: |p| {
            let bearer = p.revocation.auth == RevocationAuth::ClientBearer;
            when(bearer, "revocation is authorized by a bearer token of the client")
        },
        compensations: &[(always, "a client's own, unexpired token, and the client's own tokens only")],
    },
    Rule {
        id: Id::RevocationOracle,
        knob: 35,
        path: "/revocation/unknown_token",
        severity: Severity::LegacyUnsafe,
        from: &[other("RFC 7009", "2.2")],
        says: |p| when(p.revocation.unknown_token == UnknownToken::Refused, "revoking an unknown token is an error"),
        compensations: &[
            (always, "one answer for unknown, foreign and revoked tokens"),
            (always, "an event only when something ended, one per grant"),
        ],
    },
    Rule {
        id: Id::IssuerUntold,
        knob: 36,
        path: "/errors/callback",
        severity: Severity::Note,
        from: &[rfc9700("4.4.2.1"), oauth21("7.15.1"), fapi("5.3.2.2")],
        says: |p| {
            let code = p.token_request.grants.contains(&GrantType::AuthorizationCode);
            when(
                code && !p.errors.callback.contains(&CallbackMember::Iss),
                "returns to the client do not name the issuer",
            )
        },
        compensations: &[(always, "redirect URIs are exact, so clients can have one per issuer")],
    },
    Rule {
        id: Id::ReflectedInput,
        knob: 37,
        path: "/errors/texts",
        severity: Severity::LegacyUnsafe,
        from: &[oauth21("7.12"), other("Grantor security rules", "C29")],
        says: |p| {
            let reflects = p.errors.texts.values().any(|text| text.contains("{submitted}"));
            when(reflects, "error descriptions repeat what the caller sent")
        },
        compensations: &[(always, "own input only, JSON-encoded, at most 200 characters, nosniff, never logged")],
    },
    Rule {
        id: Id::UserStateTold,
        knob: 38,
        path: "/errors/user_state",
        severity: Severity::Weak,
        from: &[other("Grantor security rules", "C24")],
        says: |p| {
            let told = p.errors.user_state.unverified != 400 || p.errors.user_state.locked != 400;
            when(told, "statuses tell that a user is locked or not verified")
        },
        compensations: &[(always, "only to clients that authenticated; attempts are throttled")],
    },
];
