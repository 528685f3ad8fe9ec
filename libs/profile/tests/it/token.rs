//! Token requests and what becomes of scopes in them.

use grantor_oauth::{ErrorCode, GrantType};
use grantor_profile::{Incoming, Profile, Situation, TokenRequest};

use crate::support::*;

const FORM: &str = "application/x-www-form-urlencoded";

fn parse(profile: &Profile, content_type: &str, body: &str) -> Result<TokenRequest, ErrorCode> {
    let incoming = Incoming { content_type: Some(content_type), body: body.as_bytes(), ..Incoming::default() };
    profile.parse_token_request(&incoming).map_err(|error| error.code())
}

#[test]
fn a_body_must_be_a_form() {
    let ff = profile("financefeast");
    let json = r#"{"grant_type":"authorization_code"}"#;
    for kind in ["application/json", "text/plain", "", "application/x-www-form-urlencoded; charset=latin1"] {
        assert_eq!(parse(&ff, kind, json).unwrap_err(), ErrorCode::InvalidRequest, "{kind}");
    }
    let body = format!("grant_type=authorization_code&code=x&client_id=a&client_secret=b&redirect_uri={CALLBACK}");
    assert!(parse(&ff, "application/x-www-form-urlencoded; charset=UTF-8", &body).is_ok());
}

#[test]
fn each_required_parameter_is_missed() {
    let ff = profile("financefeast");
    let all = [("grant_type", "authorization_code"), ("code", "x"), ("redirect_uri", CALLBACK)];
    for (left_out, _) in all {
        let rest = all.iter().filter(|(name, _)| *name != left_out).map(|(name, value)| format!("{name}={value}&"));
        let body = format!("{}client_id=a&client_secret=b", rest.collect::<String>());
        assert_eq!(parse(&ff, FORM, &body).unwrap_err(), ErrorCode::InvalidRequest, "{left_out}");
    }
    let nobody = format!("grant_type=authorization_code&code=x&redirect_uri={CALLBACK}");
    assert_eq!(parse(&ff, FORM, &nobody).unwrap_err(), ErrorCode::InvalidClient);
    assert_eq!(
        parse(&ff, FORM, &format!("{nobody}&client_id=a")).unwrap_err(),
        ErrorCode::InvalidClient,
        "this tenant has no public clients"
    );
}

#[test]
fn grants_that_are_not_enabled_are_unsupported() {
    let ff = profile("financefeast");
    for grant in ["refresh_token", "client_credentials", "password", "implicit", "Authorization_code"] {
        let body = format!("grant_type={grant}&client_id=a&client_secret=b");
        assert_eq!(parse(&ff, FORM, &body).unwrap_err(), ErrorCode::UnsupportedGrantType, "{grant}");
    }
    let openid = profile("openid");
    let refresh = parse(&openid, FORM, "grant_type=refresh_token&refresh_token=r&client_id=a").unwrap();
    assert_eq!(refresh.grant.grant_type(), GrantType::RefreshToken);
    assert!(parse(&openid, FORM, "grant_type=client_credentials&client_id=a&client_secret=b").is_ok());
    assert_eq!(
        parse(&openid, FORM, "grant_type=password&client_id=a&username=u&password=p").unwrap_err(),
        ErrorCode::UnsupportedGrantType
    );
}

#[test]
fn a_malformed_verifier_is_an_invalid_request() {
    let body = "grant_type=authorization_code&code=x&client_id=a&code_verifier=short";
    assert_eq!(parse(&profile("openid"), FORM, body).unwrap_err(), ErrorCode::InvalidRequest);
}

#[test]
fn a_repeated_parameter_is_an_invalid_request() {
    let body = "grant_type=client_credentials&grant_type=client_credentials&client_id=a&client_secret=b";
    assert_eq!(parse(&profile("openid"), FORM, body).unwrap_err(), ErrorCode::InvalidRequest);
}

#[test]
fn the_redirect_uri_of_a_code_is_compared_when_it_must_be() {
    let check = |name: &str, presented, sent_before| {
        profile(name).check_redirect_at_token(presented, CALLBACK, sent_before, false).map_err(|error| error.code())
    };
    for name in ["financefeast", "openid"] {
        assert_eq!(check(name, Some(CALLBACK), true), Ok(()));
        assert_eq!(check(name, Some("https://example.com/other"), true), Err(ErrorCode::InvalidGrant));
        assert_eq!(check(name, None, true), Err(ErrorCode::InvalidRequest));
    }
    assert_eq!(check("openid", None, false), Ok(()));
}

#[test]
fn an_unauthenticated_client_is_challenged() {
    let ff = profile("financefeast");
    let answer = ff.token_error(&ff.refusal(Situation::BadClient, None));
    assert_eq!(answer.status, 401);
    assert!(answer.header("www-authenticate").unwrap().starts_with("Basic "));
    let busy = ff.token_error(&ErrorCode::TemporarilyUnavailable.because(""));
    assert_eq!((busy.status, busy.header("retry-after")), (503, Some("1")));
    assert_eq!(busy.body, br#"{"error":"temporarily_unavailable"}"#);
}

#[test]
fn a_refresh_may_narrow_but_not_widen() {
    let openid = profile("openid");
    let granted = scopes("openid email");
    assert_eq!(openid.refreshed_scopes(None, &granted).unwrap(), granted);
    assert_eq!(openid.refreshed_scopes(Some("email"), &granted).unwrap().to_string(), "email");
    assert_eq!(openid.refreshed_scopes(Some("email phone"), &granted).unwrap_err().code(), ErrorCode::InvalidScope);
}

#[test]
fn client_credentials_get_no_scope_about_users() {
    let mut openid = profile("openid");
    let mut entry = openid.scopes.catalogue[0].clone();
    entry.name = "reports:read".to_owned();
    openid.scopes.catalogue.push(entry);
    let client = scopes("openid email offline_access reports:read");
    assert_eq!(openid.client_credentials_scopes(None, &client).unwrap().to_string(), "reports:read");
    assert_eq!(openid.client_credentials_scopes(Some("openid"), &client).unwrap_err().code(), ErrorCode::InvalidScope);
}

#[test]
fn a_refresh_token_comes_with_offline_access() {
    let openid = profile("openid");
    assert!(openid.issues_refresh_token(&scopes("openid offline_access")));
    assert!(!openid.issues_refresh_token(&scopes("openid")));
}
