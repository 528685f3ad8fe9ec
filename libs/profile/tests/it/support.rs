//! What the tests of a profile share: a client, a golden file, a patched profile.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use grantor_oauth::{GrantType, ProtocolError, RedirectUri, RegistrationRule, ScopeSet};
use grantor_profile::{AuthorizeRefusal, AuthorizeRequest, ClientPolicy, PageRefusal, Profile, Return};
use serde_json::Value;

pub const CALLBACK: &str = "https://example.com/oauth/callback";
pub const ALL_GRANTS: [GrantType; 4] =
    [GrantType::AuthorizationCode, GrantType::RefreshToken, GrantType::ClientCredentials, GrantType::Password];

pub fn profile(name: &str) -> Profile {
    Profile::preset(name).unwrap()
}

pub fn uri(raw: &str) -> RedirectUri {
    RedirectUri::register(raw, RegistrationRule::WIDEST).unwrap()
}

pub fn scopes(text: &str) -> ScopeSet {
    ScopeSet::from_spaced(text).unwrap()
}

pub fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

/// The client of a test.
pub struct Client {
    pub scopes: ScopeSet,
    pub grants: Vec<GrantType>,
    pub public: bool,
    pub native: bool,
}

/// A confidential client with every grant and every scope of the tenant.
pub fn authorize(profile: &Profile, query: &str) -> Result<AuthorizeRequest, AuthorizeRefusal> {
    authorize_as(profile, query, |_| {})
}

pub fn authorize_as(
    profile: &Profile,
    query: &str,
    change: impl FnOnce(&mut Client),
) -> Result<AuthorizeRequest, AuthorizeRefusal> {
    let registered = [uri(CALLBACK), uri("http://127.0.0.1/cb")];
    let mut client = Client { scopes: profile.scopes.all(), grants: ALL_GRANTS.to_vec(), public: false, native: false };
    change(&mut client);
    let policy = ClientPolicy {
        redirect_uris: &registered,
        default_redirect_uri: Some(&registered[0]),
        scopes: &client.scopes,
        grants: &client.grants,
        public: client.public,
        native: client.native,
    };
    profile.complete_authorize(profile.begin_authorize(query)?, &policy)
}

pub fn returned(result: Result<AuthorizeRequest, AuthorizeRefusal>) -> (Return, ProtocolError) {
    match result {
        Err(AuthorizeRefusal::Return(back, error)) => (*back, error),
        other => panic!("expected a return to the client, got {other:?}"),
    }
}

pub fn page(result: Result<AuthorizeRequest, AuthorizeRefusal>) -> PageRefusal {
    match result {
        Err(AuthorizeRefusal::Page(refusal)) => refusal,
        other => panic!("expected a page, got {other:?}"),
    }
}

/// The text of a golden file. `UPDATE_GOLDEN=1` writes it instead of comparing.
pub fn golden(name: &str) -> String {
    std::fs::read_to_string(golden_path(name)).unwrap().trim_end().to_owned()
}

pub fn assert_golden(name: &str, found: &str) {
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(golden_path(name), format!("{found}\n")).unwrap();
    }
    assert_eq!(golden(name), found, "{name}");
}

fn golden_path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

/// A document with parts of it replaced (RFC 7396).
pub fn patched(mut document: Value, patch: &Value) -> Value {
    merge(&mut document, patch);
    document
}

fn merge(into: &mut Value, patch: &Value) {
    let Value::Object(members) = patch else {
        *into = patch.clone();
        return;
    };
    if !into.is_object() {
        *into = Value::Object(serde_json::Map::new());
    }
    let object = into.as_object_mut().unwrap();
    for (name, value) in members {
        if value.is_null() {
            object.remove(name);
        } else {
            merge(object.entry(name.clone()).or_insert(Value::Null), value);
        }
    }
}

/// The document with every weak knob acknowledged, and nothing else.
pub fn acknowledging(mut document: Value) -> Value {
    let profile: Profile = serde_json::from_value(document.clone()).unwrap();
    let weak = profile.security_delta().into_iter().filter(grantor_profile::Deviation::must_be_acknowledged);
    document["acknowledged"] = weak.map(|one| Value::from(one.id.as_str())).collect();
    document
}
