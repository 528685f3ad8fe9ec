//! The negative twins of the golden exchanges.

use grantor_testkit::Browser;
use grantor_tests_guides::{Scene, exchange};

use super::register::pending;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_before_approval_gets_a_page_at_authorize_and_invalid_client_at_token() {
    let scene = Scene::financefeast().await;
    let (_, partner) = pending(&scene).await;
    let scene = scene.as_partner(partner);
    for _ in 0..2 {
        let visit = Browser::new().get(&scene.url("openid profile plan").url()).await;
        assert_eq!((visit.page_error(), visit.location()), (Some("client_not_approved"), None));
    }
    let body = format!(
        "grant_type=authorization_code&code=67f74f5a-a2cc-4ebd-88b4-22453fe07994&client_id={}&client_secret={}\
         &redirect_uri=https://example.com/oauth/callback",
        scene.partner.client_id, scene.partner.secret
    );
    let authority = scene.tenant.issuer.trim_start_matches("http://");
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = exchange(authority, request.as_bytes()).await;
    assert_eq!(answer.code(), 401, "{}", answer.text());
    assert!(answer.body.starts_with(r#"{"error":"invalid_client","#), "{}", answer.body);
    scene.operator("POST", &format!("/clients/{}/approve", scene.partner.client_id), None).await;
    scene.world.settle().await;
    let answer = exchange(authority, request.as_bytes()).await;
    assert!(answer.body.starts_with(r#"{"error":"invalid_grant","#), "the client is known now: {}", answer.body);
    assert!(Browser::new().authorize(&scene.url("openid"), &scene.person).await.returned("code").is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_nonce_and_another_nounce_are_an_invalid_request() {
    let scene = Scene::financefeast().await;
    let visit = Browser::new().get(&scene.url("openid").with("nonce", "one").with("nounce", "two").url()).await;
    assert_eq!(visit.returned("error").as_deref(), Some("invalid_request"));
    assert_eq!(visit.returned("state").as_deref(), Some("Pxx5fVv8sMue8eymdg1hhCtkvERe0Z"));
    assert!(visit.returned("code").is_none());
}
