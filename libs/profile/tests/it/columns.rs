//! The other columns of the knob table can be said as data, and the exchanges of their guides
//! that the library renders come out as those guides show them.

use grantor_oauth::{ErrorCode, ResponseMode};
use grantor_profile::{CallbackOutcome, Endpoint, Incoming, Profile, Return, Situation, TokenAnswer};
use serde_json::{Value, json};

use crate::support::*;

fn column(patch: &Value) -> Profile {
    let document = acknowledging(patched(serde_json::to_value(Profile::strict()).unwrap(), patch));
    Profile::from_json(document.to_string().as_bytes()).unwrap()
}

fn entry(name: &str) -> Value {
    json!({"name": name, "description": {"en": name, "de": name}})
}

fn with_default_redirect() -> Profile {
    column(&json!({
        "hosts": {"api": "split"},
        "paths": {"authorize": {"path": "/oauth/", "aliases": ["/oauth"]}, "revoke": {"path": "/oauth/revoke", "aliases": ["/oauth/1"]}},
        "authorize": {"response_type": "defaults_to_code", "redirect_uri": "default_when_absent", "state": "optional", "pkce": "accepted"},
        "scopes": {"input": "comma_or_space", "output": "comma", "missing": "client_scopes",
            "catalogue": [entry("customer_read"), entry("customer_write")]},
        "token_request": {"redirect_uri": "optional", "client_auth": ["client_secret_post"], "grants": ["authorization_code", "refresh_token"]},
        "token_response": {"token_type": "bearer", "members": ["token_type", "access_token", "refresh_token", "account_id", "scope"]},
        "refresh_tokens": {"issue": "always", "rotation": "off", "idle_seconds": null, "absolute_seconds": null},
        "revocation": {"parameter": "refresh_token", "success_status": 204, "unknown_token": "refused", "failures": "bad_request"},
        "errors": {"callback": ["code", "error", "error_code", "state"],
            "texts": {"unknown_code": "The authorization code was not found in the system: {submitted}"}},
        "clients": {"id_shape": {"kind": "random", "prefix": "app_", "alphabet": "base62", "length": 13}, "secret_is_api_key": true, "onboarding": "self_service"},
        "webhooks": {"events": ["oauth.authorization.revoked"]},
        "oidc": {"enabled": false},
    }))
}

fn answer<'a>(scopes: &'a grantor_oauth::ScopeSet) -> TokenAnswer<'a> {
    TokenAnswer {
        access_token: "AT",
        issued_at: at(0),
        expires_at: at(3600),
        now: at(1),
        scopes,
        asked: Some(scopes),
        refresh_token: Some("RT"),
        account_id: Some("ACC"),
        id_token: None,
        bound: false,
    }
}

fn body(profile: &Profile, answer: &TokenAnswer<'_>) -> String {
    String::from_utf8(profile.token_response(answer).body).unwrap()
}

#[test]
fn a_client_id_alone_can_be_a_complete_request() {
    let fx = with_default_redirect();
    assert_eq!(fx.endpoint_at("/oauth/"), Some(Endpoint::Authorize));
    assert_eq!(fx.endpoint_at("/oauth"), Some(Endpoint::Authorize));
    let request = authorize(&fx, "client_id=app_XBl7BcXJAXYK3").unwrap();
    assert_eq!(request.back.redirect_uri.as_str(), CALLBACK);
    assert!(!request.back.redirect_uri_sent);
    assert_eq!(request.scopes.to_string(), "customer_read customer_write");
    let request = authorize(&fx, "client_id=a&scope=customer_write,customer_read").unwrap();
    assert_eq!(request.scopes.to_string(), "customer_write customer_read");
}

#[test]
fn a_denial_can_carry_the_code_twice_and_nothing_else() {
    let fx = with_default_redirect();
    let back = |state: Option<&str>| Return {
        redirect_uri: uri("https://yourplatformwebsite.com/authorize"),
        redirect_uri_sent: false,
        state: state.map(str::to_owned),
        mode: ResponseMode::Query,
    };
    let error = ErrorCode::AccessDenied.because("the user said no");
    let outcome = CallbackOutcome::Refused { error: &error, cancelled: true };
    let site = "https://yourplatformwebsite.com/authorize";
    assert_eq!(
        fx.callback(&back(None), outcome, "x").url(),
        format!("{site}?error=access_denied&error_code=access_denied")
    );
    assert_eq!(fx.callback(&back(Some("s")), CallbackOutcome::Code("c"), "x").url(), format!("{site}?code=c&state=s"));
}

