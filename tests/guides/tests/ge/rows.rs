//! GE-01 to GE-17.

use grantor_eventsourcing::Position;
use grantor_store::Log;
use grantor_testkit::{Browser, Role, Settings, World};
use grantor_tests_guides::Scene;
use reqwest::Method;
use serde_json::{Value, json};

use super::exchanges::CALLBACK;

const SCOPE: &str = "read_write";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

async fn generic() -> Scene {
    Scene::of("generic").await
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_01_nobody_gives_their_password_to_a_client() {
    let scene = generic().await;
    let fields = [("grant_type", "password"), ("username", &scene.person.email), ("password", &scene.person.password)];
    let (status, body) = scene.tokens().post("/oauth/token", &fields).await;
    assert_eq!((status, text(&body, "error")), (400, "unsupported_grant_type"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_02_codes_and_refresh_tokens_are_the_grants() {
    let scene = generic().await;
    let document = scene.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(document["grant_types_supported"], json!(["authorization_code", "refresh_token"]));
    for grant in ["client_credentials", "password", "urn:ietf:params:oauth:grant-type:device_code"] {
        let (_, body) = scene.tokens().post("/oauth/token", &[("grant_type", grant)]).await;
        assert_eq!(text(&body, "error"), "unsupported_grant_type", "{grant}");
    }
    let token = scene.token(SCOPE).await;
    assert_eq!(scene.tokens().refresh(text(&token, "refresh_token")).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_03_the_user_logs_in_and_grants_permission() {
    let scene = generic().await;
    let mut browser = Browser::new();
    let login = scene.visit(&mut browser, &scene.url(SCOPE)).await;
    assert!(login.has_button("login"));
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let consent = browser.follow(visit).await;
    assert!(consent.has_button("approve") && consent.has_button("deny"));
    assert!(consent.body.contains("Portfolio Planner") && consent.body.contains("data-scope=\"read_write\""));
    let denied = browser.press(&consent, "deny", &[]).await;
    assert_eq!(denied.returned("error").as_deref(), Some("access_denied"));
    assert_eq!(denied.returned("state").as_deref(), Some("Pxx5fVv8sMue8eymdg1hhCtkvERe0Z"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_04_the_authorization_endpoint_is_at_its_path() {
    let scene = generic().await;
    let document = scene.get("/.well-known/oauth-authorization-server").await.json();
    assert_eq!(document["authorization_endpoint"], format!("{}/oauth/authorize", scene.tenant.issuer));
    assert_eq!(Browser::new().get(&scene.url(SCOPE).url()).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_05_response_type_is_required_and_is_code() {
    let scene = generic().await;
    let missing = Browser::new().get(&scene.url(SCOPE).without("response_type").url()).await;
    assert_eq!(missing.returned("error").as_deref(), Some("invalid_request"));
    let other = Browser::new().get(&scene.url(SCOPE).with("response_type", "token").url()).await;
    assert_eq!(other.returned("error").as_deref(), Some("unsupported_response_type"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_06_client_and_redirect_uri_are_required_scope_and_state_are_not() {
    let scene = generic().await;
    for (missing, kind) in [("client_id", "unknown_client"), ("redirect_uri", "redirect_uri_missing")] {
        let visit = Browser::new().get(&scene.url(SCOPE).without(missing).url()).await;
        assert_eq!((visit.page_error(), visit.location()), (Some(kind), None));
    }
    let mut browser = scene.approved(SCOPE).await;
    let bare = scene.url(SCOPE).without("scope").without("state").without("nonce");
    let visit = browser.get(&bare.url()).await;
    assert!(visit.returned("code").is_some() && visit.returned("state").is_none(), "{}", visit.body);
    // Whoever leaves state out is let pass and reported.
    let log = scene.world.platform.stores.of(Role::Authorization);
    let facts = log.read_log(Log::Facts, Position::default(), 1000).await.expect("the log");
    let reported = facts.iter().filter(|fact| fact.event_type == "oauth.request.unprotected").count();
    assert_eq!(reported, 1, "the one without state, and no other");
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_07_read_write_is_a_scope_of_the_tenant() {
    let scene = generic().await;
    let document = scene.get("/.well-known/oauth-authorization-server").await.json();
    assert!(document["scopes_supported"].as_array().is_some_and(|scopes| scopes.contains(&json!("read_write"))));
    let token = scene.token(SCOPE).await;
    assert_eq!(scene.tokens().introspect(text(&token, "access_token")).await["scope"], SCOPE);
    let visit = Browser::new().get(&scene.url("read_write everything").url()).await;
    assert_eq!(visit.returned("error").as_deref(), Some("invalid_scope"));
}

/// The guide's example is one query broken over lines; joined, it is a request like any other.
#[tokio::test(flavor = "multi_thread")]
async fn ge_08_the_example_joined_is_a_request() {
    let scene = generic().await;
    let example =
        "response_type=code&\nclient_id=CLIENT_ID&\nredirect_uri=REDIRECT_URI&\nscope=read_write&\nstate=STATE";
    let joined = example.replace('\n', "").replace("CLIENT_ID", &scene.partner.client_id);
    let joined = joined.replace("REDIRECT_URI", &scene.partner.redirect_uri);
    let mut browser = scene.approved(SCOPE).await;
    let visit = browser.get(&format!("{}/oauth/authorize?{joined}", scene.tenant.issuer)).await;
    assert_eq!(visit.returned("state").as_deref(), Some("STATE"));
    assert!(visit.returned("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_09_the_answer_carries_code_and_state_and_nothing_else() {
    let scene = generic().await;
    let visit = Browser::new().authorize(&scene.url(SCOPE).with("state", "STATE"), &scene.person).await;
    let to = visit.location().expect("a redirect").clone();
    let names: Vec<_> = to.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["code", "state"]);
    assert!(to.as_str().starts_with("https://client.example/oauth/callback?code="));
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_10_the_tenant_is_found_by_its_host_and_the_request_is_a_form() {
    let world = World::start().await;
    let tenant = world.tenant("generic").await;
    let scene = Scene::at(world, tenant).await;
    assert_eq!(scene.get("/oauth/token").await.status, 405);
    // By the host that the request names, on a listener that is nobody's.
    let elsewhere = format!("http://{}", scene.world.nobodys_address());
    let host = scene.tenant.issuer.trim_start_matches("http://").to_owned();
    let body = format!("grant_type=refresh_token&refresh_token=x&client_id={}", scene.partner.client_id);
    let url = format!("{elsewhere}/oauth/token");
    let named = scene.send(Method::POST, &url, &[FORM, ("host", &host)], Some(body.clone())).await;
    assert_eq!((named.status, named.error().as_str()), (401, "invalid_client"), "{}", named.body);
    assert_eq!(scene.send(Method::POST, &url, &[FORM], Some(body)).await.status, 404, "nobody lives there");
    let json = [("content-type", "application/json")];
    let answer = scene.send(Method::POST, "/oauth/token", &json, Some("{}".into())).await;
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_11_the_five_parameters_are_required() {
    let scene = generic().await;
    let code = scene.code(SCOPE).await;
    let all = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", &scene.partner.redirect_uri),
        ("client_id", &scene.partner.client_id),
        ("client_secret", &scene.partner.secret),
    ];
    for (missing, error) in [
        ("grant_type", "invalid_request"),
        ("code", "invalid_request"),
        ("redirect_uri", "invalid_request"),
        ("client_id", "invalid_request"),
        ("client_secret", "invalid_client"),
    ] {
        let fields: Vec<_> = all.into_iter().filter(|(name, _)| *name != missing).collect();
        let answer = scene.post("/oauth/token", &fields).await;
        assert_eq!(answer.error(), error, "without {missing}: {}", answer.body);
    }
    assert_eq!(scene.post("/oauth/token", &all).await.status, 200, "malformed requests spend nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_12_the_members_are_those_of_the_sample_and_scope_comes_when_it_says_something() {
    let scene = generic().await;
    let mut browser = Browser::new();
    let members = |body: &Value| body.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let asked = scene.token_by(&mut browser, &scene.url(SCOPE)).await;
    assert_eq!(members(&asked), ["access_token", "expires_in", "refresh_token", "token_type"]);
    assert_eq!((&asked["token_type"], &asked["expires_in"]), (&json!("Bearer"), &json!(3600)));
    // Without a request there is nothing that it could be equal to.
    let unasked = scene.token_by(&mut browser, &scene.url(SCOPE).without("scope")).await;
    assert_eq!(unasked["scope"], SCOPE);
    let token = text(&asked, "access_token");
    scene.world.advance(3599);
    assert!(scene.is_active(token).await);
    scene.world.advance(1);
    assert!(!scene.is_active(token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_13_a_new_token_comes_without_a_login() {
    let scene = generic().await;
    let first = scene.token("read_write read").await;
    scene.world.advance(3600);
    assert!(!scene.is_active(text(&first, "access_token")).await);
    let (status, second) = scene.tokens().refresh(text(&first, "refresh_token")).await;
    assert_eq!((status, &second["expires_in"], second.get("scope")), (200, &json!(3600), None), "{second}");
    assert!(scene.is_active(text(&second, "access_token")).await);
    // A lost answer is given again, for a minute; what is older ends the family.
    let (_, repeated) = scene.tokens().refresh(text(&first, "refresh_token")).await;
    assert_eq!(repeated["refresh_token"], second["refresh_token"]);
    let fewer = [("grant_type", "refresh_token"), ("refresh_token", text(&second, "refresh_token")), ("scope", "read")];
    let (_, narrow) = scene.tokens().post("/oauth/token", &fewer).await;
    assert_eq!(scene.tokens().introspect(text(&narrow, "access_token")).await["scope"], "read");
    scene.world.advance(30 * 86_400);
    let (status, body) = scene.tokens().refresh(text(&narrow, "refresh_token")).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"), "unused for thirty days");
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_14_redirect_uris_are_encrypted_or_stay_on_the_machine() {
    let scene = generic().await;
    let path = format!("/admin/v1/tenants/{}/clients", scene.tenant.slug);
    let client =
        |uri: &str| json!({ "name": "An app", "kind": "confidential", "redirect_uris": [uri], "scopes": [SCOPE] });
    for (uri, status) in [
        ("http://client.example/cb", 422),
        ("https://client.example/cb", 201),
        // A development tenant's own machine.
        ("http://127.0.0.1:8080/cb", 201),
    ] {
        let (found, body) = scene.world.admin("POST", &path, Some(client(uri))).await;
        assert_eq!(found / 100, status / 100, "{uri}: {body}");
    }
    // Who comes encrypted is told to stay so; who does not is not.
    let proxies = vec!["127.0.0.1".into()];
    let scene = Scene::with(Settings { proxies, ..Settings::default() }, "generic").await;
    let encrypted = scene.send(Method::GET, "/oauth/jwks", &[("x-forwarded-proto", "https")], None).await;
    assert!(encrypted.header("strict-transport-security").starts_with("max-age=31536000"), "{encrypted:?}");
    assert_eq!(scene.get("/oauth/jwks").await.header("strict-transport-security"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_15_secrets_and_tokens_are_kept_as_hashes() {
    let scene = generic().await;
    let code = scene.code(SCOPE).await;
    let (_, body) = scene.tokens().exchange(&code, &[]).await;
    let secrets = [
        code,
        text(&body, "access_token").to_owned(),
        text(&body, "refresh_token").to_owned(),
        scene.partner.secret.clone(),
    ];
    let folder = scene.world.stop().await;
    for entry in std::fs::read_dir(folder.path()).expect("the data folder") {
        let path = entry.expect("an entry").path();
        let Ok(bytes) = std::fs::read(&path) else { continue };
        for secret in &secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "a secret is in {}", path.display());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_16_state_is_echoed_and_our_own_forms_have_tokens() {
    let scene = generic().await;
    let mut browser = Browser::new();
    let login = scene.visit(&mut browser, &scene.url(SCOPE)).await;
    let form = login.form_with("login");
    let fields = [("csrf", "forged"), ("username", &scene.person.email), ("password", &scene.person.password)];
    let forged = browser.post(&format!("{}{}", scene.tenant.issuer, form.action), &fields).await;
    assert_eq!(forged.page_error(), Some("form_expired"), "{}", forged.body);
    for state in ["STATE", "a b&c=ü", "\"<>'"] {
        let visit = scene.approved(SCOPE).await.get(&scene.url(SCOPE).with("state", state).url()).await;
        assert_eq!(visit.returned("state").as_deref(), Some(state));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ge_17_a_resource_server_finds_out_what_a_token_is_worth() {
    let mut scene = generic().await;
    let api = scene.tenant.api.clone();
    let server = scene.world.partner_with(&scene.tenant, |client| client.resource = Some(api.clone())).await;
    scene.partner =
        scene.world.partner_with(&scene.tenant, |client| client.redirect_uris = vec![CALLBACK.into()]).await;
    let token = scene.token(SCOPE).await;
    let as_server = grantor_testkit::Tokens::new(&scene.tenant, &server);
    let seen = as_server.introspect(text(&token, "access_token")).await;
    assert_eq!((&seen["active"], &seen["sub"], &seen["aud"]), (&json!(true), &json!(scene.person.id), &json!(api)));
    assert_eq!(scene.api(text(&token, "access_token")).await.status, 200, "the demo's API takes it");
    assert_eq!(scene.tokens().revoke(text(&token, "refresh_token")).await, 200);
    assert_eq!(as_server.introspect(text(&token, "access_token")).await, json!({ "active": false }));
}
