//! The exchanges of the guides, byte for byte.

use grantor_oauth::{ClientAuthMethod, ErrorCode, ResponseMode};
use grantor_profile::{
    BodyKind, CallbackOutcome, Endpoint, Incoming, Profile, Return, SigningAlg, Situation, TokenAnswer, TokenGrant,
};
use secrecy::ExposeSecret;

use crate::support::*;

/// The presets whose documents are golden.
const GOLDEN: [&str; 7] = ["strict", "openid", "financefeast", "generic", "finapi", "finexer", "finx"];

fn back(state: &str) -> Return {
    Return {
        redirect_uri: uri(CALLBACK),
        redirect_uri_sent: true,
        state: Some(state.to_owned()),
        mode: ResponseMode::Query,
    }
}

fn denied(profile: &Profile, state: &str) -> String {
    let error = ErrorCode::AccessDenied.because("the user said no");
    let outcome = CallbackOutcome::Refused { error: &error, cancelled: true };
    profile.callback(&back(state), outcome, "https://id.example.com").url()
}

#[test]
fn financefeast_authorize_is_understood() {
    let ff = profile("financefeast");
    let line = golden("financefeast/1-authorize.txt");
    let (address, query) = line.split_once('?').unwrap();
    assert_eq!(address, format!("GET https://identity.financefeast.io{}", ff.path_of(Endpoint::Authorize).unwrap()));
    let request = authorize(&ff, query).unwrap();
    assert_eq!(request.client_id, "SOME_CLIENT_ID");
    assert_eq!(request.scopes.to_string(), "openid profile plan");
    assert_eq!(request.back.state.as_deref(), Some("Pxx5fVv8sMue8eymdg1hhCtkvERe0Z"));
    assert_eq!(request.nonce.as_deref(), Some("0jUUjAJskDY4ivq5CgvY"));
    assert_eq!(request.back.redirect_uri.as_str(), CALLBACK);
}

#[test]
fn financefeast_callback_is_the_sample() {
    let ff = profile("financefeast");
    let code = CallbackOutcome::Code("67f74f5a-a2cc-4ebd-88b4-22453fe07994");
    let callback = ff.callback(&back("8e02c9c6a3484fadaaf841fb1df290e1"), code, "https://never.sent");
    assert_golden("financefeast/2-callback.txt", &format!("GET {}", callback.url()));
    assert_golden("financefeast/denied.txt", &denied(&ff, "8e02c9c6a3484fadaaf841fb1df290e1"));
    assert!(!format!("{callback:?}").contains("67f74f5a"));
}

#[test]
fn financefeast_token_request_is_understood() {
    let ff = profile("financefeast");
    let text = golden("financefeast/3-token-request.txt");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[0], format!("POST https://identity.financefeast.io{}", ff.path_of(Endpoint::Token).unwrap()));
    let content_type = lines[1].strip_prefix("Content-Type: ");
    assert_eq!(BodyKind::of(content_type), Some(BodyKind::Form));
    let incoming = Incoming { content_type, body: lines[3].as_bytes(), ..Incoming::default() };
    let request = ff.parse_token_request(&incoming).unwrap();
    assert_eq!(request.credentials.client_id, "fc9c55efa3924f369d6c1148e668bbe8");
    assert_eq!(request.credentials.method, ClientAuthMethod::ClientSecretPost);
    let TokenGrant::AuthorizationCode { code, redirect_uri, code_verifier } = request.grant else {
        panic!("a code was redeemed");
    };
    assert_eq!(code.expose_secret(), "67f74f5a-a2cc-4ebd-88b4-22453fe07994");
    assert_eq!((redirect_uri.as_deref(), code_verifier.is_none()), (Some(CALLBACK), true));
}

#[test]
fn financefeast_token_response_is_the_sample_and_then_the_id_token() {
    let ff = profile("financefeast");
    let granted = scopes("openid profile plan");
    let mut answer = TokenAnswer {
        access_token: "2hvLQ6TQ8MlFd652r8JT7k78gbVNDsNXi5sRS6vSVi",
        issued_at: at(1_621_634_881 - 864_000),
        expires_at: at(1_621_634_881),
        now: at(1_621_634_881 - 863_000),
        scopes: &granted,
        asked: Some(&granted),
        refresh_token: Some("never shown"),
        account_id: Some("never shown"),
        id_token: None,
        bound: false,
    };
    // The guide prints the object over several lines; on the wire it is compact.
    let sample: String =
        golden("financefeast/4-token-response.json").lines().map(|line| line.trim().replace("\": ", "\":")).collect();
    let rendered = ff.token_response(&answer);
    assert_eq!(String::from_utf8(rendered.body.clone()).unwrap(), sample);
    assert_eq!((rendered.status, rendered.header("cache-control")), (200, Some("no-store")));
    assert_eq!(rendered.header("content-type"), Some("application/json"));

    answer.id_token = Some("e.y.J");
    let longer = String::from_utf8(ff.token_response(&answer).body).unwrap();
    assert_eq!(longer, sample.replace("1621634881}", "1621634881,\"id_token\":\"e.y.J\"}"));
    assert!(ff.issues_id_token(&granted) && !ff.issues_id_token(&scopes("plan")));
    assert!(!ff.issues_refresh_token(&granted));
}

#[test]
fn financefeast_bearer_call_carries_a_token_of_the_tenants_shape() {
    let text = golden("financefeast/5-api-call.txt");
    let header = text.lines().find_map(|line| line.strip_prefix("Authorization: ")).unwrap();
    let token = grantor_oauth::bearer_token(Some(header), None).unwrap().unwrap();
    assert_eq!(token.expose_secret().len(), 42);
}

#[test]
fn financefeast_token_error_has_the_two_members_of_the_rfc() {
    let ff = profile("financefeast");
    let answer = ff.token_error(&ff.refusal(Situation::UsedCode, Some("67f74f5a")));
    assert_golden("financefeast/token-error.json", std::str::from_utf8(&answer.body).unwrap());
    assert_eq!(answer.status, 400);
}

#[test]
fn strict_answers_are_golden() {
    let strict = profile("strict");
    let callback = strict.callback(&back("STATE"), CallbackOutcome::Code("CODE"), "https://id.example.com");
    assert_golden("strict/callback.txt", &callback.url());
    assert_golden("strict/denied.txt", &denied(&strict, "STATE"));
    let granted = scopes("openid email offline_access");
    let answer = TokenAnswer {
        access_token: "AT",
        issued_at: at(1000),
        expires_at: at(1600),
        now: at(1001),
        scopes: &granted,
        asked: None,
        refresh_token: Some("RT"),
        account_id: Some("acc"),
        id_token: Some("IT"),
        bound: false,
    };
    let body = strict.token_response(&answer).body;
    assert_golden("strict/token-response.json", std::str::from_utf8(&body).unwrap());
}

#[test]
fn discovery_documents_are_golden() {
    for name in GOLDEN {
        let algs = [SigningAlg::RS256, SigningAlg::ES256, SigningAlg::EdDSA];
        let document = profile(name).discovery("https://id.example.com/t/x", "https://id.example.com/t/x", &algs);
        let text = serde_json::to_string_pretty(&document).unwrap();
        assert_golden(&format!("{name}/discovery.json"), &text);
    }
}

#[test]
fn security_deltas_are_golden() {
    for name in GOLDEN {
        let text = serde_json::to_string_pretty(&profile(name).security_delta()).unwrap();
        assert_golden(&format!("{name}/security-delta.json"), &text);
    }
}
