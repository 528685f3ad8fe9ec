//! A profile is data: a change takes effect within a second, without a restart.

use std::time::{Duration, Instant};

use grantor_testkit::Browser;
use grantor_tests_guides::Scene;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_change_is_live_within_a_second() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    assert_eq!(scene.token_by(&mut browser, &scene.url("openid")).await["expires_in"], 600);
    let mut profile = scene.operator("GET", "/profile", None).await;
    profile["access_tokens"]["ttl_seconds"] = json!(120);
    profile["paths"]["token"] = json!({ "path": "/auth/token" });
    profile["token_response"]["token_type"] = json!("bearer");
    scene.operator("PUT", "/profile", Some(profile)).await;
    let changed = Instant::now();
    while scene.get("/.well-known/openid-configuration").await.json()["token_endpoint"]
        != format!("{}/auth/token", scene.tenant.issuer)
    {
        assert!(changed.elapsed() < Duration::from_secs(1), "the change is not live after a second");
    }
    let code = browser.code(&scene.url("openid"), &scene.person).await;
    let fields =
        [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", &scene.partner.redirect_uri)];
    assert_eq!(scene.tokens().post("/oauth/token", &fields).await.0, 404, "the path moved");
    let (status, answer) = scene.tokens().post("/auth/token", &fields).await;
    assert_eq!((status, &answer["expires_in"], &answer["token_type"]), (200, &json!(120), &json!("bearer")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_tenant_is_silent_within_a_second() {
    let scene = Scene::openid().await;
    let token = scene.token("openid").await["access_token"].as_str().expect("a token").to_owned();
    scene.operator("POST", "/suspend", None).await;
    let changed = Instant::now();
    while Browser::new().get(&scene.url("openid").url()).await.page_error() != Some("tenant_suspended") {
        assert!(changed.elapsed() < Duration::from_secs(1), "the tenant still answers after a second");
    }
    assert_eq!(scene.tokens().userinfo(&token).await.0, 403);
    assert_eq!(scene.api(&token).await.status, 403);
    scene.operator("POST", "/restore", None).await;
    let changed = Instant::now();
    while scene.get("/.well-known/openid-configuration").await.status != 200 {
        assert!(changed.elapsed() < Duration::from_secs(1), "the tenant is silent after a second");
    }
}
