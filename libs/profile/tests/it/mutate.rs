//! Random profiles: a preset with some knobs turned to other values, as far as it still validates
//! with every weak knob acknowledged. Also used by the tests of the running platform.

use std::collections::{BTreeMap, BTreeSet};

use grantor_profile::{Deviation, PRESETS, Profile};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Values of knobs that no preset needs to have.
const MORE: &[(&str, &str)] = &[
    ("/authorize/response_type", r#"["required","defaults_to_code"]"#),
    ("/authorize/redirect_uri", r#"["required","default_when_absent"]"#),
    ("/authorize/state", r#"["optional","advised","required_or_pkce"]"#),
    ("/authorize/nonce_aliases", r#"[["nounce"],["n","m"],["nonce"]]"#),
    ("/authorize/pkce", r#"["accepted","required_of_public","required"]"#),
    ("/scopes/input", r#"["space","comma_or_space","ignored"]"#),
    ("/scopes/output", r#"["space","comma"]"#),
    ("/scopes/shown", r#"["always","when_different"]"#),
    ("/scopes/missing", r#"["default_set","client_scopes","refuse"]"#),
    ("/scopes/excess", r#"["refuse","ignore"]"#),
    ("/token_request/redirect_uri", r#"["required","required_if_sent","optional"]"#),
    ("/token_request/client_auth", r#"[["client_secret_post"],["client_secret_basic","client_secret_post"],["none"]]"#),
    ("/token_request/bodies", r#"[["form"],["json"],["form","json"],[]]"#),
    (
        "/token_request/grants",
        r#"[["authorization_code"],["client_credentials"],["authorization_code","refresh_token"],["password","client_credentials"]]"#,
    ),
    ("/token_response/token_type", r#"["Bearer","bearer"]"#),
    ("/token_response/expires_in", r#"["nominal","remaining"]"#),
    ("/access_tokens/format", r#"[{"form":"jwt"},{"form":"sealed"},{"form":"handle","shape":{"kind":"uuid4"}}]"#),
    ("/access_tokens/dpop", r#"["off","optional","required"]"#),
    (
        "/codes/shape",
        r#"[{"kind":"uuid4"},{"kind":"jwt_like","payload_bytes":16},{"kind":"random","alphabet":"hex","length":1024}]"#,
    ),
    ("/refresh_tokens/issue", r#"["never","always",{"with_scope":"openid"}]"#),
    ("/refresh_tokens/rotation", r#"["off","always"]"#),
    ("/revocation/parameter", r#"["token","refresh_token","access_token"]"#),
    ("/revocation/unknown_token", r#"["succeeds","refused"]"#),
    ("/revocation/failures", r#"["as_token_endpoint","bad_request"]"#),
    ("/revocation/success_status", "[200,204,500]"),
    (
        "/errors/callback",
        r#"[["code","state","success","cancel"],["error","code","error_code","state"],["code","state","error","iss"]]"#,
    ),
    ("/errors/texts", r#"[{"unknown_code":"no {submitted}"},{"bad_client":"{submitted}{submitted}"}]"#),
    ("/errors/user_state", r#"[{"unverified":403,"locked":423}]"#),
    ("/clients/onboarding", r#"["self_service","self_service_with_approval","issued"]"#),
    ("/interaction/consent/remembered", "[true,false]"),
    ("/oidc/enabled", "[true,false]"),
    ("/oidc/signing_algs", r#"[["ES256"],["EdDSA","RS256"],[]]"#),
];
/// Where lifetimes and counts break.
const NUMBERS: [u64; 10] = [0, 1, 10, 59, 60, 600, 3600, 3601, 86_400, 4_294_967_295];

/// What each knob is turned to: what the presets say, and more.
fn pool() -> Vec<(String, Vec<Value>)> {
    let mut pool: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for preset in PRESETS {
        let document: Value = serde_json::from_str(preset.json).expect("a document");
        for (group, knobs) in document.as_object().expect("an object") {
            for (knob, value) in knobs.as_object().into_iter().flatten() {
                let values = pool.entry(format!("/{group}/{knob}")).or_default();
                values.push(value.clone());
                match value {
                    Value::Number(_) => values.extend(NUMBERS.map(Value::from)),
                    Value::Bool(_) => values.extend([json!(true), json!(false)]),
                    _ => {}
                }
            }
        }
    }
    for (pointer, values) in MORE {
        let values: Vec<Value> = serde_json::from_str(values).expect("values");
        pool.entry((*pointer).to_owned()).or_default().extend(values);
    }
    pool.into_iter().collect()
}

/// The document with every weak knob acknowledged, if it is a profile then.
pub fn accepted(mut document: Value) -> Option<Profile> {
    document.as_object_mut()?.remove("acknowledged");
    let mut profile: Profile = serde_json::from_value(document).ok()?;
    let weak = profile.security_delta().into_iter().filter(Deviation::must_be_acknowledged);
    profile.acknowledged = weak.map(|one| one.id).collect::<BTreeSet<_>>();
    Profile::from_json(profile.to_json().as_bytes()).ok()
}

/// Turns knobs one after the other; a turn that makes no profile is taken back.
fn turned(preset: usize, turns: &[(usize, usize)], pool: &[(String, Vec<Value>)]) -> Profile {
    let mut document: Value = serde_json::from_str(PRESETS[preset].json).expect("a document");
    let mut profile = accepted(document.clone()).expect("a preset");
    for (knob, value) in turns {
        let (pointer, values) = &pool[knob % pool.len()];
        let (group, name) = pointer[1..].split_once('/').expect("two parts");
        let mut changed = document.clone();
        let Some(place) = changed.pointer_mut(&format!("/{group}")).and_then(Value::as_object_mut) else { continue };
        place.insert(name.to_owned(), values[value % values.len()].clone());
        if let Some(found) = accepted(changed.clone()) {
            (document, profile) = (changed, found);
        }
    }
    profile
}

/// Profiles that this server would serve.
pub fn profiles() -> impl Strategy<Value = Profile> {
    let pool = pool();
    (0..PRESETS.len(), prop::collection::vec((any::<usize>(), any::<usize>()), 0..16))
        .prop_map(move |(preset, turns)| turned(preset, &turns, &pool))
}
