//! The negative twin, and what else the textbook must not let pass.

use grantor_testkit::{Browser, Tokens};
use grantor_tests_guides::Scene;

#[tokio::test(flavor = "multi_thread")]
async fn another_redirect_uri_at_the_token_endpoint_is_an_invalid_grant_and_spends_the_code() {
    let scene = Scene::of("generic").await;
    let code = scene.code("read_write").await;
    let fields = |redirect: &'static str| {
        [("grant_type", "authorization_code".to_owned()), ("code", code.clone()), ("redirect_uri", redirect.to_owned())]
    };
    for (redirect, error) in [
        ("https://client.example/oauth/callback/", "invalid_grant"),
        // The right one comes too late.
        ("https://client.example/oauth/callback", "invalid_grant"),
    ] {
        let sent = fields(redirect);
        let sent: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let (status, body) = scene.tokens().post("/oauth/token", &sent).await;
        assert_eq!((status, body["error"].as_str()), (400, Some(error)), "{redirect}: {body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_used_twice_kills_the_tokens_it_gave() {
    let scene = Scene::of("generic").await;
    let code = scene.code("read_write").await;
    let (_, first) = scene.tokens().exchange(&code, &[]).await;
    let token = first["access_token"].as_str().expect("a token");
    let (status, again) = scene.tokens().exchange(&code, &[]).await;
    assert_eq!((status, again["error"].as_str()), (400, Some("invalid_grant")));
    assert!(!scene.is_active(token).await);
    let refreshed = scene.tokens().refresh(first["refresh_token"].as_str().expect("a token")).await;
    assert_eq!((refreshed.0, refreshed.1["error"].as_str()), (400, Some("invalid_grant")));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_clients_code_and_refresh_token_are_worth_nothing() {
    let scene = Scene::of("generic").await;
    let rival = scene.world.partner(&scene.tenant).await;
    let thief = Tokens::new(&scene.tenant, &rival);
    let code = scene.code("read_write").await;
    assert_eq!(thief.exchange(&code, &[]).await.1["error"], "invalid_grant");
    let (status, body) = scene.tokens().exchange(&code, &[]).await;
    assert_eq!(status, 200, "the owner still gets it: {body}");
    assert_eq!(thief.refresh(body["refresh_token"].as_str().expect("a token")).await.1["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn commas_do_not_separate_scopes_here() {
    let scene = Scene::of("generic").await;
    let visit = Browser::new().get(&scene.url("read,read_write").url()).await;
    assert_eq!(visit.returned("error").as_deref(), Some("invalid_scope"));
}
