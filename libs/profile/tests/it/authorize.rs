//! Authorization requests: what is read, what is refused, and where the refusal goes.

use grantor_oauth::{ErrorCode, MaxAge, Prompt, ResponseMode};
use grantor_profile::{AuthorizeRequest, PageRefusal};

use crate::support::*;

const CHALLENGE: &str = "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

fn query(more: &str) -> String {
    format!("response_type=code&client_id=c&redirect_uri={CALLBACK}&{more}")
}

fn code_of(name: &str, query: &str) -> ErrorCode {
    returned(authorize(&profile(name), query)).1.code()
}

#[test]
fn without_a_trusted_redirect_uri_every_refusal_is_a_page() {
    let ff = profile("financefeast");
    let cases = [
        ("response_type=code", PageRefusal::NoClientId),
        ("client_id=c&client_id=d", PageRefusal::NoClientId),
        ("client_id=c&response_type=code", PageRefusal::NoRedirectUri),
        ("client_id=c&redirect_uri=https://a&redirect_uri=https://b", PageRefusal::NoRedirectUri),
        ("client_id=c&redirect_uri=https://evil.tld/&response_type=x", PageRefusal::OtherRedirectUri),
        ("client_id=c&redirect_uri=https://example.com/oauth/callback/", PageRefusal::OtherRedirectUri),
        ("client_id=%ff", PageRefusal::Malformed),
    ];
    for (query, refusal) in cases {
        assert_eq!(page(authorize(&ff, query)), refusal, "{query}");
    }
}

#[test]
fn refusals_after_that_return_with_the_state() {
    let (back, error) = returned(authorize(&profile("openid"), &query("state=s&response_mode=form_post&prompt=x")));
    assert_eq!((back.state.as_deref(), back.mode), (Some("s"), ResponseMode::FormPost));
    assert_eq!(error.code(), ErrorCode::InvalidRequest);
    let (back, _) = returned(authorize(&profile("openid"), &query("state=s&response_mode=fragment")));
    assert_eq!(back.mode, ResponseMode::Query, "an unknown mode is told through the query");
}

#[test]
fn response_type_must_be_code() {
    let bare = format!("client_id=c&redirect_uri={CALLBACK}");
    assert_eq!(code_of("financefeast", &bare), ErrorCode::InvalidRequest);
    for other in ["token", "id_token", "code%20id_token"] {
        let query = format!("{bare}&response_type={other}");
        assert_eq!(code_of("financefeast", &query), ErrorCode::UnsupportedResponseType, "{other}");
    }
}

#[test]
fn a_repeated_parameter_is_told_to_the_client_and_a_repeated_state_is_not_echoed() {
    let (back, error) = returned(authorize(&profile("openid"), &query("state=a&state=b&scope=openid")));
    assert_eq!((back.state, error.code()), (None, ErrorCode::InvalidRequest));
}

#[test]
fn request_objects_and_registration_have_their_own_refusals() {
    assert_eq!(code_of("openid", &query("request=x.y.z")), ErrorCode::RequestNotSupported);
    assert_eq!(code_of("openid", &query("request_uri=https://a")), ErrorCode::RequestUriNotSupported);
    assert_eq!(code_of("openid", &query("registration={}")), ErrorCode::RegistrationNotSupported);
}

#[test]
fn strict_requires_pkce_of_everybody_and_openid_of_public_clients() {
    assert_eq!(code_of("strict", &query("scope=openid&state=s")), ErrorCode::InvalidRequest);
    assert!(authorize(&profile("strict"), &query(&format!("scope=openid{CHALLENGE}"))).is_ok());
    assert!(authorize(&profile("openid"), &query("scope=openid")).is_ok());
    let public = authorize_as(&profile("openid"), &query("scope=openid"), |client| client.public = true);
    assert_eq!(returned(public).1.code(), ErrorCode::InvalidRequest);
}

#[test]
fn pkce_is_accepted_where_it_is_not_required_and_plain_nowhere() {
    let request = authorize(&profile("financefeast"), &query(&CHALLENGE[1..])).unwrap();
    assert!(request.code_challenge.is_some());
    let plain = query("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    for name in ["financefeast", "openid", "strict"] {
        assert_eq!(code_of(name, &plain), ErrorCode::InvalidRequest);
    }
}

