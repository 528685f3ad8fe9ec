//! People, clients and pages: knobs 39 to 44.

use super::rule::{Rule, Severity, always, oauth21, other, rfc9700, when};
use crate::{ApiPasswords, DeviationId as Id, Framing};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: Id::SecretIsApiKey,
        knob: 39,
        path: "/clients/secret_is_api_key",
        severity: Severity::LegacyUnsafe,
        from: &[rfc9700("2.5"), oauth21("2.4.1")],
        says: |p| when(p.clients.secret_is_api_key, "the client secret is also an API key"),
        compensations: &[(always, "revealed once, rolled with overlap, last use shown")],
    },
    Rule {
        id: Id::AddressesUnverified,
        knob: 41,
        path: "/interaction/verify_email",
        severity: Severity::Weak,
        from: &[other("Grantor security rules", "C24")],
        says: |p| {
            let open = p.interaction.sign_up && !p.interaction.verify_email;
            when(open, "sign-up does not verify addresses, so it reveals which exist")
        },
        compensations: &[(always, "attempts are throttled")],
    },
    Rule {
        id: Id::Framing,
        knob: 43,
        path: "/interaction/framing",
        severity: Severity::LegacyUnsafe,
        from: &[rfc9700("4.16"), oauth21("7.11")],
        says: |p| when(p.interaction.framing == Framing::RegisteredOrigins, "pages may be framed"),
        compensations: &[
            (always, "by the client's registered origins only"),
            (always, "consent needs a top-level page or a second confirmation; cookies are partitioned"),
        ],
    },
    Rule {
        id: Id::PasswordEcho,
        knob: 44,
        path: "/users_api/echo_password",
        severity: Severity::LegacyUnsafe,
        from: &[other("OWASP ASVS", "2.1")],
        says: |p| {
            let echoes = p.users_api.as_ref().is_some_and(|api| api.echo_password);
            when(echoes, "user creation answers with the password")
        },
        compensations: &[
            (always, "from the request's memory only; never stored, logged or sent in events"),
            (always, "Cache-Control: no-store"),
        ],
    },
    Rule {
        id: Id::ChosenUserIds,
        knob: 44,
        path: "/users_api",
        severity: Severity::LegacyUnsafe,
        from: &[rfc9700("4.15")],
        says: |p| when(p.users_api.is_some(), "clients choose the ids of users"),
        compensations: &[
            (always, "an immutable id of Grantor's own stands behind each; unique within the tenant"),
            (always, "sub never equals a client id"),
        ],
    },
    Rule {
        id: Id::ShortUserPasswords,
        knob: 44,
        path: "/users_api/passwords",
        severity: Severity::LegacyUnsafe,
        from: &[other("NIST SP 800-63B", "3.1.1")],
        says: |p| {
            let short = p.users_api.as_ref().is_some_and(|api| api.passwords == ApiPasswords::SixToThirtySix);
            when(short, "clients may set passwords of six characters, and well-known ones")
        },
        compensations: &[
            (always, "guessing is throttled as at the login form"),
            (
                |p| p.users_api.as_ref().is_some_and(|api| api.lock_after_failures.is_some()),
                "wrong passwords lock the user until a new one is set",
            ),
        ],
    },
];
