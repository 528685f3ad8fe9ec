//! C11: an attacker who has stolen a token loses it when something happens to its owner.

use grantor_testkit::Browser;
use grantor_tests_guides::Scene;
use serde_json::{Value, json};

const SCOPE: &str = "openid offline_access";

struct Stolen {
    access: String,
    refresh: String,
}

async fn stolen(scene: &Scene, browser: &mut Browser) -> Stolen {
    let body = scene.token_by(browser, &scene.url(SCOPE)).await;
    let text = |name: &str| body[name].as_str().expect("a token").to_owned();
    let stolen = Stolen { access: text("access_token"), refresh: text("refresh_token") };
    assert!(scene.is_active(&stolen.access).await && scene.is_active(&stolen.refresh).await);
    stolen
}

/// Once everybody has heard, the tokens are worth nothing anywhere.
async fn worthless(scene: &Scene, stolen: &Stolen) {
    scene.world.settle().await;
    assert!(!scene.is_active(&stolen.access).await, "introspection");
    assert!(!scene.is_active(&stolen.refresh).await, "introspection of the refresh token");
    assert_eq!(scene.tokens().userinfo(&stolen.access).await.0, 401, "userinfo");
    assert_eq!(scene.api(&stolen.access).await.status, 401, "the API");
    let (status, body) = scene.tokens().refresh(&stolen.refresh).await;
    assert!(matches!(status, 400 | 401), "refresh: {status} {body}");
}

/// What an operator does to the person ends tokens and sessions.
async fn operator_ends(method: &str, below: &str, body: Option<Value>) {
    let scene = Scene::openid().await;
    let mut browser = Browser::new();
    let stolen = stolen(&scene, &mut browser).await;
    // By the clock the change comes later than what it ends.
    scene.world.advance(1);
    scene.operator(method, &format!("/users/{}{below}", scene.person.id), body).await;
    worthless(&scene, &stolen).await;
    let page = scene.visit(&mut browser, &scene.url(SCOPE)).await;
    assert!(page.has_button("login"), "the session is over too: {:?}\n{}", page.location(), page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_a_password_change_ends_stolen_tokens() {
    operator_ends("PATCH", "", Some(json!({ "password": "an entirely new passphrase" }))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_locking_the_user_ends_stolen_tokens() {
    operator_ends("POST", "/lock", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_deactivating_the_user_ends_stolen_tokens() {
    operator_ends("POST", "/deactivate", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_erasing_the_user_ends_stolen_tokens() {
    operator_ends("POST", "/erase", None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_what_a_lock_ended_stays_dead_after_unlocking() {
    let scene = Scene::openid().await;
    let stolen = stolen(&scene, &mut Browser::new()).await;
    scene.world.advance(1);
    scene.operator("POST", &format!("/users/{}/lock", scene.person.id), None).await;
    scene.world.advance(1);
    scene.operator("POST", &format!("/users/{}/unlock", scene.person.id), None).await;
    worthless(&scene, &stolen).await;
    scene.world.advance(1);
    assert!(scene.token(SCOPE).await["access_token"].is_string(), "the person may begin again");
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_suspending_the_client_ends_its_tokens() {
    let scene = Scene::openid().await;
    let held = stolen(&scene, &mut Browser::new()).await;
    let path = format!("/clients/{}/suspend", scene.partner.client_id);
    scene.operator("POST", &path, Some(json!({ "reason": "It misbehaves." }))).await;
    scene.world.settle().await;
    assert_eq!(scene.tokens().userinfo(&held.access).await.0, 401);
    assert_eq!(scene.api(&held.access).await.status, 401);
    let (status, body) = scene.tokens().refresh(&held.refresh).await;
    assert_eq!((status, body["error"].as_str()), (401, Some("invalid_client")));
    let visit = Browser::new().get(&scene.url(SCOPE).url()).await;
    assert_eq!((visit.page_error(), visit.location()), (Some("client_suspended"), None));
    scene.operator("POST", &format!("/clients/{}/restore", scene.partner.client_id), None).await;
    worthless(&scene, &held).await;
    assert!(scene.token(SCOPE).await["access_token"].is_string(), "the client may begin again");
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_withdrawing_consent_ends_the_clients_tokens() {
    let scene = Scene::openid().await;
    let mut browser = Browser::new();
    let held = stolen(&scene, &mut browser).await;
    let apps = browser.get(&format!("{}/apps", scene.tenant.issuer)).await;
    assert!(apps.body.contains(&format!("data-client=\"{}\"", scene.partner.client_id)), "{}", apps.body);
    assert_eq!(browser.press(&apps, "revoke", &[]).await.status, 303);
    worthless(&scene, &held).await;
    let page = scene.visit(&mut browser, &scene.url(SCOPE)).await;
    assert!(page.has_button("approve"), "the client has to ask again");
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_revoking_ends_the_whole_grant_before_the_answer() {
    let scene = Scene::openid().await;
    let mut browser = Browser::new();
    let held = stolen(&scene, &mut browser).await;
    assert_eq!(scene.tokens().revoke(&held.refresh).await, 200);
    assert!(!scene.is_active(&held.access).await && !scene.is_active(&held.refresh).await);
    assert_eq!(scene.tokens().revoke("unknown").await, 200, "RFC 7009 2.2");
    let other = stolen(&scene, &mut browser).await;
    let rival = scene.world.partner(&scene.tenant).await;
    grantor_testkit::Tokens::new(&scene.tenant, &rival).revoke(&other.refresh).await;
    assert!(scene.is_active(&other.access).await, "only by the client it was given to");
}
