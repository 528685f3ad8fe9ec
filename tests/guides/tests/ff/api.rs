//! FF-38 and FF-39: using the token, and what comes after it.

use grantor_tests_guides::Scene;
use reqwest::Method;
use serde_json::json;

const SCOPE: &str = "openid profile plan";

#[tokio::test(flavor = "multi_thread")]
async fn ff_38_the_api_host_takes_the_bearer_token() {
    let scene = Scene::financefeast().await;
    let token = scene.token(SCOPE).await["access_token"].as_str().expect("a token").to_owned();
    let answer = scene.api(&token).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    let identity = format!("{}/data/eod?ticker=air.nz", scene.tenant.issuer);
    let bearer = format!("Bearer {token}");
    let there = scene.send(Method::GET, &identity, &[("authorization", &bearer)], None).await;
    assert_eq!(there.status, 404, "the identity host is no API");
    let bare = scene.send(Method::GET, &format!("{}/data/eod?ticker=air.nz", scene.tenant.api), &[], None).await;
    assert_eq!((bare.status, bare.header("www-authenticate").starts_with("Bearer")), (401, true));
    assert_eq!(scene.tokens().revoke(&token).await, 200);
    assert_eq!(scene.api(&token).await.status, 401, "a revoked token is worth nothing at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_39_there_is_no_refresh_token_and_authorizing_again_asks_nothing() {
    let scene = Scene::financefeast().await;
    let mut browser = scene.approved(SCOPE).await;
    let answer = scene.token_by(&mut browser, &scene.url(SCOPE)).await;
    assert!(answer.get("refresh_token").is_none(), "{answer}");
    scene.world.advance(864_000);
    assert!(!scene.is_active(answer["access_token"].as_str().expect("a token")).await);
    // The session has ended meanwhile; the consent has not.
    let login = scene.visit(&mut browser, &scene.url(SCOPE)).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let back = browser.follow(visit).await;
    let code = back.returned("code").expect("no second question");
    assert_eq!(scene.tokens().exchange(&code, &[]).await.0, 200);
    // Fewer scopes: nothing to ask either. More than was approved: asked.
    let fewer = scene.visit(&mut browser, &scene.url("openid")).await;
    assert!(fewer.returned("code").is_some());
    let narrow = scene.world.person(&scene.tenant, "ada@example.com").await;
    let mut ada = grantor_testkit::Browser::new();
    ada.code(&scene.url("openid"), &narrow).await;
    assert!(scene.visit(&mut ada, &scene.url(SCOPE)).await.has_button("approve"));
    let (status, body) = scene.tokens().refresh("anything").await;
    assert_eq!((status, &body["error"]), (400, &json!("unsupported_grant_type")));
}
