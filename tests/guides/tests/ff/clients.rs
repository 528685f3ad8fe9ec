//! FF-01 to FF-10: how a partner comes to a client.

use grantor_contracts::registry::v1::ClientRegistered;
use grantor_eventsourcing::Position;
use grantor_store::Log;
use grantor_testkit::{Browser, Role, hidden};
use grantor_tests_guides::{Scene, state_of};
use prost::Message;
use reqwest::Method;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::register::{CALLBACK, at_the_form, pending, text_of, typed};

#[tokio::test(flavor = "multi_thread")]
async fn ff_01_the_api_takes_oauth_tokens_and_nothing_else() {
    let scene = Scene::financefeast().await;
    let (id, secret) = (scene.partner.client_id.as_str(), scene.partner.secret.as_str());
    let url = format!("{}/data/eod?ticker=air.nz", scene.tenant.api);
    let basic = reqwest::Client::new().get(&url).basic_auth(id, Some(secret)).send().await.expect("an answer");
    assert_eq!(basic.status(), 401, "client credentials are no API authentication");
    let key = scene.send(Method::GET, &url, &[("x-api-key", secret)], None).await;
    assert_eq!((key.status, key.header("www-authenticate").starts_with("Bearer")), (401, true));
    let bearer = scene.api(secret).await;
    assert_eq!((bearer.status, bearer.error().as_str()), (401, "invalid_token"));
    let session = scene.approved("openid profile plan").await;
    let host = url::Url::parse(&scene.tenant.issuer).expect("a URL").host_str().expect("a host").to_owned();
    let cookies: Vec<String> = session.cookies(&host).iter().map(|(name, value)| format!("{name}={value}")).collect();
    let with_session = scene.send(Method::GET, &url, &[("cookie", &cookies.join("; "))], None).await;
    assert_eq!(with_session.status, 401, "a browser session is no API authentication");
    let token = scene.token("openid profile plan").await;
    assert_eq!(scene.api(token["access_token"].as_str().expect("a token")).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_02_terms_are_read_and_accepted_before_a_client_exists() {
    let scene = Scene::financefeast().await;
    let (mut browser, form) = at_the_form(&scene).await;
    assert!(form.body.contains("Be kind.") && text_of(&form, "terms_version") == "1", "{}", form.body);
    let mut without = typed();
    without.retain(|(name, _)| *name != "accept_terms");
    let refused = browser.press(&form, "create", &without).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("accept_terms-error"), "{}", refused.body);
    let mut stale = without.clone();
    stale.push(("accept_terms", "0"));
    assert_eq!(browser.press(&form, "create", &stale).await.status, 400, "other terms than those in force");
    assert_eq!(scene.operator("GET", "/clients?state=pending", None).await["items"], json!([]));

    let (mut browser, partner) = pending(&scene).await;
    let details = browser.get(&format!("{}/clients/{}", scene.tenant.issuer, partner.client_id)).await;
    assert!(details.body.contains("version 1") || details.body.contains("Version 1"), "{}", details.body);
    let registered = registration_of(&scene, &partner.client_id).await;
    let terms = registered.terms.expect("the acceptance, as an event");
    assert_eq!(terms.version, "1");
    // Version and text.
    assert_eq!(terms.sha256, Sha256::digest("1\nBe kind.").as_slice());
    assert_eq!(terms.accepted_by, scene.person.id.uuid().as_bytes());
    assert_eq!(terms.accepted_at_ms, scene.world.now().timestamp_millis());
}

async fn registration_of(scene: &Scene, client_id: &str) -> ClientRegistered {
    let log = scene.world.platform.stores.of(Role::Registry).read_log(Log::Events, Position::default(), 1000).await;
    let events = log.expect("the log");
    let registered = events.iter().filter(|event| event.event_type == "oauth.client.registered");
    let mut read = registered.map(|event| ClientRegistered::decode(event.payload.clone()).expect("a registration"));
    read.find(|registered| registered.client_id == client_id).expect("an event of this client")
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_03_a_client_does_not_pose_as_the_tenant() {
    let scene = Scene::financefeast().await;
    let (mut browser, form) = at_the_form(&scene).await;
    let posing = [("name", "The financefeast tenant Official App")];
    let filled: Vec<_> = typed().into_iter().filter(|(name, _)| *name != "name").chain(posing).collect();
    let refused = browser.press(&form, "create", &filled).await;
    assert_eq!(refused.status, 400);
    assert!(refused.body.contains("name-error"), "{}", refused.body);
    // What passes is still looked at: the operator sees name and logo before the word.
    let (_, partner) = pending(&scene).await;
    let queue = scene.operator("GET", "/clients?state=pending", None).await;
    assert_eq!(queue["items"][0]["client_id"], partner.client_id);
    assert_eq!(queue["items"][0]["name"], "Portfolio Planner");
    assert_eq!(queue["items"][0]["logo_url"], "https://example.com/logo.png");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_04_clients_go_from_draft_to_the_operators_word() {
    let scene = Scene::financefeast().await;
    let (mut browser, form) = at_the_form(&scene).await;
    assert!(form.body.contains("partners@example.com"), "the partnership contact is shown");
    let draft = [typed(), vec![("save_draft", "save_draft")]].concat();
    let made = browser.press(&form, "create", &draft).await;
    let id = text_of(&made, "client_id");
    let state = async || scene.operator("GET", &format!("/clients/{id}"), None).await["state"].clone();
    assert_eq!(state().await, "draft");
    let details = browser.get(&format!("{}/clients/{id}", scene.tenant.issuer)).await;
    browser.press(&details, "submit", &[]).await;
    assert_eq!(state().await, "pending");
    let reason = json!({ "reason": "Say what it is for." });
    scene.operator("POST", &format!("/clients/{id}/reject"), Some(reason)).await;
    assert_eq!(state().await, "rejected");
    let details = browser.get(&format!("{}/clients/{id}", scene.tenant.issuer)).await;
    assert!(details.body.contains("Say what it is for."));
    browser.press(&details, "submit", &[]).await;
    scene.operator("POST", &format!("/clients/{id}/approve"), None).await;
    assert_eq!(state().await, "approved");
    scene.operator("POST", &format!("/clients/{id}/suspend"), Some(json!({ "reason": "It misbehaved." }))).await;
    assert_eq!(state().await, "suspended");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_05_the_form_is_at_the_guides_path_behind_a_login() {
    let scene = Scene::financefeast().await;
    let mut stranger = Browser::new();
    let visit = stranger.get(&format!("{}/oauth/create_client", scene.tenant.issuer)).await;
    assert_eq!(visit.status, 303);
    assert!(stranger.follow(visit).await.has_button("login"));
    let (_, form) = at_the_form(&scene).await;
    assert_eq!((form.status, form.url.path()), (200, "/oauth/create_client"));
    assert!(form.body.contains("OAuth Apps"), "the page is called as in the guide:\n{}", form.body);
    let on_the_api = scene.send(Method::GET, &format!("{}/oauth/create_client", scene.tenant.api), &[], None).await;
    assert_eq!(on_the_api.status, 404, "the identity host has it");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_06_the_form_has_the_fields_a_client_needs() {
    let scene = Scene::financefeast().await;
    let (_, form) = at_the_form(&scene).await;
    for field in ["name", "website", "logo_url", "redirect_uris", "scopes", "contact"] {
        let there = form.body.contains(&format!("name=\"{field}\"")) || form.body.contains(&format!("id=\"{field}\""));
        assert!(there, "no {field}");
    }
    assert!(form.body.contains("grace@example.com"), "the contact is the developer who is signed in");
    for scope in ["openid", "profile", "plan"] {
        assert!(form.body.contains(&format!("value=\"{scope}\"")), "no scope {scope}");
    }
    assert!(hidden(&form.body, "csrf").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_07_the_new_client_is_listed_with_its_state() {
    let scene = Scene::financefeast().await;
    let (mut browser, partner) = pending(&scene).await;
    let home = browser.get(&format!("{}/", scene.tenant.issuer)).await;
    assert!(home.body.contains("id=\"clients\"") && home.body.contains("Integrated Applications"), "{}", home.body);
    assert_eq!(state_of(&home, &partner.client_id), "pending");
    scene.operator("POST", &format!("/clients/{}/approve", partner.client_id), None).await;
    let home = browser.get(&format!("{}/", scene.tenant.issuer)).await;
    assert_eq!(state_of(&home, &partner.client_id), "approved");
    assert_eq!(state_of(&home, &scene.partner.client_id), "", "other people's clients are not listed");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_08_the_secret_is_shown_once_and_then_only_rotated() {
    let scene = Scene::financefeast().await;
    let (mut browser, partner) = pending(&scene).await;
    assert!(!partner.secret.is_empty());
    let details = browser.get(&format!("{}/clients/{}", scene.tenant.issuer, partner.client_id)).await;
    assert_eq!(details.status, 200);
    assert!(!details.body.contains(&partner.secret), "the secret is shown a second time");
    let rotated = browser.press(&details, "rotate", &[]).await;
    let second = text_of(&rotated, "client_secret");
    assert_ne!(second, partner.secret);
    scene.operator("POST", &format!("/clients/{}/approve", partner.client_id), None).await;
    for secret in [&partner.secret, &second] {
        let fields = [("token", "x"), ("client_id", partner.client_id.as_str()), ("client_secret", secret.as_str())];
        assert_eq!(scene.post("/oauth/introspect", &fields).await.status, 200, "both are live for a while");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_09_integration_testing_starts_when_the_operator_enables_the_client() {
    let scene = Scene::financefeast().await;
    let (mut browser, partner) = pending(&scene).await;
    let scene = scene.as_partner(partner);
    let page = browser.get(&scene.url("openid profile plan").url()).await;
    assert_eq!((page.status, page.page_error(), page.location()), (400, Some("client_not_approved"), None));
    let (status, body) = scene.tokens().exchange("67f74f5a-a2cc-4ebd-88b4-22453fe07994", &[]).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    scene.operator("POST", &format!("/clients/{}/approve", scene.partner.client_id), None).await;
    // Without a restart. Who asked before is told "no" for a second at most, less once the news
    // is there; who did not has no wait at all.
    scene.world.settle().await;
    let token = scene.token_by(&mut browser, &scene.url("openid profile plan")).await;
    assert_eq!(scene.api(token["access_token"].as_str().expect("a token")).await.status, 200);
    let (_, fresh) = pending(&scene).await;
    scene.operator("POST", &format!("/clients/{}/approve", fresh.client_id), None).await;
    let scene = scene.as_partner(fresh);
    let visit = browser.authorize(&scene.url("openid"), &scene.person).await;
    assert!(visit.location().is_some_and(|to| to.as_str().starts_with(CALLBACK)), "{}", visit.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_10_openid_connect_verifies_the_customers_identity() {
    let scene = Scene::financefeast().await;
    let token = scene.token("openid profile plan").await;
    let claims = grantor_tests_guides::verified(&scene, token["id_token"].as_str().expect("an id_token")).await;
    assert_eq!(claims["sub"], scene.person.id.to_string());
    let document = scene.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["issuer"], scene.tenant.issuer);
    let keys = scene.get("/oauth/jwks").await.json();
    assert!(keys["keys"].as_array().is_some_and(|keys| !keys.is_empty()));
    let (status, info) = scene.tokens().userinfo(token["access_token"].as_str().expect("a token")).await;
    assert_eq!((status, &info["sub"]), (200, &claims["sub"]));
}
