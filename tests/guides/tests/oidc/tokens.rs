//! The grants beside the code, and client authentication.

use base64::{Engine, engine::general_purpose::STANDARD};
use grantor_ports::ClientKind;
use grantor_testkit::{Browser, Pkce, World};
use grantor_tests_guides::Scene;
use reqwest::Method;
use serde_json::json;

use super::id_token;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test(flavor = "multi_thread")]
async fn client_credentials_give_the_client_a_token_of_its_own() {
    let world = World::start().await;
    let tenant = world.tenant_with("reports", "openid", |tenant| {
        let mut entry = tenant.profile.scopes.catalogue[0].clone();
        entry.name = "reports".into();
        tenant.profile.scopes.catalogue.push(entry);
    });
    let tenant = tenant.await;
    let scene = Scene::at(world, tenant).await;
    let grant = ("grant_type", "client_credentials");
    let (status, body) = scene.tokens().post("/oauth/token", &[grant, ("scope", "reports")]).await;
    assert_eq!((status, &body["scope"], &body["token_type"]), (200, &json!("reports"), &json!("Bearer")), "{body}");
    let (_, all) = scene.tokens().post("/oauth/token", &[grant]).await;
    assert_eq!(all["scope"], "reports", "without a scope, all that need no user");
    for about_users in ["openid", "email", "offline_access", "reports profile"] {
        let (status, body) = scene.tokens().post("/oauth/token", &[grant, ("scope", about_users)]).await;
        assert_eq!((status, body["error"].as_str()), (400, Some("invalid_scope")), "{about_users}");
    }
    assert_eq!(body["expires_in"], 600);
    assert!(body.get("refresh_token").is_none() && body.get("id_token").is_none(), "{body}");
    let token = body["access_token"].as_str().expect("a token");
    let seen = scene.tokens().introspect(token).await;
    assert_eq!((&seen["active"], &seen["sub"]), (&json!(true), &json!(scene.partner.client_id)));
    assert_eq!(scene.tokens().userinfo(token).await.0, 403, "there is no user");
    assert_eq!(scene.tokens().revoke(token).await, 200);
    assert!(!scene.is_active(token).await);
    let (status, plain) = scene_without_scopes().await;
    assert!(status == 200 && plain.get("scope").is_none_or(|scope| scope != ""), "an empty scope is none: {plain}");
    let public = scene.world.partner_with(&scene.tenant, |client| client.kind = ClientKind::Public).await;
    let scene = scene.as_partner(public);
    let (status, body) = scene.tokens().post("/oauth/token", &[("grant_type", "client_credentials")]).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("unauthorized_client")));
}

/// At a tenant whose scopes are all about users.
async fn scene_without_scopes() -> (u16, serde_json::Value) {
    let scene = Scene::openid().await;
    scene.tokens().post("/oauth/token", &[("grant_type", "client_credentials")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_token_answer_has_its_members_in_order() {
    let scene = Scene::openid().await;
    let code = scene.code("openid offline_access").await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("redirect_uri", &scene.partner.redirect_uri),
        ("client_id", &scene.partner.client_id),
        ("client_secret", &scene.partner.secret),
    ];
    let answer = scene.post("/oauth/token", &fields).await;
    let members = ["access_token", "token_type", "expires_in", "refresh_token", "scope", "id_token"];
    let places: Vec<_> = members.iter().map(|name| answer.body.find(&format!("\"{name}\":"))).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{}", answer.body);
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_authenticate_by_header_by_form_or_not_at_all() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let (id, secret) = (scene.partner.client_id.clone(), scene.partner.secret.clone());
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let request = async |headers: &[(&str, &str)], more: &str| {
        let code = browser.code(&scene.url("openid"), &scene.person).await;
        let uri = "https%3A%2F%2Fclient.example%2Foauth%2Fcallback";
        let body = format!("grant_type=authorization_code&code={code}&redirect_uri={uri}{more}");
        let all = [&[FORM], headers].concat();
        scene.send(Method::POST, "/oauth/token", &all, Some(body)).await
    };
    let mut request = request;
    assert_eq!(request(&[("authorization", &basic)], "").await.status, 200);
    assert_eq!(request(&[], &format!("&client_id={id}&client_secret={secret}")).await.status, 200);
    assert_eq!(request(&[("authorization", &basic)], &format!("&client_id={id}")).await.status, 200);
    let both = request(&[("authorization", &basic)], &format!("&client_id={id}&client_secret={secret}")).await;
    assert_eq!((both.status, both.error().as_str()), (400, "invalid_request"), "one way at a time (RFC 6749 2.3)");
    let none = request(&[], &format!("&client_id={id}")).await;
    assert_eq!((none.status, none.error().as_str()), (401, "invalid_client"));
    let wrong = format!("Basic {}", STANDARD.encode(format!("{id}:wrong")));
    let refused = request(&[("authorization", &wrong)], "").await;
    assert_eq!((refused.status, refused.error().as_str()), (401, "invalid_client"));
    assert!(refused.header("www-authenticate").starts_with("Basic"), "RFC 6749 5.2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_goes_by_pkce_alone() {
    let scene = Scene::openid().await;
    let public = scene.world.partner_with(&scene.tenant, |client| client.kind = ClientKind::Native).await;
    let scene = scene.as_partner(public);
    let pkce = Pkce::of("public");
    let code = Browser::new().code(&scene.url("openid offline_access").pkce(&pkce), &scene.person).await;
    let (status, answer) = scene.tokens().exchange(&code, &[("code_verifier", &pkce.verifier)]).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(id_token(&scene, &answer).await["aud"], scene.partner.client_id);
    let (status, next) = scene.tokens().refresh(answer["refresh_token"].as_str().expect("one")).await;
    assert_eq!(status, 200, "{next}");
    assert_eq!(scene.tokens().revoke(next["refresh_token"].as_str().expect("one")).await, 200);
    assert_eq!(scene.tokens().refresh(next["refresh_token"].as_str().expect("one")).await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_id_token_says_what_core_demands() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let login = scene.world.now().timestamp();
    scene.world.advance(5);
    let answer = scene.token_by(&mut browser, &scene.url("openid")).await;
    let now = scene.world.now().timestamp();
    let claims = id_token(&scene, &answer).await;
    for (name, value) in [
        ("iss", json!(scene.tenant.issuer)),
        ("sub", json!(scene.person.id.to_string())),
        ("aud", json!(scene.partner.client_id)),
        ("iat", json!(now)),
        ("exp", json!(now + 3600)),
        ("auth_time", json!(login)),
        ("nonce", json!("0jUUjAJskDY4ivq5CgvY")),
    ] {
        assert_eq!(claims[name], value, "{name} in {claims}");
    }
    assert_ne!(claims["sub"], claims["aud"]);
    let expected = grantor_jose::half_hash(grantor_jose::Alg::RS256, answer["access_token"].as_str().expect("a token"));
    assert_eq!(claims["at_hash"], expected);
    let again = scene.token_by(&mut browser, &scene.url("openid")).await;
    assert_eq!(id_token(&scene, &again).await["sid"], claims["sid"], "one browser session");
}
