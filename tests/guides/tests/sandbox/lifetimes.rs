//! Whatever a profile lets live for a time ends when the sandbox's clock says so: a second before
//! it lives, and then it does not.

use grantor_profile::Profile;
use grantor_testkit::Browser;
use grantor_tests_guides::Scene;

use super::{advance, sandbox};

const DAY: u32 = 86_400;

/// The lifetimes that a guide names, in seconds.
struct Guide {
    preset: &'static str,
    scope: &'static str,
    /// A code nobody redeems; guides without one ask with client credentials.
    code: Option<u32>,
    access: u32,
    /// A refresh token nobody uses.
    unused: Option<u32>,
}

const GUIDES: &[Guide] = &[
    Guide { preset: "financefeast", scope: "openid profile plan", code: Some(60), access: 10 * DAY, unused: None },
    Guide { preset: "generic", scope: "read_write", code: Some(60), access: 3600, unused: Some(30 * DAY) },
    Guide { preset: "finapi", scope: "all", code: None, access: 3600, unused: None },
];

#[tokio::test(flavor = "multi_thread")]
async fn every_lifetime_of_every_guide_ends_by_the_sandboxs_clock() {
    for guide in GUIDES {
        let profile = Profile::preset(guide.preset).expect("a preset");
        let named = (guide.code.unwrap_or(profile.codes.ttl_seconds), guide.access);
        assert_eq!((profile.codes.ttl_seconds, profile.access_tokens.ttl_seconds), named, "{}", guide.preset);
        let scene = sandbox(guide.preset).await;
        if let Some(lifetime) = guide.code {
            code(guide, &scene, lifetime).await;
        }
        access_token(guide, &scene).await;
        if let Some(unused) = guide.unused {
            refresh_token(guide, &scene, unused).await;
        }
    }
}

async fn code(guide: &Guide, scene: &Scene, lifetime: u32) {
    let (in_time, late) = (scene.code(guide.scope).await, scene.code(guide.scope).await);
    advance(scene, lifetime - 1).await;
    let (status, body) = scene.tokens().exchange(&in_time, &[]).await;
    assert_eq!(status, 200, "{}: {body}", guide.preset);
    advance(scene, 1).await;
    let (status, body) = scene.tokens().exchange(&late, &[]).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")), "{}: {body}", guide.preset);
}

async fn access_token(guide: &Guide, scene: &Scene) {
    let body = match guide.code {
        Some(_) => scene.token(guide.scope).await,
        None => scene.tokens().post("/oauth/token", &[("grant_type", "client_credentials")]).await.1,
    };
    let token = body["access_token"].as_str().expect("a token");
    advance(scene, guide.access - 1).await;
    assert!(scene.is_active(token).await, "{}", guide.preset);
    advance(scene, 1).await;
    assert!(!scene.is_active(token).await, "{}", guide.preset);
}

async fn refresh_token(guide: &Guide, scene: &Scene, unused: u32) {
    let refresh_of = |body: &serde_json::Value| body["refresh_token"].as_str().expect("a refresh token").to_owned();
    let first = refresh_of(&scene.token(guide.scope).await);
    advance(scene, unused - 1).await;
    let (status, body) = scene.tokens().refresh(&first).await;
    assert_eq!(status, 200, "{}: {body}", guide.preset);
    let next = refresh_of(&body);
    // The window slides: it begins anew with every use.
    advance(scene, unused - 1).await;
    let (status, body) = scene.tokens().refresh(&next).await;
    assert_eq!(status, 200, "{}: {body}", guide.preset);
    let next = refresh_of(&body);
    advance(scene, unused).await;
    let (status, body) = scene.tokens().refresh(&next).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")), "{}: {body}", guide.preset);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_and_a_consent_end_by_the_sandboxs_clock() {
    let scene = sandbox("openid").await;
    let mut browser = Browser::new();
    let url = scene.url("openid");
    browser.code(&url, &scene.person).await;
    assert!(scene.visit(&mut browser, &url).await.returned("code").is_some(), "signed in and approved");
    advance(&scene, 3600).await;
    let visit = scene.visit(&mut browser, &url).await;
    assert!(visit.has_button("login"), "an hour without use: {}", visit.body);
    browser.code(&url, &scene.person).await;
    advance(&scene, 181 * DAY).await;
    let visit = scene.visit(&mut browser, &url).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&visit, "login", &filled).await;
    assert!(browser.follow(visit).await.has_button("approve"), "the consent of 180 days is asked for again");
}
