//! FF-11 to FF-29: the way to a code and back.

use grantor_testkit::{Browser, Visit};
use grantor_tests_guides::{Scene, verified};
use reqwest::Method;

const SCOPE: &str = "openid profile plan";

/// The error that a visit leads back to the client with.
fn error(visit: &Visit) -> Option<String> {
    visit.returned("error")
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_11_only_the_authorization_code_grant_is_enabled() {
    let scene = Scene::financefeast().await;
    for grant in ["refresh_token", "client_credentials", "password", "urn:ietf:params:oauth:grant-type:device_code"] {
        let fields = [("grant_type", grant), ("username", "x"), ("password", "x"), ("refresh_token", "x")];
        let (status, body) = scene.tokens().post("/oauth/token", &fields).await;
        assert_eq!((status, body["error"].as_str()), (400, Some("unsupported_grant_type")), "{grant}");
    }
    for response in ["token", "id_token", "code token", "code id_token", "none"] {
        let visit = Browser::new().get(&scene.url(SCOPE).with("response_type", response).url()).await;
        assert_eq!(error(&visit).as_deref(), Some("unsupported_response_type"), "{response}");
    }
    assert!(scene.token(SCOPE).await["access_token"].is_string());
}

/// Authlib itself runs in `tests/clients`; this is what it reads before it starts.
#[tokio::test(flavor = "multi_thread")]
async fn ff_12_discovery_satisfies_authlib() {
    let scene = Scene::financefeast().await;
    let document = scene.get("/.well-known/openid-configuration").await;
    assert_eq!((document.status, document.header("content-type")), (200, "application/json"));
    let document = document.json();
    for (member, path) in [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("userinfo_endpoint", "/oauth/userinfo"),
        ("jwks_uri", "/oauth/jwks"),
    ] {
        assert_eq!(document[member], format!("{}{path}", scene.tenant.issuer));
    }
    let methods = document["token_endpoint_auth_methods_supported"].as_array().expect("methods").clone();
    assert!(methods.contains(&"client_secret_basic".into()), "Authlib's default is Basic");
    assert!(document["id_token_signing_alg_values_supported"].as_array().expect("algs").contains(&"RS256".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_13_authorize_is_a_get_on_the_identity_host() {
    let scene = Scene::financefeast().await;
    let visit = Browser::new().get(&scene.url(SCOPE).url()).await;
    assert_eq!((visit.status, visit.url.path()), (303, "/oauth/authorize"));
    assert_ne!(scene.tenant.issuer, scene.tenant.api);
    let api = scene.url(SCOPE).url().replace(&scene.tenant.issuer, &scene.tenant.api);
    assert_eq!(scene.send(Method::GET, &api, &[], None).await.status, 404, "the API host has no authorize");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_14_plus_in_the_query_is_a_space() {
    let scene = Scene::financefeast().await;
    let url = scene.url(SCOPE).url();
    assert!(url.contains("scope=openid+profile+plan"), "{url}");
    for spaced in [url.clone(), url.replace("openid+profile+plan", "openid%20profile%20plan")] {
        let mut browser = Browser::new();
        let visit = browser.get(&spaced).await;
        assert!(browser.follow(visit).await.has_button("login"));
    }
    assert_eq!(scene.token(SCOPE).await["scope"], SCOPE);
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_15_response_type_is_required_and_is_code() {
    let scene = Scene::financefeast().await;
    let missing = Browser::new().get(&scene.url(SCOPE).without("response_type").url()).await;
    assert_eq!(error(&missing).as_deref(), Some("invalid_request"));
    assert_eq!(missing.returned("state").as_deref(), Some("Pxx5fVv8sMue8eymdg1hhCtkvERe0Z"));
    let other = Browser::new().get(&scene.url(SCOPE).with("response_type", "token").url()).await;
    assert_eq!(error(&other).as_deref(), Some("unsupported_response_type"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_16_an_unknown_client_gets_a_page_and_no_redirect() {
    let scene = Scene::financefeast().await;
    let unknown = scene.url(SCOPE).with("client_id", "fc9c55efa3924f369d6c1148e668bbe8");
    for url in [unknown, scene.url(SCOPE).without("client_id"), scene.url(SCOPE).with("client_id", "")] {
        let visit = Browser::new().get(&url.url()).await;
        assert_eq!((visit.status, visit.page_error(), visit.location()), (400, Some("unknown_client"), None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_17_the_redirect_uri_is_required_and_matches_exactly() {
    let scene = Scene::financefeast().await;
    let missing = Browser::new().get(&scene.url(SCOPE).without("redirect_uri").url()).await;
    assert_eq!((missing.page_error(), missing.location()), (Some("redirect_uri_missing"), None), "there is no default");
    let other = scene.url(SCOPE).with("redirect_uri", "https://client.example/oauth/callback/");
    let other = Browser::new().get(&other.url()).await;
    assert_eq!((other.page_error(), other.location()), (Some("redirect_uri_not_registered"), None));
    let visit = Browser::new().authorize(&scene.url(SCOPE), &scene.person).await;
    assert!(visit.location().expect("a redirect").as_str().starts_with("https://client.example/oauth/callback?code="));
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_18_state_is_optional_and_echoed_unchanged() {
    let scene = Scene::financefeast().await;
    let mut browser = scene.approved(SCOPE).await;
    let none = browser.get(&scene.url(SCOPE).without("state").url()).await;
    assert!(none.returned("code").is_some() && none.returned("state").is_none());
    for state in ["Pxx5fVv8sMue8eymdg1hhCtkvERe0Z", "8e02c9c6a3484fadaaf841fb1df290e1", "a b+c&d=ü/?#%", "\"<>'"] {
        let visit = browser.get(&scene.url(SCOPE).with("state", state).url()).await;
        assert_eq!(visit.returned("state").as_deref(), Some(state));
        let refused = browser.get(&scene.url("openid everything").with("state", state).url()).await;
        assert_eq!(refused.returned("state").as_deref(), Some(state), "on errors too");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_19_nonce_is_also_called_nounce() {
    let scene = Scene::financefeast().await;
    let mut browser = scene.approved(SCOPE).await;
    for url in [
        scene.url(SCOPE).with("nonce", "n-0S6"),
        scene.url(SCOPE).without("nonce").with("nounce", "n-0S6"),
        scene.url(SCOPE).with("nonce", "n-0S6").with("nounce", "n-0S6"),
    ] {
        let token = scene.token_by(&mut browser, &url).await;
        assert_eq!(verified(&scene, token["id_token"].as_str().expect("an id_token")).await["nonce"], "n-0S6");
    }
    let both = browser.get(&scene.url(SCOPE).with("nonce", "a").with("nounce", "b").url()).await;
    assert_eq!(error(&both).as_deref(), Some("invalid_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_20_scope_is_optional_and_separated_by_spaces() {
    let scene = Scene::financefeast().await;
    let mut browser = Browser::new();
    let token = scene.token_by(&mut browser, &scene.url(SCOPE).without("scope")).await;
    assert_eq!(token["scope"], "openid profile plan");
    let commas = browser.get(&scene.url("openid,profile").url()).await;
    assert_eq!(error(&commas).as_deref(), Some("invalid_scope"), "no other guide's separators");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_21_openid_switches_openid_connect_on() {
    let scene = Scene::financefeast().await;
    let without = scene.token("profile plan").await;
    assert!(without.get("id_token").is_none(), "{without}");
    assert_eq!(scene.tokens().userinfo(without["access_token"].as_str().expect("a token")).await.0, 403);
    let with = scene.token("openid").await;
    assert!(with["id_token"].is_string());
    assert_eq!(scene.tokens().userinfo(with["access_token"].as_str().expect("a token")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_22_profile_is_the_customers_email_address() {
    let scene = Scene::financefeast().await;
    let token = scene.token("openid profile").await;
    let (_, info) = scene.tokens().userinfo(token["access_token"].as_str().expect("a token")).await;
    assert_eq!(info, serde_json::json!({ "sub": scene.person.id.to_string(), "email": "grace@example.com" }));
    let claims = verified(&scene, token["id_token"].as_str().expect("an id_token")).await;
    assert_eq!((&claims["email"], claims.get("name")), (&"grace@example.com".into(), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_23_plan_is_the_basic_plan_data() {
    let scene = Scene::financefeast().await;
    let token = scene.token("openid plan").await;
    let (_, info) = scene.tokens().userinfo(token["access_token"].as_str().expect("a token")).await;
    assert_eq!((&info["plan"]["name"], info.get("email")), (&"premium".into(), None));
    let claims = verified(&scene, token["id_token"].as_str().expect("an id_token")).await;
    assert_eq!(claims["plan"]["name"], "premium");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_24_exactly_three_scopes_are_allowed() {
    let scene = Scene::financefeast().await;
    let document = scene.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["scopes_supported"], serde_json::json!(["openid", "profile", "plan"]));
    for scope in ["email", "openid email", "openid offline_access", "OPENID", "openid profile plan admin"] {
        let visit = Browser::new().get(&scene.url(scope).url()).await;
        assert_eq!(error(&visit).as_deref(), Some("invalid_scope"), "{scope}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_25_the_authorise_screen_says_who_wants_what() {
    let scene = Scene::financefeast().await;
    let page = at_consent(&scene, &mut Browser::new()).await;
    assert!(page.body.contains("Portfolio Planner"));
    for (scope, description) in
        [("openid", "Confirm who you are"), ("profile", "See your email address"), ("plan", "See your basic plan data")]
    {
        assert!(page.body.contains(&format!("data-scope=\"{scope}\"")), "no {scope}");
        assert!(page.body.contains(description), "no {description:?} in:\n{}", page.body);
    }
    assert!(page.has_button("approve") && page.has_button("deny"));
}

/// The consent page, after a login.
async fn at_consent(scene: &Scene, browser: &mut Browser) -> Visit {
    let login = scene.visit(browser, &scene.url(SCOPE)).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    browser.follow(visit).await
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_26_login_comes_first_and_denial_is_access_denied() {
    let scene = Scene::financefeast().await;
    let mut browser = Browser::new();
    let login = scene.visit(&mut browser, &scene.url(SCOPE)).await;
    assert!(login.has_button("login") && !login.has_button("approve"));
    let page = at_consent(&scene, &mut browser).await;
    let denied = browser.press(&page, "deny", &[]).await;
    assert_eq!(error(&denied).as_deref(), Some("access_denied"));
    assert_eq!(denied.returned("state").as_deref(), Some("Pxx5fVv8sMue8eymdg1hhCtkvERe0Z"));
    assert!(denied.returned("code").is_none());
    let again = scene.visit(&mut browser, &scene.url(SCOPE)).await;
    assert!(again.has_button("approve"), "a denial is not remembered as a yes");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_27_the_code_is_temporary_and_single_use() {
    let scene = Scene::financefeast().await;
    let mut browser = scene.approved(SCOPE).await;
    let url = scene.url(SCOPE);
    let late = browser.code(&url, &scene.person).await;
    scene.world.advance(61);
    let (status, body) = scene.tokens().exchange(&late, &[]).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    let code = browser.code(&url, &scene.person).await;
    scene.world.advance(59);
    assert_eq!(scene.tokens().exchange(&code, &[]).await.0, 200);
    let (status, body) = scene.tokens().exchange(&code, &[]).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_28_the_code_is_a_version_4_uuid() {
    let scene = Scene::financefeast().await;
    let mut browser = scene.approved(SCOPE).await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let code = browser.code(&scene.url(SCOPE), &scene.person).await;
        let groups: Vec<usize> = code.split('-').map(str::len).collect();
        assert_eq!((code.len(), groups), (36, vec![8, 4, 4, 4, 12]), "{code}");
        assert!(code.as_bytes()[14] == b'4' && b"89ab".contains(&code.as_bytes()[19]), "{code}");
        assert!(!seen.contains(&code));
        seen.push(code);
    }
}

/// The comparison is the client's; what the server owes it is that a state never changes or
/// comes back with somebody else's answer.
#[tokio::test(flavor = "multi_thread")]
async fn ff_29_a_client_can_tell_a_forged_state() {
    let scene = Scene::financefeast().await;
    let mut browser = scene.approved(SCOPE).await;
    let mine = browser.get(&scene.url(SCOPE).with("state", "mine").url()).await;
    let forged = browser.get(&scene.url(SCOPE).with("state", "forged").url()).await;
    assert_eq!(mine.returned("state").as_deref(), Some("mine"));
    assert_eq!(forged.returned("state").as_deref(), Some("forged"));
    assert_ne!(mine.returned("code"), forged.returned("code"));
}
