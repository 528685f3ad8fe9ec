//! The document: presets, round trips, refusals and contradictions.

use grantor_profile::{Endpoint, PRESETS, Profile, ProfileRefusal, Shape};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::*;

fn strict_with(patch: &Value) -> Result<Profile, ProfileRefusal> {
    let document = patched(serde_json::to_value(Profile::strict()).unwrap(), patch);
    Profile::from_json(document.to_string().as_bytes())
}

fn paths_refused(patch: &Value) -> Vec<String> {
    match strict_with(patch) {
        Err(ProfileRefusal::Contradictions(found)) => found.into_iter().map(|one| one.path).collect(),
        other => panic!("expected contradictions, got {other:?}"),
    }
}

#[test]
fn every_preset_is_read_and_holds_no_contradiction() {
    for preset in PRESETS {
        let profile = profile(preset.name);
        assert_eq!(profile.validate(), [], "{}", preset.name);
        assert_eq!(Profile::from_json(profile.to_json().as_bytes()), Ok(profile));
    }
    assert_eq!(Profile::preset("nobody"), None);
}

#[test]
fn openid_is_strict_with_pkce_of_public_clients_only() {
    let (strict, mut openid) = (profile("strict"), profile("openid"));
    openid.authorize.pkce = strict.authorize.pkce;
    openid.authorize.state = strict.authorize.state;
    openid.token_request.client_auth = strict.token_request.client_auth.clone();
    openid.scopes.missing = strict.scopes.missing;
    openid.scopes.default_set = Vec::new();
    assert_eq!(openid, strict, "what libraries need and nothing else");
}

#[test]
fn financefeast_has_the_guides_numbers() {
    let ff = profile("financefeast");
    assert_eq!(ff.access_tokens.ttl_seconds, 864_000);
    assert_eq!(ff.codes.shape, Shape::Uuid4 {});
    assert_eq!((ff.clients.id_shape.rendered_len(), ff.clients.secret_shape.rendered_len()), (32, 40));
    assert_eq!(ff.path_of(Endpoint::CreateClient), Some("/oauth/create_client"));
    assert_eq!(ff.endpoint_at("/oauth/token"), Some(Endpoint::Token));
    assert_eq!(ff.endpoint_at("/oauth/token/"), None);
    assert!(!ff.cors.token && ff.clients.terms_required);
}

#[test]
fn unknown_knobs_repeated_knobs_and_other_versions_are_refused() {
    assert!(matches!(strict_with(&json!({"surprise": 1})), Err(ProfileRefusal::Malformed(_))));
    assert!(matches!(strict_with(&json!({"codes": {"surprise": 1}})), Err(ProfileRefusal::Malformed(_))));
    let shape = json!({"clients": {"id_shape": {"kind": "uuid4", "length": 9}}});
    assert!(matches!(strict_with(&shape), Err(ProfileRefusal::Malformed(_))));
    assert!(matches!(strict_with(&json!({"codes": null})), Err(ProfileRefusal::Malformed(_))));
    assert_eq!(strict_with(&json!({"version": 2})), Err(ProfileRefusal::Version(2)));
    assert_eq!(Profile::from_json(&[b' '; 70_000]), Err(ProfileRefusal::TooLong));
    let twice = Profile::strict().to_json().replacen('{', "{\"version\":1,", 1);
    assert!(matches!(Profile::from_json(twice.as_bytes()), Err(ProfileRefusal::Malformed(_))));
}

#[test]
fn contradictions_name_the_knob() {
    let cases = [
        (json!({"authorize": {"pkce": "accepted"}}), "/authorize/pkce"),
        (json!({"refresh_tokens": {"issue": "never"}}), "/refresh_tokens/issue"),
        (json!({"refresh_tokens": {"issue": {"with_scope": "other"}}}), "/refresh_tokens/issue/with_scope"),
        (json!({"scopes": {"missing": "default_set"}}), "/scopes/default_set"),
        (json!({"scopes": {"default_set": ["other"]}}), "/scopes/default_set/0"),
        (json!({"codes": {"ttl_seconds": 3601}}), "/codes/ttl_seconds"),
        (json!({"codes": {"shape": {"kind": "random", "alphabet": "hex", "length": 8}}}), "/codes/shape"),
        (json!({"paths": {"token": {"path": "/oauth/authorize"}}}), "/paths/token/path"),
        (json!({"paths": {"token": {"path": "/t", "aliases": ["/a", "b"]}}}), "/paths/token/aliases/1"),
        (json!({"paths": {"authorize": null}}), "/paths/authorize"),
        (json!({"token_request": {"client_auth": ["private_key_jwt"]}}), "/token_request/client_auth/0"),
        (json!({"token_response": {"members": ["access_token"]}}), "/token_response/members"),
        (json!({"errors": {"callback": ["code", "state", "code"]}}), "/errors/callback/2"),
        (json!({"revocation": {"success_status": 500}}), "/revocation/success_status"),
        (json!({"interaction": {"session_idle_seconds": 90000}}), "/interaction/session_idle_seconds"),
    ];
    for (patch, path) in cases {
        let found = paths_refused(&patch);
        assert!(found.iter().any(|known| known == path), "{patch}: {found:?}");
    }
}

#[test]
fn all_contradictions_are_told_at_once() {
    let found = paths_refused(&json!({"codes": {"ttl_seconds": 0}, "authorize": {"pkce": "accepted"}}));
    assert_eq!(found, ["/authorize/pkce", "/codes/ttl_seconds"]);
}

#[test]
fn strict_deviates_in_nothing_but_shared_secrets() {
    let delta = profile("strict").security_delta();
    assert_eq!(delta.iter().map(|one| one.knob).collect::<Vec<_>>(), [17]);
}

proptest! {
    #[test]
    fn a_document_reads_back_as_written(
        which in 0_usize..3, ttl in any::<u32>(), state in 0_usize..3, length in any::<u16>(), alias in "[a-z]{0,9}",
    ) {
        let states = ["optional", "advised", "required_or_pkce"];
        let document = serde_json::to_value(profile(PRESETS[which].name)).unwrap();
        let patch = json!({
            "access_tokens": {"ttl_seconds": ttl},
            "authorize": {"state": states[state], "nonce_aliases": [alias]},
            "clients": {"id_shape": {"kind": "random", "prefix": "x_", "alphabet": "base62", "length": length}},
        });
        let profile: Profile = serde_json::from_value(patched(document, &patch)).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Profile>(&profile.to_json()).unwrap(), &profile);
        // Whatever it says, looking at it does not fail.
        let (refused, _) = (profile.validate(), profile.security_delta());
        prop_assert_eq!(Profile::from_json(profile.to_json().as_bytes()).is_ok(), refused.is_empty());
    }
}
