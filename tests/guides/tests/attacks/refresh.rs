//! C10 and invariant I4: an attacker who has stolen a refresh token.

use grantor_profile::Profile;
use grantor_testkit::{Browser, Tokens, World};
use grantor_tests_guides::Scene;
use serde_json::Value;

const SCOPE: &str = "openid profile offline_access";
const DAY: i64 = 86_400;

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}")).to_owned()
}

async fn refreshed(scene: &Scene, token: &str) -> Value {
    let (status, body) = scene.tokens().refresh(token).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn refused(scene: &Scene, token: &str) {
    let (status, body) = scene.tokens().refresh(token).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")), "{body}");
}

async fn lenient(change: impl FnOnce(&mut Profile)) -> Scene {
    let world = World::start().await;
    let tenant = world.tenant_with("lenient", "openid", |tenant| change(&mut tenant.profile)).await;
    Scene::at(world, tenant).await
}

#[tokio::test(flavor = "multi_thread")]
async fn c10_a_thief_with_another_client_gains_nothing_by_a_refresh_token() {
    let scene = Scene::openid().await;
    let token = text(&scene.token(SCOPE).await, "refresh_token");
    let rival = scene.world.partner(&scene.tenant).await;
    let (status, body) = Tokens::new(&scene.tenant, &rival).refresh(&token).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    let body = refreshed(&scene, &token).await;
    let seen = scene.tokens().introspect(&text(&body, "access_token")).await;
    assert_eq!((seen["aud"].as_str(), seen["scope"].as_str()), (Some(scene.tenant.api.as_str()), Some(SCOPE)));
    let next = text(&body, "refresh_token");
    // A scope that was not granted is refused, fewer are given; the family stays as it was granted.
    let fields = |scope| [("grant_type", "refresh_token"), ("refresh_token", next.as_str()), ("scope", scope)];
    assert_eq!(scene.tokens().post("/oauth/token", &fields("openid email")).await.1["error"], "invalid_scope");
    let (_, narrow) = scene.tokens().post("/oauth/token", &fields("openid")).await;
    assert_eq!(narrow["scope"], "openid");
    assert_eq!(refreshed(&scene, &text(&narrow, "refresh_token")).await["scope"], SCOPE);
}

#[tokio::test(flavor = "multi_thread")]
async fn c10_a_refresh_token_used_twice_kills_its_family() {
    let scene = Scene::openid().await;
    let first = scene.token(SCOPE).await;
    let second = refreshed(&scene, &text(&first, "refresh_token")).await;
    assert_ne!(first["refresh_token"], second["refresh_token"], "every use gives a new one");
    // The thief comes second: nobody has anything any more.
    refused(&scene, &text(&first, "refresh_token")).await;
    refused(&scene, &text(&second, "refresh_token")).await;
    for body in [&first, &second] {
        assert!(!scene.is_active(&text(body, "access_token")).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c10_within_the_grace_the_previous_token_gives_the_same_successor() {
    let scene = lenient(|profile| profile.refresh_tokens.grace_seconds = 60).await;
    let first = text(&scene.token(SCOPE).await, "refresh_token");
    let second = text(&refreshed(&scene, &first).await, "refresh_token");
    scene.world.advance(59);
    assert_eq!(text(&refreshed(&scene, &first).await, "refresh_token"), second, "a lost answer is repeated");
    let third = text(&refreshed(&scene, &second).await, "refresh_token");
    // Older than the previous one: dead, grace or not.
    refused(&scene, &first).await;
    refused(&scene, &third).await;

    let other = text(&scene.token(SCOPE).await, "refresh_token");
    let next = text(&refreshed(&scene, &other).await, "refresh_token");
    scene.world.advance(61);
    refused(&scene, &other).await;
    refused(&scene, &next).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c10_a_refresh_token_ends_when_idle_and_at_its_age() {
    let scene = Scene::openid().await;
    let idle = text(&scene.token(SCOPE).await, "refresh_token");
    scene.world.advance(30 * DAY);
    refused(&scene, &idle).await;
    assert!(!scene.is_active(&idle).await);

    let mut token = text(&scene.token(SCOPE).await, "refresh_token");
    for _ in 0..18 {
        scene.world.advance(20 * DAY);
        token = text(&refreshed(&scene, &token).await, "refresh_token");
    }
    scene.world.advance(5 * DAY);
    refused(&scene, &token).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c10_without_offline_access_there_is_no_refresh_token() {
    let scene = Scene::openid().await;
    assert!(scene.token("openid profile").await.get("refresh_token").is_none());
    let mut browser = Browser::new();
    let login = scene.visit(&mut browser, &scene.url(SCOPE)).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let consent = browser.follow(visit).await;
    assert!(consent.body.contains("data-scope=\"offline_access\""), "the person is asked for it:\n{}", consent.body);
}
