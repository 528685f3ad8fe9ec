//! Strength of generated values: knobs 27, 28, 31, 39 (C22).

use std::borrow::Cow;

use grantor_oauth::GrantType;

use super::rule::{Compensation, Reference, Rule, Severity, always, fapi, other};
use crate::{AccessTokenFormat, DeviationId as Id, Profile, Shape};

/// Shapes a few bits short of 256 because of their alphabet are not worth telling.
const ENOUGH_BITS: u32 = 248;
const FROM: &[Reference] = &[other("Grantor security rules", "C22 (256 bits)"), fapi("5.4.1 (128 bits)")];
const COMPENSATIONS: &[Compensation] = &[(always, "stored as hashes; guessing is throttled")];

fn short(what: &str, shape: &Shape) -> Option<Cow<'static, str>> {
    let bits = shape.entropy_bits();
    (bits < ENOUGH_BITS).then(|| Cow::Owned(format!("{what} have {bits} random bits")))
}

fn grants(profile: &Profile, grant: GrantType) -> bool {
    profile.token_request.grants.contains(&grant)
}

const fn rule(id: Id, knob: u8, path: &'static str, says: fn(&Profile) -> Option<Cow<'static, str>>) -> Rule {
    Rule { id, knob, path, severity: Severity::Weak, from: FROM, says, compensations: COMPENSATIONS }
}

pub(super) const RULES: &[Rule] = &[
    rule(Id::ShortAccessTokens, 27, "/access_tokens/format", |p| match &p.access_tokens.format {
        AccessTokenFormat::Handle { shape } => short("access tokens", shape),
        AccessTokenFormat::Sealed {} | AccessTokenFormat::Jwt {} => None,
    }),
    rule(Id::ShortCodes, 28, "/codes/shape", |p| {
        grants(p, GrantType::AuthorizationCode).then(|| short("authorization codes", &p.codes.shape)).flatten()
    }),
    rule(Id::ShortRefreshTokens, 31, "/refresh_tokens/shape", |p| {
        grants(p, GrantType::RefreshToken).then(|| short("refresh tokens", &p.refresh_tokens.shape)).flatten()
    }),
    rule(Id::ShortClientSecrets, 39, "/clients/secret_shape", |p| short("client secrets", &p.clients.secret_shape)),
];