#[test]
fn commas_lower_case_and_an_account_are_knobs() {
    let fx = with_default_redirect();
    let granted = scopes("customer_read customer_write");
    let want = r#"{"token_type":"bearer","access_token":"AT","refresh_token":"RT","account_id":"ACC","scope":"customer_read,customer_write"}"#;
    assert_eq!(body(&fx, &answer(&granted)), want);
    assert_eq!(fx.clients.id_shape.generate(|bytes| bytes.fill(9)).len(), 17);
}

#[test]
fn a_text_may_repeat_what_was_sent_cut_and_cleaned() {
    let fx = with_default_redirect();
    let error = fx.refusal(Situation::UnknownCode, Some("c\"<ü"));
    assert_eq!(error.description(), "The authorization code was not found in the system: c'<?");
    assert!(fx.refusal(Situation::UnknownCode, Some(&"x".repeat(9000))).description().len() < 260);
    assert!(fx.security_delta().iter().any(|one| one.knob == 37));
}

#[test]
fn a_tenant_can_have_no_authorize_endpoint_and_one_constant_scope() {
    let fa = column(&json!({
        "paths": {"authorize": null, "pushed_authorization": null, "token": {"path": "/oauth/token", "aliases": ["/api/v2/oauth/token"]}},
        "scopes": {"input": "ignored", "missing": "default_set", "default_set": ["all"], "excess": "ignore", "catalogue": [entry("all")]},
        "token_request": {"client_auth": ["client_secret_post"], "query_parameters": true, "grants": ["client_credentials", "password"]},
        "token_response": {"token_type": "bearer", "expires_in": "remaining", "members": ["access_token", "token_type", "expires_in", "scope"]},
        "access_tokens": {"format": {"form": "handle", "shape": {"kind": "random", "alphabet": "base64url", "length": 128}}, "ttl_seconds": 3600},
        "refresh_tokens": {"issue": "never"},
        "revocation": {"auth": "client_bearer"},
        "errors": {"user_state": {"unverified": 403, "locked": 423}},
        "clients": {"onboarding": "issued", "secret_shape": {"kind": "uuid4", "alphabet": null, "length": null}},
        "interaction": {"sign_up": false, "consent": {"ui": "none"}},
        "webhooks": {"events": [], "user_deleted_callback": true},
        "users_api": {"path": "/users", "echo_password": true, "created_status": 201},
        "oidc": {"enabled": false},
        "authorize": {"pkce": "accepted"},
    }));
    let granted = fa.client_credentials_scopes(Some("whatever"), &scopes("x")).unwrap();
    assert_eq!(
        body(&fa, &answer(&granted)),
        r#"{"access_token":"AT","token_type":"bearer","expires_in":3598,"scope":"all"}"#
    );
    assert_eq!(fa.status_of(Situation::UserLocked), 423);
    let query = "grant_type=client_credentials&client_id=a&client_secret=b";
    assert!(fa.parse_token_request(&Incoming { query: Some(query), ..Incoming::default() }).is_ok());
    let form = Some("application/x-www-form-urlencoded");
    let incoming =
        Incoming { content_type: form, authorization: Some("Bearer ct"), body: b"token=t", ..Incoming::default() };
    assert!(fa.parse_revocation(&incoming).unwrap().client_token.is_some());
    let document = fa.discovery("https://a", "https://a", &[]);
    assert!(document.get("authorization_endpoint").is_none() && document.get("userinfo_endpoint").is_none());
}

