//! RP-initiated log-out (OpenID Connect RP-Initiated Logout 1.0).

use grantor_testkit::Browser;
use grantor_tests_guides::Scene;

use super::error;

const BYE: &str = "https://client.example/bye";

async fn signed_out(scene: &Scene, browser: &mut Browser) -> bool {
    let visit = browser.get(&scene.url("openid").with("prompt", "none").url()).await;
    visit.returned("code").is_none() && error(&visit) == "login_required"
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_that_fits_the_session_ends_it_at_once() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let answer = scene.token_by(&mut browser, &scene.url("openid")).await;
    let hint = answer["id_token"].as_str().expect("an id_token");
    let url =
        format!("{}/oauth/logout?id_token_hint={hint}&post_logout_redirect_uri={BYE}&state=s%201", scene.tenant.issuer);
    let visit = browser.get(&url).await;
    assert_eq!(visit.status, 303);
    assert_eq!(visit.location().expect("a redirect").as_str(), "https://client.example/bye?state=s%201");
    assert!(signed_out(&scene, &mut browser).await);
    // Nobody is signed in: the way back is the same.
    assert_eq!(browser.get(&url).await.location().expect("a redirect").host_str(), Some("client.example"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_hint_the_person_is_asked() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let base = format!("{}/oauth/logout", scene.tenant.issuer);
    let url = format!("{base}?client_id={}&post_logout_redirect_uri={BYE}", scene.partner.client_id);
    let page = browser.get(&url).await;
    assert!(page.has_button("logout") && page.has_button("cancel"), "{}", page.body);
    browser.press(&page, "cancel", &[]).await;
    assert!(!signed_out(&scene, &mut browser).await);
    let page = browser.get(&url).await;
    let visit = browser.press(&page, "logout", &[]).await;
    assert_eq!(visit.location().expect("a redirect").as_str(), BYE);
    assert!(signed_out(&scene, &mut browser).await);

    let mut browser = scene.approved("openid").await;
    let posted =
        browser.post(&base, &[("client_id", &scene.partner.client_id), ("post_logout_redirect_uri", BYE)]).await;
    assert_eq!(posted.status, 303);
    assert!(browser.follow(posted).await.has_button("logout"));
    let page = browser.get(&base).await;
    let visit = browser.press(&page, "logout", &[]).await;
    let done = browser.follow(visit).await;
    assert_eq!((done.status, done.url.path()), (200, "/logged-out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_log_out_request_is_a_page() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let other = scene.world.partner_with(&scene.tenant, |client| client.post_logout_redirect_uris = Vec::new()).await;
    let answer = scene.token_by(&mut browser, &scene.url("openid")).await;
    let hint = answer["id_token"].as_str().expect("an id_token");
    let base = format!("{}/oauth/logout", scene.tenant.issuer);
    for query in [
        format!("post_logout_redirect_uri={BYE}"),
        format!("post_logout_redirect_uri={BYE}&client_id={}", other.client_id),
        format!("post_logout_redirect_uri={BYE}/&client_id={}", scene.partner.client_id),
        format!("post_logout_redirect_uri={BYE}&client_id={}&id_token_hint={hint}", other.client_id),
    ] {
        let visit = browser.get(&format!("{base}?{query}")).await;
        assert!(visit.status == 400 && visit.location().is_none() && visit.page_error().is_some(), "{query}");
    }
    assert!(!signed_out(&scene, &mut browser).await);
}
