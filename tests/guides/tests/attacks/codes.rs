//! C4 to C6: codes and what they are bound to.

use grantor_ports::ClientKind;
use grantor_testkit::{Browser, Pkce, Tokens};
use grantor_tests_guides::Scene;

async fn refused(scene: &Scene, code: &str, more: &[(&str, &str)]) -> String {
    let (status, body) = scene.tokens().exchange(code, more).await;
    assert_ne!(status, 200, "{body}");
    body["error"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn c04_an_attacker_who_reads_requests_cannot_downgrade_pkce() {
    let scene = Scene::openid().await;
    let document = scene.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    let mut browser = scene.approved("openid").await;
    let pkce = Pkce::of("c04");
    let bound = scene.url("openid").pkce(&pkce);
    // `plain`, whether it is named or is the default that RFC 7636 4.3 gives a challenge without a method.
    let plain = scene.url("openid").with("code_challenge", &pkce.verifier);
    for url in [
        plain.clone(),
        plain.with("code_challenge_method", "plain"),
        bound.clone().with("code_challenge_method", "s256"),
    ] {
        let visit = browser.get(&url.url()).await;
        assert_eq!(visit.returned("error").as_deref(), Some("invalid_request"), "{}", url.url());
    }
    let short = browser.get(&bound.clone().with("code_challenge", "short").url()).await;
    assert_eq!(short.returned("error").as_deref(), Some("invalid_request"));
    let alone = browser.get(&scene.url("openid").with("code_challenge_method", "S256").url()).await;
    assert_eq!(alone.returned("error").as_deref(), Some("invalid_request"));
    // A challenge was sent: no verifier, no token.
    let code = browser.code(&bound, &scene.person).await;
    assert_eq!(refused(&scene, &code, &[]).await, "invalid_grant");
    // None was sent, because an attacker took it out: a verifier tells.
    let stripped = browser.code(&scene.url("openid"), &scene.person).await;
    assert_eq!(refused(&scene, &stripped, &[("code_verifier", &pkce.verifier)]).await, "invalid_grant");
    let code = browser.code(&bound, &scene.person).await;
    assert_eq!(scene.tokens().exchange(&code, &[("code_verifier", &pkce.verifier)]).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn c04_a_public_client_cannot_go_without_pkce() {
    let scene = Scene::openid().await;
    let public = scene.world.partner_with(&scene.tenant, |client| client.kind = ClientKind::Public).await;
    let scene = scene.as_partner(public);
    let without = Browser::new().get(&scene.url("openid").url()).await;
    assert_eq!(without.returned("error").as_deref(), Some("invalid_request"));
    let pkce = Pkce::of("public");
    let code = Browser::new().code(&scene.url("openid").pkce(&pkce), &scene.person).await;
    assert_eq!(scene.tokens().exchange(&code, &[("code_verifier", &pkce.verifier)]).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn c05_an_attacker_who_read_a_code_kills_what_it_bought() {
    let scene = Scene::openid().await;
    let code = scene.code("openid offline_access").await;
    let (_, first) = scene.tokens().exchange(&code, &[]).await;
    let (access, refresh) =
        (first["access_token"].as_str().expect("one"), first["refresh_token"].as_str().expect("one"));
    assert!(scene.is_active(access).await && scene.is_active(refresh).await);
    assert_eq!(refused(&scene, &code, &[]).await, "invalid_grant");
    assert!(!scene.is_active(access).await && !scene.is_active(refresh).await);
    assert_eq!(scene.tokens().refresh(refresh).await.0, 400);
    assert_eq!(scene.api(access).await.status, 401);
    assert_eq!(scene.tokens().userinfo(access).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn c05_of_many_redemptions_at_once_one_wins_and_loses_what_it_won() {
    let scene = Scene::openid().await;
    let code = scene.code("openid").await;
    let tries = (0..16).map(|_| {
        let (tenant, partner, code) = (scene.tenant.clone(), scene.partner.clone(), code.clone());
        tokio::spawn(async move { Tokens::new(&tenant, &partner).exchange(&code, &[]).await })
    });
    let mut won = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        match attempt.await.expect("an answer") {
            (200, body) => won.push(body),
            (status, body) => assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant"))),
        }
    }
    assert_eq!(won.len(), 1);
    assert!(!scene.is_active(won[0]["access_token"].as_str().expect("a token")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn c06_a_hostile_client_cannot_use_anothers_code_nor_spend_it() {
    let scene = Scene::openid().await;
    let code = scene.code("openid").await;
    let rival = scene.world.partner(&scene.tenant).await;
    let (status, body) = Tokens::new(&scene.tenant, &rival).exchange(&code, &[]).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    // Not authenticated, or not readable: the code is not spent either.
    let mut guesser = scene.partner.clone();
    guesser.secret = "wrong".into();
    assert_eq!(Tokens::new(&scene.tenant, &guesser).exchange(&code, &[]).await.0, 401);
    assert_eq!(scene.tokens().post("/oauth/token", &[("code", &code)]).await.0, 400);
    let missing = [("grant_type", "authorization_code"), ("code", code.as_str())];
    assert_eq!(scene.tokens().post("/oauth/token", &missing).await.1["error"], "invalid_request");
    assert_eq!(scene.tokens().exchange(&code, &[]).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn c06_a_wrong_verifier_or_redirect_uri_spends_the_code() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let pkce = Pkce::of("c06");
    let code = browser.code(&scene.url("openid").pkce(&pkce), &scene.person).await;
    let wrong = Pkce::of("other").verifier;
    assert_eq!(refused(&scene, &code, &[("code_verifier", &wrong)]).await, "invalid_grant");
    assert_eq!(refused(&scene, &code, &[("code_verifier", &pkce.verifier)]).await, "invalid_grant");

    let code = browser.code(&scene.url("openid"), &scene.person).await;
    let fields = |uri| [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", uri)];
    let (_, body) = scene.tokens().post("/oauth/token", &fields("https://client.example/oauth/callback/")).await;
    assert_eq!(body["error"], "invalid_grant");
    let (_, body) = scene.tokens().post("/oauth/token", &fields("https://client.example/oauth/callback")).await;
    assert_eq!(body["error"], "invalid_grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn c06_a_code_dies_with_its_lifetime_and_with_its_session() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let late = browser.code(&scene.url("openid"), &scene.person).await;
    scene.world.advance(60);
    assert_eq!(refused(&scene, &late, &[]).await, "invalid_grant");
    let code = browser.code(&scene.url("openid"), &scene.person).await;
    let confirm = browser.get(&format!("{}/logout", scene.tenant.issuer)).await;
    browser.press(&confirm, "logout", &[]).await;
    scene.world.settle().await;
    assert_eq!(refused(&scene, &code, &[]).await, "invalid_grant");
}
