//! How requests and answers travel.

use grantor_testkit::{Browser, hidden};
use grantor_tests_guides::Scene;
use reqwest::Method;

use super::{error, log_in};

#[tokio::test(flavor = "multi_thread")]
async fn request_objects_are_refused_with_errors_of_their_own() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let request = browser.get(&scene.url("openid").with("request", "eyJhbGciOiJub25lIn0.e30.").url()).await;
    assert_eq!(error(&request), "request_not_supported");
    let by_uri = browser.get(&scene.url("openid").with("request_uri", "https://client.example/request").url()).await;
    assert_eq!(error(&by_uri), "request_uri_not_supported");
    let registration = browser.get(&scene.url("openid").with("registration", "{}").url()).await;
    assert_eq!(error(&registration), "registration_not_supported");
    let document = scene.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["request_parameter_supported"], false);
    assert_eq!(document["request_uri_parameter_supported"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn form_post_answers_by_a_form_that_posts_itself() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let url = scene.url("openid").with("response_mode", "form_post");
    let page = browser.get(&url.url()).await;
    assert_eq!((page.status, page.location()), (200, None));
    assert!(page.body.contains("method=\"post\" action=\"https://client.example/oauth/callback\""), "{}", page.body);
    let code = hidden(&page.body, "code").expect("a code");
    assert_eq!(hidden(&page.body, "state").as_deref(), Some("Pxx5fVv8sMue8eymdg1hhCtkvERe0Z"));
    assert_eq!(hidden(&page.body, "iss").as_deref(), Some(scene.tenant.issuer.as_str()));
    assert_eq!(scene.tokens().exchange(&code, &[]).await.0, 200);
    let script = page.body.split("<script src=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a script");
    assert_eq!(scene.get(script).await.status, 200);
    let refused = browser.get(&scene.url("unknown").with("response_mode", "form_post").url()).await;
    assert_eq!(hidden(&refused.body, "error").as_deref(), Some("invalid_scope"));
    let denied = scene.visit(&mut browser, &url.with("prompt", "consent")).await;
    let denied = browser.press(&denied, "deny", &[]).await;
    assert_eq!(hidden(&denied.body, "error").as_deref(), Some("access_denied"));
    for mode in ["fragment", "query.jwt", "x"] {
        let visit = browser.get(&scene.url("openid").with("response_mode", mode).url()).await;
        assert_eq!(error(&visit), "invalid_request", "{mode}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn authorize_by_post_is_stored_and_goes_on_with_a_get() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    // From another site, without cookies that are `SameSite=Lax`.
    let url = scene.url("openid");
    let posted = Browser::new().post(url.endpoint(), &url.pairs()).await;
    assert_eq!(posted.status, 303);
    let next = posted.location().expect("a GET");
    assert!(next.path().starts_with("/interaction/") && next.query().is_none(), "{next}");
    let back = browser.get(next.as_str()).await;
    let code = back.returned("code").expect("the session came with the GET");
    assert_eq!(scene.tokens().exchange(&code, &[]).await.0, 200);
    let refused = Browser::new().post(url.endpoint(), &url.clone().with("scope", "x").pairs()).await;
    assert_eq!(error(&refused), "invalid_scope");
    let json = [("content-type", "application/json"), ("accept", "text/html")];
    let answer = scene.send(Method::POST, "/oauth/authorize", &json, Some("{}".into())).await;
    assert!((400..500).contains(&answer.status), "{}", answer.status);
    // The first browser that asks owns a posted request; others do not see it.
    let posted = Browser::new().post(url.endpoint(), &url.pairs()).await;
    let next = posted.location().expect("a GET");
    let mut first = Browser::new();
    let login = first.get(next.as_str()).await;
    assert!(login.has_button("login"));
    assert_eq!(Browser::new().get(next.as_str()).await.page_error(), Some("interaction_expired"));
    assert!(log_in(&scene, &mut first, &login).await.returned("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_parameters_are_ignored_and_empty_ones_are_absent() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let url = scene.url("openid").with("unknown", "x").with("nonce", "").with("prompt", "").with("max_age", "");
    let visit = browser.get(&url.url()).await;
    assert!(visit.returned("code").is_some(), "{}", visit.body);
    let twice = format!("{}&scope=openid", scene.url("openid").url());
    assert_eq!(error(&browser.get(&twice).await), "invalid_request");
    assert_eq!(
        error(&browser.get(&format!("{}&unknown=1&unknown=2", scene.url("openid").url())).await),
        "invalid_request"
    );
}
