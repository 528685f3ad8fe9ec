use chrono::{DateTime, TimeDelta};
use grantor_eventsourcing::{Timestamp, fold};
use grantor_ids::UserId;
use uuid::Uuid;

use super::*;

pub const DEVELOPER: UserId = UserId::from_uuid(Uuid::from_u128(7));

/// Seconds after some beginning.
pub fn at(seconds: i64) -> Timestamp {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

pub fn secret(id: &str, seconds: i64) -> Secret {
    Secret { id: id.into(), sha256: "00".repeat(32), created_at: at(seconds), expires_at: None }
}

pub fn settings() -> Settings {
    Settings {
        name: "Budget Buddy".into(),
        website: Some("https://buddy.example".into()),
        logo_url: None,
        redirect_uris: vec!["https://buddy.example/callback".into()],
        post_logout_redirect_uris: Vec::new(),
        origins: Vec::new(),
        scopes: vec!["openid".into(), "profile".into()],
        jwks: grantor_jose::KeySet::default(),
        id_token_alg: None,
        password_grant: false,
        lifetimes: grantor_profile::Lifetimes::default(),
    }
}

/// One key, of RFC 8037 A.2.
pub fn keys() -> grantor_jose::KeySet {
    let key = r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","kid":"a"}]}"#;
    serde_json::from_str(key).expect("a set of keys")
}

pub fn limits() -> Limits<'static> {
    Limits {
        kind: Kind::Confidential,
        development: false,
        reviewed: true,
        tenant_name: "Financefeast",
        scopes: &["openid", "profile", "plan"],
        assertions: true,
        algorithms: &["RS256", "ES256"],
    }
}

pub fn registration() -> Registration {
    Registration {
        client_id: "abc".into(),
        kind: Kind::Confidential,
        contact: Some(DEVELOPER),
        settings: settings(),
        resource: None,
        terms: Some(acceptance()),
        secret: Some(secret("s1", 0)),
        created_at: at(0),
    }
}

pub fn acceptance() -> TermsAcceptance {
    TermsAcceptance { version: "1".into(), sha256: "11".repeat(32), accepted_by: DEVELOPER, accepted_at: at(0) }
}

pub fn registered() -> Event {
    Event::Registered(Box::new(registration()))
}

pub fn draft() -> Vec<Event> {
    vec![registered()]
}

pub fn pending() -> Vec<Event> {
    vec![registered(), Event::Submitted]
}

pub fn approved() -> Vec<Event> {
    vec![registered(), Event::Submitted, Event::Approved]
}

pub fn rejected() -> Vec<Event> {
    vec![registered(), Event::Submitted, Event::Rejected { reason: "no".into() }]
}

pub fn suspended() -> Vec<Event> {
    [approved(), vec![Event::Suspended { reason: "abuse".into() }]].concat()
}

pub fn deleted() -> Vec<Event> {
    [approved(), vec![Event::Deleted]].concat()
}

/// Given these events, the command's verdict is this one.
pub fn check<C>(given: &[Event], decide: fn(&Client, &C) -> Verdict, command: &C, expected: &Verdict) {
    assert_eq!(decide(&fold(given), command), *expected);
}