#[test]
fn the_misspelt_nonce_is_understood_and_a_conflict_refused() {
    let ff = profile("financefeast");
    let nonce = |more: &str| authorize(&ff, &query(more)).unwrap().nonce;
    assert_eq!(nonce("nounce=a").as_deref(), Some("a"));
    assert_eq!(nonce("nounce=a&nonce=a").as_deref(), Some("a"));
    assert_eq!(code_of("financefeast", &query("nounce=a&nonce=b")), ErrorCode::InvalidRequest);
    let openid = authorize(&profile("openid"), &query("scope=openid&nounce=a")).unwrap();
    assert_eq!(openid.nonce, None, "the alias is this tenant's own");
}

#[test]
fn a_missing_scope_means_what_the_tenant_says() {
    let request = authorize(&profile("financefeast"), &query("scope=")).unwrap();
    assert_eq!((request.scopes.to_string().as_str(), request.scope_asked), ("openid profile plan", None));
    assert_eq!(code_of("strict", &query(&CHALLENGE[1..])), ErrorCode::InvalidScope);
    let narrow = scopes("openid plan");
    let request = authorize_as(&profile("financefeast"), &query(""), |client| client.scopes = narrow).unwrap();
    assert_eq!(request.scopes.to_string(), "openid plan", "never more than the client may have");
}

#[test]
fn an_excessive_or_malformed_scope_is_refused() {
    for scope in ["openid+email", "openid,plan", "op%22en", "%5C", "openid%09plan"] {
        assert_eq!(code_of("financefeast", &query(&format!("scope={scope}"))), ErrorCode::InvalidScope, "{scope}");
    }
    let narrow = scopes("openid");
    let result = authorize_as(&profile("financefeast"), &query("scope=plan"), |client| client.scopes = narrow);
    assert_eq!(returned(result).1.code(), ErrorCode::InvalidScope);
}

#[test]
fn a_client_without_the_code_grant_is_unauthorized() {
    let result = authorize_as(&profile("openid"), &query("scope=openid"), |client| client.grants.clear());
    assert_eq!(returned(result).1.code(), ErrorCode::UnauthorizedClient);
}

#[test]
fn only_native_clients_have_a_free_loopback_port() {
    let query = "response_type=code&client_id=c&scope=openid&redirect_uri=http://127.0.0.1:4000/cb";
    assert_eq!(page(authorize(&profile("openid"), query)), PageRefusal::OtherRedirectUri);
    let request = authorize_as(&profile("openid"), query, |client| client.native = true).unwrap();
    assert_eq!(request.back.redirect_uri.as_str(), "http://127.0.0.1:4000/cb");
}

#[test]
fn the_words_of_openid_are_read_and_survive_storage() {
    let more = "scope=openid&prompt=login+consent&max_age=60&display=popup&acr_values=a+b&ui_locales=de+en\
        &login_hint=ada&id_token_hint=x.y.z&claims=%7B%22userinfo%22:%7B%22email%22:null,%22secret%22:null%7D%7D";
    let request = authorize(&profile("openid"), &query(more)).unwrap();
    assert!(request.prompts.has(Prompt::Login) && request.prompts.has(Prompt::Consent));
    assert_eq!((request.max_age, request.acr_values.len()), (Some(MaxAge(60)), 2));
    assert_eq!(request.claims.names().collect::<Vec<_>>(), ["email"], "unknown claims are not asked on");
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<AuthorizeRequest>(&stored).unwrap(), request);
}

#[test]
fn naming_a_claim_does_not_reach_further_than_the_clients_scopes() {
    let narrow = scopes("openid");
    let more =
        "scope=openid&claims=%7B%22id_token%22:%7B%22email%22:null,%22auth_time%22:%7B%22essential%22:true%7D%7D%7D";
    let request = authorize_as(&profile("openid"), &query(more), |client| client.scopes = narrow).unwrap();
    assert_eq!(request.claims.names().collect::<Vec<_>>(), ["auth_time"]);
}

#[test]
fn a_request_without_state_nonce_and_pkce_can_be_reported() {
    let unprotected = |more: &str| authorize(&profile("financefeast"), &query(more)).unwrap().is_unprotected();
    assert!(unprotected(""));
    assert!(!unprotected("state=s") && !unprotected("nounce=n") && !unprotected(&CHALLENGE[1..]));
}
