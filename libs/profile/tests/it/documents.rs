//! The document: presets, round trips, refusals and contradictions.

use grantor_profile::{DeviationId, Endpoint, PRESETS, Profile, ProfileRefusal, Shape};
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
    openid.acknowledged.clear();
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
    assert!(matches!(strict_with(&json!({"surprise": 1})), Err(ProfileRefusal::Malformed { .. })));
    assert!(matches!(strict_with(&json!({"codes": {"surprise": 1}})), Err(ProfileRefusal::Malformed { .. })));
    let shape = json!({"clients": {"id_shape": {"kind": "uuid4", "length": 9}}});
    assert!(matches!(strict_with(&shape), Err(ProfileRefusal::Malformed { .. })));
    assert!(matches!(strict_with(&json!({"codes": null})), Err(ProfileRefusal::Malformed { .. })));
    assert_eq!(strict_with(&json!({"version": 2})), Err(ProfileRefusal::Version(2)));
    assert_eq!(Profile::from_json(&[b' '; 70_000]), Err(ProfileRefusal::TooLong));
    let twice = Profile::strict().to_json().replacen('{', "{\"version\":1,", 1);
    assert!(matches!(Profile::from_json(twice.as_bytes()), Err(ProfileRefusal::Malformed { .. })));
}

#[test]
fn an_unreadable_knob_is_named_by_its_pointer() {
    let cases = [
        (json!({"surprise": 1}), "/surprise"),
        (json!({"codes": {"surprise": 1}}), "/codes/surprise"),
        (json!({"codes": {"ttl_seconds": "soon"}}), "/codes/ttl_seconds"),
        (json!({"codes": {"ttl_seconds": -1}}), "/codes/ttl_seconds"),
        (json!({"codes": {"ttl_seconds": null}}), "/codes"),
        (json!({"authorize": {"pkce": "never"}}), "/authorize/pkce"),
        (json!({"token_request": {"grants": ["refresh_token", "implicit"]}}), "/token_request/grants/1"),
        (json!({"refresh_tokens": {"issue": {"with_scope": 7}}}), "/refresh_tokens/issue"),
        (json!({"clients": {"id_shape": {"kind": "uuid7"}}}), "/clients/id_shape/kind"),
        (json!({"errors": {"texts": {"a/b": "x"}}}), "/errors/texts"),
        (json!({"acknowledged": ["everything"]}), "/acknowledged/0"),
    ];
    for (patch, pointer) in cases {
        match strict_with(&patch) {
            Err(ProfileRefusal::Malformed { path, detail }) => assert_eq!(path, pointer, "{patch}: {detail}"),
            other => panic!("{patch}: {other:?}"),
        }
    }
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
        (
            json!({"access_tokens": {"format": {"form": "jwt", "shape": null}, "ttl_seconds": 3601}}),
            "/access_tokens/ttl_seconds",
        ),
        (json!({"access_tokens": {"reuse_unexpired": true}}), "/access_tokens/dpop"),
        (
            json!({"access_tokens": {"dpop": "required"}, "revocation": {"auth": "client_bearer"}}),
            "/access_tokens/dpop",
        ),
        (json!({"codes": {"shape": {"kind": "random", "alphabet": "hex", "length": 8}}}), "/codes/shape"),
        (json!({"paths": {"token": {"path": "/oauth/authorize"}}}), "/paths/token/path"),
        (json!({"paths": {"token": {"path": "/t", "aliases": ["/a", "b"]}}}), "/paths/token/aliases/1"),
        (json!({"paths": {"authorize": null}}), "/paths/authorize"),
        (json!({"paths": {"authorize": null}}), "/paths/pushed_authorization"),
        (
            json!({"authorize": {"pushed_only": true}, "paths": {"pushed_authorization": null}}),
            "/authorize/pushed_only",
        ),
        (json!({"token_request": {"client_auth": ["tls_client_auth"]}}), "/token_request/client_auth/0"),
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
    assert_eq!(found, ["/authorize/pkce", "/codes/ttl_seconds", "/authorize/pkce"], "the last is the acknowledgement");
}

#[test]
fn strict_has_no_weak_knob() {
    let delta = profile("strict").security_delta();
    let told: Vec<_> = delta.iter().map(|one| one.id.as_str()).collect();
    let notes = ["unpushed_requests", "shared_secrets", "public_clients", "rs256", "bearer_tokens", "rotation"];
    assert_eq!(told, notes, "what FAPI 2.0 demands beyond");
    let pushed = strict_with(&json!({"authorize": {"pushed_only": true}})).expect("a profile");
    assert!(pushed.security_delta().iter().all(|one| one.id.as_str() != notes[0]));
    assert!(!delta.iter().any(grantor_profile::Deviation::must_be_acknowledged));
}

#[test]
fn where_proofs_are_required_tokens_are_bound() {
    let told = |dpop: &str| {
        let profile = strict_with(&json!({"access_tokens": {"dpop": dpop}})).unwrap();
        let delta = profile.security_delta();
        delta.into_iter().find(|one| one.id == DeviationId::BearerTokens).map(|one| one.deviation.into_owned())
    };
    assert_eq!(told("off").as_deref(), Some("access tokens are not bound to their sender"));
    assert!(told("optional").unwrap().contains("only where the client sends a proof"));
    assert_eq!(told("required"), None);
    // Who has never heard of the knob says nothing of it.
    let off = strict_with(&json!({"access_tokens": {"dpop": "off"}})).unwrap();
    assert!(!off.to_json().contains("dpop"));
}

#[test]
fn a_weak_knob_is_refused_until_it_is_acknowledged() {
    let patch = json!({"access_tokens": {"ttl_seconds": 864_000}});
    let Err(ProfileRefusal::Contradictions(found)) = strict_with(&patch) else { panic!("it was accepted") };
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].path, "/access_tokens/ttl_seconds");
    assert!(found[0].message.contains("RFC 6750 5.3") && found[0].message.contains("\"long_access_tokens\""));
    let decided = json!({"access_tokens": {"ttl_seconds": 864_000}, "acknowledged": ["long_access_tokens"]});
    let profile = strict_with(&decided).unwrap();
    assert!(profile.security_delta().iter().any(|one| one.id == DeviationId::LongAccessTokens && one.acknowledged));
}

#[test]
fn nothing_is_acknowledged_in_advance() {
    assert_eq!(paths_refused(&json!({"acknowledged": ["framing"]})), ["/acknowledged/0"]);
    assert_eq!(paths_refused(&json!({"acknowledged": ["shared_secrets"]})), ["/acknowledged/0"], "a note");
    assert!(matches!(strict_with(&json!({"acknowledged": ["everything"]})), Err(ProfileRefusal::Malformed { .. })));
}

#[test]
fn every_deviation_has_one_name_one_rule_and_sections() {
    let all = serde_json::to_value(DeviationId::ALL).unwrap();
    let names: std::collections::BTreeSet<_> = all.as_array().unwrap().iter().map(|name| name.to_string()).collect();
    assert_eq!(names.len(), DeviationId::ALL.len());
    for id in DeviationId::ALL {
        assert_eq!(serde_json::to_value(id).unwrap(), id.as_str());
    }
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
