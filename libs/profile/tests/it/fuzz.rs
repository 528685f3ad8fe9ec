//! Every profile that is accepted × any request: an answer below 500 or a refusal, never a panic,
//! and never a word to anybody but the client's own redirect URI.

use grantor_oauth::{ErrorCode, ScopeSet};
use grantor_profile::{
    CallbackOutcome, ClientPolicy, Endpoint, Incoming, PRESETS, Profile, SigningAlg, Situation, TokenAnswer,
};
use proptest::{collection::vec, prelude::*};
use serde_json::Value;

use crate::{mutate::profiles, support::*};

const WORDS: &[&str] = &[
    "client_id=",
    "app",
    "&client_secret=",
    "s3cret",
    "&grant_type=",
    "authorization_code",
    "refresh_token",
    "password",
    "client_credentials",
    "&code=",
    "&redirect_uri=",
    "https%3A%2F%2Fexample.com%2Foauth%2Fcallback",
    "&response_type=",
    "code",
    "&scope=",
    "openid",
    "profile+plan",
    "a,b",
    "read_write",
    "&state=",
    "&nonce=",
    "&nounce=",
    "x",
    "&code_challenge=",
    "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "&code_challenge_method=",
    "S256",
    "plain",
    "&prompt=",
    "none",
    "&max_age=",
    "-1",
    "&claims=",
    "%7B%22id_token%22%3Anull%7D",
    "&response_mode=",
    "form_post",
    "&token=",
    "&access_token=",
    "&username=",
    "&",
    "=",
    "%00",
    "%FF",
    "+",
    "{\"",
    "\":\"",
    "\",\"",
    "\"}",
    "\0",
    "é",
];

fn noise() -> impl Strategy<Value = Vec<u8>> {
    let word = prop::sample::select(WORDS).prop_map(|word| word.as_bytes().to_vec());
    vec(prop_oneof![6 => word, 1 => vec(any::<u8>(), 0..16)], 0..24).prop_map(|pieces| pieces.concat())
}

fn kinds() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![
        None,
        Some("application/x-www-form-urlencoded"),
        Some("application/json"),
        Some("application/json; charset=latin1"),
        Some("text/plain"),
    ])
}

fn asked_to_authorize(profile: &Profile, query: &[u8], public: bool) -> Result<(), TestCaseError> {
    let registered = [uri(CALLBACK)];
    let scopes = profile.scopes.all();
    let policy = ClientPolicy {
        redirect_uris: &registered,
        default_redirect_uri: Some(&registered[0]),
        scopes: &scopes,
        grants: &ALL_GRANTS,
        public,
        native: false,
    };
    let Ok(start) = profile.begin_authorize(query) else { return Ok(()) };
    let (back, refused) = match profile.complete_authorize(start, &policy) {
        Ok(request) => {
            prop_assert!(request.scopes.iter().all(|scope| scopes.contains(scope.as_str())), "{:?}", request.scopes);
            (request.back, None)
        }
        Err(grantor_profile::AuthorizeRefusal::Return(back, error)) => (*back, Some(error)),
        Err(grantor_profile::AuthorizeRefusal::Page(_)) => return Ok(()),
    };
    let error = refused.unwrap_or_else(|| ErrorCode::AccessDenied.because("no"));
    let outcomes = [CallbackOutcome::Code("c"), CallbackOutcome::Refused { error: &error, cancelled: true }];
    for outcome in outcomes {
        let url = profile.callback(&back, outcome, "https://id.example.com").url();
        prop_assert!(url == CALLBACK || url.starts_with(&format!("{CALLBACK}?")), "{}", url);
        prop_assert!(url.bytes().all(|byte| byte.is_ascii_graphic()), "{}", url);
    }
    Ok(())
}

fn asked_for_a_token(profile: &Profile, incoming: &Incoming<'_>) -> Result<(), TestCaseError> {
    if let Err(error) = profile.parse_token_request(incoming) {
        let answer = profile.token_error(&error);
        prop_assert!((400..500).contains(&answer.status), "{}", answer.status);
        let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
        prop_assert!(body["error"].is_string(), "{}", body);
    }
    if let Ok(params) = profile.body_params(incoming) {
        drop(profile.credentials(incoming, &params));
    }
    Ok(())
}

fn answers(profile: &Profile, submitted: &str, scopes: &ScopeSet) -> Result<(), TestCaseError> {
    let answer = profile.token_response(&TokenAnswer {
        access_token: "AT",
        issued_at: at(0),
        expires_at: at(60),
        now: at(90),
        scopes,
        asked: None,
        refresh_token: Some("RT"),
        account_id: Some("A"),
        id_token: Some("I"),
        bound: false,
    });
    prop_assert_eq!(answer.status, 200);
    let body: Value = serde_json::from_slice(&answer.body).expect("JSON");
    prop_assert_eq!(&body["access_token"], "AT");
    for situation in [Situation::UnknownCode, Situation::BadClient, Situation::UserLocked, Situation::UnknownToken] {
        let error = profile.refusal(situation, Some(submitted));
        prop_assert!(error.description().chars().count() <= 600, "{}", error.description());
        prop_assert!((400..500).contains(&profile.status_of(situation)));
    }
    for endpoint in [Endpoint::Authorize, Endpoint::Token, Endpoint::Revoke, Endpoint::Jwks] {
        if let Some(path) = profile.path_of(endpoint) {
            prop_assert_eq!(profile.endpoint_at(path), Some(endpoint));
        }
    }
    let document = profile.discovery("https://id.example.com", "https://id.example.com", &[SigningAlg::ES256]);
    prop_assert_eq!(&document["issuer"], "https://id.example.com");
    prop_assert!(profile.security_delta().iter().all(|one| one.acknowledged || !one.must_be_acknowledged()));
    Ok(())
}

#[test]
fn every_preset_is_among_the_profiles_that_are_fuzzed() {
    for preset in PRESETS {
        let document = serde_json::from_str(preset.json).unwrap();
        let found = crate::mutate::accepted(document).map(|profile| profile.to_json());
        assert_eq!(found, Profile::preset(preset.name).map(|profile| profile.to_json()), "{}", preset.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_request_at_any_profile_is_answered(
        profile in profiles(), query in noise(), body in noise(), kind in kinds(),
        authorization in prop::option::of("(Basic|Bearer|basic) [A-Za-z0-9+/=:]{0,40}"), public in any::<bool>(),
        submitted in "\\PC{0,300}",
    ) {
        asked_to_authorize(&profile, &query, public)?;
        let query = String::from_utf8_lossy(&query);
        let incoming = Incoming {
            content_type: kind, authorization: authorization.as_deref(), query: Some(query.as_ref()), body: &body,
        };
        asked_for_a_token(&profile, &incoming)?;
        drop(profile.parse_revocation(&incoming));
        answers(&profile, &submitted, &profile.scopes.all())?;
    }
}
