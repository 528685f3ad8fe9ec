//! Scopes: knobs 9, 11, 12.

use super::rule::{Rule, Severity, always, oauth21, rfc9700, when};
use crate::{DeviationId as Id, ExcessScope, MissingScope, ScopeInput};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Id::ConstantScope,
        knob: 9,
        path: "/scopes/input",
        severity: Severity::Weak,
        from: &[rfc9700("2.3"), oauth21("7.1.4")],
        says: |p| when(p.scopes.input == ScopeInput::Ignored, "every token has the same constant scope"),
        compensations: &[(always, "the audience still restricts tokens; client and user tokens are told apart")],
    },
    Rule {
        id: Id::ScopeCommas,
        knob: 9,
        path: "/scopes/input",
        severity: Severity::LegacyUnsafe,
        from: &[oauth21("1.4.1")],
        says: |p| when(p.scopes.input == ScopeInput::CommaOrSpace, "scopes may be separated by commas"),
        compensations: &[(always, "one parser for both forms; commas are not part of a scope anywhere")],
    },
    Rule {
        id: Id::EverythingByDefault,
        knob: 11,
        path: "/scopes/missing",
        severity: Severity::Weak,
        from: &[rfc9700("2.3"), oauth21("7.1.4")],
        says: |p| {
            let everything = p.scopes.missing == MissingScope::ClientScopes;
            when(everything, "a request without scope asks for everything the client may have")
        },
        compensations: &[(always, "the consent page lists it all")],
    },
    Rule {
        id: Id::ExcessScopeIgnored,
        knob: 12,
        path: "/scopes/excess",
        severity: Severity::Note,
        from: &[oauth21("1.4.1")],
        says: |p| {
            when(p.scopes.excess == ExcessScope::Ignore, "scopes that a client may not have are left out silently")
        },
        compensations: &[(always, "the answer shows the scope that was granted where it shows one")],
    },
];
