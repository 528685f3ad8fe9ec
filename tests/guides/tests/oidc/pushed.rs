//! Requests that clients push before they send anybody (RFC 9126).

use base64::{Engine, prelude::BASE64_STANDARD};
use grantor_ports::ClientKind;
use grantor_testkit::{AuthorizeUrl, Browser, Pkce, World};
use grantor_tests_guides::Scene;
use reqwest::Method;
use serde_json::{Value, json};

use super::error;

const URN: &str = "urn:ietf:params:oauth:request_uri:";

/// What the client is told.
pub async fn push(scene: &Scene, request: &AuthorizeUrl) -> (u16, Value) {
    scene.tokens().post("/oauth/par", &request.clone().without("client_id").pairs()).await
}

/// The link that says no more than which pushed request is meant.
pub fn link(scene: &Scene, told: &Value) -> AuthorizeUrl {
    let reference = told["request_uri"].as_str().unwrap_or_else(|| panic!("no request_uri in {told}"));
    let endpoint = format!("{}{}", scene.tenant.issuer, scene.tenant.authorize);
    AuthorizeUrl::bare(&endpoint).with("client_id", &scene.partner.client_id).with("request_uri", reference)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_pushed_is_all_that_counts() {
    let scene = Scene::openid().await;
    let pkce = Pkce::of("pushed");
    let request = scene.url("openid profile").pkce(&pkce);
    let (status, told) = push(&scene, &request).await;
    assert_eq!((status, &told["expires_in"]), (201, &json!(90)), "{told}");
    assert!(told["request_uri"].as_str().is_some_and(|uri| uri.starts_with(URN) && uri.len() == URN.len() + 43));
    // Whoever changes the link changes nothing.
    let changed = link(&scene, &told)
        .with("scope", "openid offline_access")
        .with("state", "another")
        .with("redirect_uri", "https://attacker.example/callback")
        .with("response_mode", "form_post");
    let back = Browser::new().authorize(&changed, &scene.person).await;
    assert_eq!(back.returned("state").as_deref(), Some("Pxx5fVv8sMue8eymdg1hhCtkvERe0Z"));
    let code = back.returned("code").expect("a code");
    assert_eq!(scene.tokens().exchange(&code, &[]).await.1["error"], "invalid_grant", "PKCE was pushed with it");
    let (_, told) = push(&scene, &request).await;
    let code = Browser::new().code(&link(&scene, &told), &scene.person).await;
    let (status, tokens) = scene.tokens().exchange(&code, &[("code_verifier", &pkce.verifier)]).await;
    assert_eq!((status, &tokens["scope"]), (200, &json!("openid profile")), "{tokens}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_posted_link_and_one_without_a_person_mean_it_too() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let (_, told) = push(&scene, &scene.url("openid").with("prompt", "none")).await;
    assert!(browser.get(&link(&scene, &told).url()).await.returned("code").is_some());
    let (_, told) = push(&scene, &scene.url("openid").with("prompt", "none")).await;
    assert_eq!(error(&Browser::new().get(&link(&scene, &told).url()).await), "login_required");
    let (_, told) = push(&scene, &scene.url("openid")).await;
    let url = link(&scene, &told);
    let posted = browser.post(url.endpoint(), &url.pairs()).await;
    assert!(browser.follow(posted).await.returned("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_push_in_every_way_in_which_they_say_who_they_are() {
    let scene = Scene::openid().await;
    let basic = BASE64_STANDARD.encode(format!("{}:{}", scene.partner.client_id, scene.partner.secret));
    let basic = format!("Basic {basic}");
    let request = scene.url("openid").without("client_id");
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(request.pairs()).finish();
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", basic.as_str())];
    let answer = scene.send(Method::POST, "/oauth/par", &headers, Some(body)).await;
    assert_eq!((answer.status, answer.header("cache-control")), (201, "no-store"), "{}", answer.body);
    let public = scene.world.partner_with(&scene.tenant, |client| client.kind = ClientKind::Public).await;
    let scene = scene.as_partner(public);
    assert_eq!(push(&scene, &scene.url("openid")).await.1["error"], "invalid_request", "PKCE is required of it");
    let (status, told) = push(&scene, &scene.url("openid").pkce(&Pkce::of("public"))).await;
    assert_eq!(status, 201, "{told}");
    assert!(Browser::new().authorize(&link(&scene, &told), &scene.person).await.returned("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_is_refused_as_the_token_endpoint_refuses() {
    let scene = Scene::openid().await;
    let good = scene.url("openid");
    for (name, value, error) in [
        ("redirect_uri", "https://attacker.example/callback", "invalid_request"),
        ("redirect_uri", "", "invalid_request"),
        ("scope", "unknown", "invalid_scope"),
        ("response_type", "token", "unsupported_response_type"),
        ("response_mode", "fragment", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("request_uri", "https://client.example/request", "invalid_request"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x", "invalid_request"),
        ("request", "eyJhbGciOiJub25lIn0.e30.", "request_not_supported"),
    ] {
        let (status, told) = push(&scene, &good.clone().with(name, value)).await;
        assert_eq!((status, told["error"].as_str()), (400, Some(error)), "{name}={value}: {told}");
    }
    let good = good.without("client_id");
    let twice = [good.pairs(), vec![("scope", "openid")]].concat();
    assert_eq!(scene.tokens().post("/oauth/par", &twice).await.1["error"], "invalid_request");
    let stranger = scene.post("/oauth/par", &scene.url("openid").pairs()).await;
    assert_eq!((stranger.status, stranger.error().as_str()), (401, "invalid_client"), "a secret is missing");
    let nobody = scene.post("/oauth/par", &scene.url("openid").without("client_id").pairs()).await;
    assert_eq!((nobody.status, nobody.error().as_str()), (401, "invalid_client"));
    let json = scene.send(Method::POST, "/oauth/par", &[("content-type", "application/json")], Some("{}".into())).await;
    assert_eq!((json.status, json.error().as_str()), (400, "invalid_request"));
    assert_eq!(scene.get("/oauth/par").await.status, 405);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_can_demand_that_requests_are_pushed() {
    let world = World::start().await;
    let change = |tenant: &mut grantor_ports::CreateTenant| tenant.profile.authorize.pushed_only = true;
    let tenant = world.tenant_with("pushed", "openid", change).await;
    let scene = Scene::at(world, tenant).await;
    let document = scene.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["require_pushed_authorization_requests"], true);
    assert_eq!(document["pushed_authorization_request_endpoint"], format!("{}/oauth/par", scene.tenant.issuer));
    assert_eq!(error(&Browser::new().get(&scene.url("openid").url()).await), "invalid_request");
    let (_, told) = push(&scene, &scene.url("openid")).await;
    assert!(Browser::new().authorize(&link(&scene, &told), &scene.person).await.returned("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_guide_knows_nothing_of_it_there_is_nothing() {
    let scene = Scene::financefeast().await;
    assert_eq!(push(&scene, &scene.url("client:read")).await.0, 404);
    let document = scene.get("/.well-known/oauth-authorization-server").await.json();
    assert!(document.get("pushed_authorization_request_endpoint").is_none(), "{document}");
    let url = scene.url("client:read").with("request_uri", &format!("{URN}{}", "A".repeat(43)));
    assert_eq!(error(&Browser::new().get(&url.url()).await), "request_uri_not_supported");
}
