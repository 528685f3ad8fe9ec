//! Codes and tokens: knobs 21, 27 to 32.

use std::borrow::Cow;

use grantor_oauth::GrantType;

use super::rule::{Rule, Severity, always, fapi, oauth21, other, rfc9700, when};
use crate::{AccessTokenFormat, DeviationId as Id, Dpop, Profile, Rotation, Shape, SigningAlg, TokenMember};

/// Bearer tokens should not live longer (RFC 6750 5.3).
const HOUR: u32 = 3600;
/// RFC 6749 4.1.2.
const TEN_MINUTES: u32 = 600;
/// Longer without use is long.
const MONTH: u32 = 31 * 86_400;

fn code(profile: &Profile) -> bool {
    profile.token_request.grants.contains(&GrantType::AuthorizationCode)
}

fn refreshes(profile: &Profile) -> bool {
    profile.token_request.grants.contains(&GrantType::RefreshToken)
}

fn online(profile: &Profile) -> bool {
    !matches!(profile.access_tokens.format, AccessTokenFormat::Jwt {})
}

fn rotates(profile: &Profile) -> bool {
    profile.refresh_tokens.rotation == Rotation::Always
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Id::ExpiryUntold,
        knob: 21,
        path: "/token_response/members",
        severity: Severity::Weak,
        from: &[oauth21("3.2.3")],
        says: |p| when(!p.shows(TokenMember::ExpiresIn), "token responses do not say when the token expires"),
        compensations: &[(always, "introspection does")],
    },
    Rule {
        id: Id::BearerTokens,
        knob: 27,
        path: "/access_tokens/dpop",
        severity: Severity::Note,
        from: &[rfc9700("2.2.1"), oauth21("1.4.3"), fapi("5.3.2.1")],
        says: |p| match p.access_tokens.dpop {
            Dpop::Off => when(true, "access tokens are not bound to their sender"),
            Dpop::Optional => when(true, "access tokens are bound to their sender only where the client sends a proof"),
            Dpop::Required => None,
        },
        compensations: &[(always, "bound to audience and scope, revocable at once, dead with security events")],
    },
    Rule {
        id: Id::OfflineTokens,
        knob: 27,
        path: "/access_tokens/format",
        severity: Severity::Note,
        from: &[rfc9700("4.14.2")],
        says: |p| when(!online(p), "resource servers may accept a revoked token until it expires"),
        compensations: &[(
            |p| p.access_tokens.ttl_seconds <= HOUR,
            "they expire within an hour; introspection is exact",
        )],
    },
    Rule {
        id: Id::TokenReused,
        knob: 27,
        path: "/access_tokens/reuse_unexpired",
        severity: Severity::Weak,
        from: &[rfc9700("2.2.1")],
        says: |p| when(p.access_tokens.reuse_unexpired, "the same unexpired token is answered again"),
        compensations: &[(always, "to the same credentials only; it keeps its first end")],
    },
    Rule {
        id: Id::JwtShapedCodes,
        knob: 28,
        path: "/codes/shape",
        severity: Severity::LegacyUnsafe,
        from: &[rfc9700("4.5")],
        says: |p| when(code(p) && matches!(p.codes.shape, Shape::JwtLike { .. }), "authorization codes look like JWTs"),
        compensations: &[(always, "opaque: a one-time record stands behind the hash of each, nothing reads its parts")],
    },
    Rule {
        id: Id::CodesOverAMinute,
        knob: 29,
        path: "/codes/ttl_seconds",
        severity: Severity::Note,
        from: &[fapi("5.3.2.1")],
        says: |p| {
            let over = (61..=TEN_MINUTES).contains(&p.codes.ttl_seconds);
            when(code(p) && over, "authorization codes live longer than a minute")
        },
        compensations: &[(always, "single-use; a second use revokes what the first gave")],
    },
    Rule {
        id: Id::LongCodes,
        knob: 29,
        path: "/codes/ttl_seconds",
        severity: Severity::LegacyUnsafe,
        from: &[other("RFC 6749", "4.1.2"), oauth21("4.1.2"), fapi("5.3.2.1")],
        says: |p| {
            let over = p.codes.ttl_seconds > TEN_MINUTES;
            when(code(p) && over, "authorization codes live longer than ten minutes")
        },
        compensations: &[
            (always, "single-use; a second use revokes what the first gave"),
            (always, "capped at one hour"),
        ],
    },
    Rule {
        id: Id::LongAccessTokens,
        knob: 30,
        path: "/access_tokens/ttl_seconds",
        severity: Severity::LegacyUnsafe,
        from: &[other("RFC 6750", "5.3"), rfc9700("4.10")],
        says: |p| {
            let hours = p.access_tokens.ttl_seconds / HOUR;
            let long = p.access_tokens.ttl_seconds > HOUR;
            long.then(|| Cow::Owned(format!("access tokens live {hours} hours")))
        },
        compensations: &[
            (online, "opaque, checked by introspection, revocable at once"),
            (always, "restricted to their audience; die with security events"),
        ],
    },
    Rule {
        id: Id::EndlessRefresh,
        knob: 31,
        path: "/refresh_tokens/idle_seconds",
        severity: Severity::Weak,
        from: &[rfc9700("4.14.2"), oauth21("4.3.3")],
        says: |p| when(refreshes(p) && p.refresh_tokens.idle_seconds.is_none(), "unused refresh tokens do not expire"),
        compensations: &[
            (always, "revocable at once by partner, account holder and operator; die with security events"),
            (|p| p.refresh_tokens.absolute_seconds.is_some(), "they have a greatest age"),
        ],
    },
    Rule {
        id: Id::LongIdleRefresh,
        knob: 31,
        path: "/refresh_tokens/idle_seconds",
        severity: Severity::LegacyUnsafe,
        from: &[rfc9700("4.14.2"), oauth21("4.3.3")],
        says: |p| {
            let long = p.refresh_tokens.idle_seconds.is_some_and(|idle| idle > MONTH);
            when(refreshes(p) && long, "refresh tokens live longer than a month without use")
        },
        compensations: &[
            (rotates, "rotated at every use; reuse of an old one ends the family"),
            (|p| p.refresh_tokens.grace_seconds > 0, "a lost response is answered again for a short grace"),
            (always, "revocable at once; die with security events"),
        ],
    },
    Rule {
        id: Id::NoRotation,
        knob: 32,
        path: "/refresh_tokens/rotation",
        severity: Severity::Weak,
        from: &[rfc9700("2.2.2"), oauth21("4.3.1")],
        says: |p| when(refreshes(p) && !rotates(p), "refresh tokens are not rotated"),
        compensations: &[(always, "bound to clients that authenticate; revocable at once")],
    },
    Rule {
        id: Id::Rotation,
        knob: 32,
        path: "/refresh_tokens/rotation",
        severity: Severity::Note,
        from: &[fapi("5.3.2.1")],
        says: |p| when(refreshes(p) && rotates(p), "refresh tokens are rotated"),
        compensations: &[(
            |p| p.access_tokens.dpop != Dpop::Required,
            "what RFC 9700 2.2.2 asks for where tokens are not bound to their sender",
        )],
    },
    Rule {
        id: Id::Rs256,
        knob: 25,
        path: "/oidc/signing_algs",
        severity: Severity::Note,
        from: &[fapi("5.4.1")],
        says: |p| {
            let offered = p.oidc.enabled && p.oidc.signing_algs.contains(&SigningAlg::RS256);
            when(offered, "ID tokens may be signed with RS256")
        },
        compensations: &[(always, "OpenID Connect demands it; the algorithm is fixed per client")],
    },
];