#[test]
fn scope_can_be_left_out_of_the_answer_unless_it_differs() {
    let ge = column(&json!({
        "authorize": {"state": "advised", "pkce": "accepted"},
        "scopes": {"shown": "when_different", "missing": "client_scopes", "catalogue": [entry("read_write"), entry("read")]},
        "token_request": {"redirect_uri": "required", "client_auth": ["client_secret_post"], "grants": ["authorization_code", "refresh_token"]},
        "token_response": {"members": ["access_token", "token_type", "expires_in", "refresh_token", "scope"]},
        "refresh_tokens": {"issue": "always"},
        "errors": {"callback": ["code", "error", "error_description", "state"]},
        "oidc": {"enabled": false},
    }));
    let (granted, asked) = (scopes("read_write"), scopes("read_write read"));
    let want = r#"{"access_token":"AT","token_type":"Bearer","expires_in":3600,"refresh_token":"RT"}"#;
    assert_eq!(body(&ge, &answer(&granted)), want);
    let narrowed = TokenAnswer { asked: Some(&asked), ..answer(&granted) };
    assert_eq!(body(&ge, &narrowed), want.replace("\"RT\"}", "\"RT\",\"scope\":\"read_write\"}"));
}

#[test]
fn a_widget_tenant_reads_json_and_says_success_or_cancel() {
    let fn_ = column(&json!({
        "hosts": {"api": "split", "widget": true},
        "paths": {"authorize": null, "pushed_authorization": null, "flow_start": {"path": "/onetime/access"}, "token": {"path": "/auth/token"}},
        "authorize": {"state": "optional", "pkce": "accepted"},
        "scopes": {"missing": "default_set", "default_set": ["accounts=ro", "balance=ro", "transactions=ro", "offline"],
            "catalogue": [entry("accounts=ro"), entry("balance=ro"), entry("transactions=ro"), entry("offline")]},
        "token_request": {"redirect_uri": "required", "client_auth": ["client_secret_basic"], "bodies": ["json", "form"], "grants": ["authorization_code", "refresh_token"]},
        "token_response": {"members": ["access_token", "expires_in", "scope", "token_type", "refresh_token"]},
        "codes": {"shape": {"kind": "jwt_like", "payload_bytes": 48, "alphabet": null, "length": null}, "ttl_seconds": 3600},
        "refresh_tokens": {"issue": {"with_scope": "offline"}, "idle_seconds": 7776000, "absolute_seconds": null, "grace_seconds": 60},
        "errors": {"callback": ["code", "state", "success", "cancel"]},
        "interaction": {"sign_up": false, "consent": {"ui": "widget", "kinds": ["one_time", "ongoing"], "expires_days": 90}, "framing": "registered_origins",
            "widget": {"language": "de", "sync_period_days": 90, "sync_period_max_days": 730, "link_seconds": 900}},
        "oidc": {"enabled": false},
    }));
    let json =
        br#"{"grant_type":"authorization_code","code":"x","redirect_uri":"https://my-app.example.com/callback"}"#;
    let incoming =
        Incoming { content_type: Some("application/json"), authorization: Some("Basic YTpi"), body: json, query: None };
    assert!(fn_.parse_token_request(&incoming).is_ok());
    let granted = scopes("accounts=ro balance=ro transactions=ro offline");
    let want = r#"{"access_token":"AT","expires_in":3600,"scope":"accounts=ro balance=ro transactions=ro offline","token_type":"Bearer","refresh_token":"RT"}"#;
    assert_eq!(body(&fn_, &answer(&granted)), want);
    let back = Return {
        redirect_uri: uri("https://example.com/callback"),
        redirect_uri_sent: true,
        state: Some("7fe78733".to_owned()),
        mode: ResponseMode::Query,
    };
    let site = "https://example.com/callback";
    assert_eq!(
        fn_.callback(&back, CallbackOutcome::Code("eyJhbGciO"), "x").url(),
        format!("{site}?code=eyJhbGciO&state=7fe78733&success=true")
    );
    let error = ErrorCode::AccessDenied.because("");
    let url = |cancelled| fn_.callback(&back, CallbackOutcome::Refused { error: &error, cancelled }, "x").url();
    assert_eq!(url(true), format!("{site}?state=7fe78733&success=false&cancel=true"));
    assert_eq!(url(false), format!("{site}?state=7fe78733&success=false"));
}
