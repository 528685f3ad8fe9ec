//! FF-30 to FF-37, FF-40, FF-41: the token endpoint.

use base64::{Engine, engine::general_purpose::STANDARD};
use grantor_testkit::Browser;
use grantor_tests_guides::{Scene, verified};
use reqwest::Method;
use serde_json::json;

use super::register::pending;

const SCOPE: &str = "openid profile plan";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test(flavor = "multi_thread")]
async fn ff_30_the_token_endpoint_is_a_post_on_the_identity_host() {
    let scene = Scene::financefeast().await;
    assert_eq!(scene.get("/oauth/token").await.status, 405);
    let api = format!("{}/oauth/token", scene.tenant.api);
    assert_eq!(scene.send(Method::POST, &api, &[FORM], Some(String::new())).await.status, 404);
    assert_eq!(scene.post("/oauth/token", &[]).await.status, 400);
    assert!(scene.token(SCOPE).await["access_token"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_31_all_five_parameters_are_required() {
    let scene = Scene::financefeast().await;
    let mut browser = scene.approved(SCOPE).await;
    let code = browser.code(&scene.url(SCOPE), &scene.person).await;
    let all = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("client_id", &scene.partner.client_id),
        ("client_secret", &scene.partner.secret),
        ("redirect_uri", &scene.partner.redirect_uri),
    ];
    for (missing, error) in [
        ("grant_type", "invalid_request"),
        ("code", "invalid_request"),
        ("redirect_uri", "invalid_request"),
        ("client_id", "invalid_request"),
        ("client_secret", "invalid_client"),
    ] {
        let fields: Vec<_> = all.into_iter().filter(|(name, _)| *name != missing).collect();
        let answer = scene.post("/oauth/token", &fields).await;
        assert_eq!(answer.error(), error, "without {missing}: {}", answer.body);
    }
    assert_eq!(scene.post("/oauth/token", &all).await.status, 200, "malformed requests do not spend the code");

    let code = browser.code(&scene.url(SCOPE), &scene.person).await;
    let other =
        [("redirect_uri", "https://client.example/other"), ("code", &code), ("grant_type", "authorization_code")];
    let (status, body) = scene.tokens().post("/oauth/token", &other).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    // Authlib's default, which RFC 6749 2.3.1 demands.
    let code = browser.code(&scene.url(SCOPE), &scene.person).await;
    let pair = STANDARD.encode(format!("{}:{}", scene.partner.client_id, scene.partner.secret));
    let body = format!("grant_type=authorization_code&code={code}&redirect_uri={}", scene.partner.redirect_uri);
    let basic = [FORM, ("authorization", &format!("Basic {pair}"))];
    assert_eq!(scene.send(Method::POST, "/oauth/token", &basic, Some(body)).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_32_no_page_of_another_origin_reads_the_token_endpoint() {
    let scene = Scene::financefeast().await;
    let origin = ("origin", "https://evil.example");
    let preflight = [origin, ("access-control-request-method", "POST")];
    let asked = scene.send(Method::OPTIONS, "/oauth/token", &preflight, None).await;
    assert_eq!((asked.status, asked.header("access-control-allow-origin")), (405, ""));
    let posted = scene.send(Method::POST, "/oauth/token", &[FORM, origin], Some("grant_type=x".into())).await;
    assert_eq!(posted.header("access-control-allow-origin"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_33_the_token_request_is_a_form() {
    let scene = Scene::financefeast().await;
    let code = scene.code(SCOPE).await;
    let pairs = json!({
        "grant_type": "authorization_code", "code": code, "client_id": scene.partner.client_id,
        "client_secret": scene.partner.secret, "redirect_uri": scene.partner.redirect_uri,
    });
    for kind in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
        let headers = [("content-type", kind)];
        let answer = scene.send(Method::POST, "/oauth/token", &headers, Some(pairs.to_string())).await;
        assert!(matches!(answer.status, 400 | 415), "{kind}: {}", answer.status);
        assert_eq!(answer.error(), "invalid_request", "{kind}");
    }
    assert_eq!(scene.tokens().exchange(&code, &[]).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_34_client_ids_are_32_and_secrets_40_hexadecimal_digits() {
    let scene = Scene::financefeast().await;
    let (_, own) = pending(&scene).await;
    let hex = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    for made in [&own, &scene.partner] {
        assert!(made.client_id.len() == 32 && hex(&made.client_id), "{}", made.client_id);
        assert!(made.secret.len() == 40 && hex(&made.secret));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_35_the_access_token_is_42_letters_and_digits() {
    let scene = Scene::financefeast().await;
    let token = scene.token(SCOPE).await;
    let text = token["access_token"].as_str().expect("a token");
    assert!(text.len() == 42 && text.bytes().all(|b| b.is_ascii_alphanumeric()), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_36_the_token_lives_ten_days() {
    let scene = Scene::financefeast().await;
    let answer = scene.token(SCOPE).await;
    assert_eq!(answer["expires_in"], 864_000);
    assert_eq!((&answer["scope"], &answer["token_type"]), (&json!(SCOPE), &json!("Bearer")));
    let token = answer["access_token"].as_str().expect("a token");
    scene.world.advance(864_000 - 1);
    assert!(scene.is_active(token).await);
    assert_eq!(scene.api(token).await.status, 200);
    scene.world.advance(1);
    assert!(!scene.is_active(token).await);
    assert_eq!(scene.api(token).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_37_expires_at_is_the_end_in_unix_seconds() {
    let scene = Scene::financefeast().await;
    let answer = scene.token(SCOPE).await;
    let issued = scene.world.now().timestamp();
    assert_eq!(answer["expires_at"], json!(issued + 864_000));
    assert!(answer["expires_at"].is_i64());
    let introspected = scene.tokens().introspect(answer["access_token"].as_str().expect("a token")).await;
    assert_eq!((&introspected["exp"], &introspected["iat"]), (&answer["expires_at"], &json!(issued)));
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_40_the_id_token_follows_the_members_of_the_sample() {
    let scene = Scene::financefeast().await;
    let code = scene.code(SCOPE).await;
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.as_str()),
        ("client_id", &scene.partner.client_id),
        ("client_secret", &scene.partner.secret),
        ("redirect_uri", &scene.partner.redirect_uri),
    ];
    let body = scene.post("/oauth/token", &fields).await.body;
    let members = ["access_token", "expires_in", "scope", "token_type", "expires_at", "id_token"];
    let places: Vec<_> = members.map(|name| body.find(&format!("\"{name}\":"))).to_vec();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{body}");
    let object: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(object.as_object().map(serde_json::Map::len), Some(members.len()), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ff_41_the_nonce_is_that_of_openid_connect() {
    let scene = Scene::financefeast().await;
    let mut browser = Browser::new();
    let long = "x".repeat(200);
    for nonce in ["0jUUjAJskDY4ivq5CgvY", "ü \"<", &long] {
        let answer = scene.token_by(&mut browser, &scene.url(SCOPE).with("nonce", nonce)).await;
        let claims = verified(&scene, answer["id_token"].as_str().expect("an id_token")).await;
        assert_eq!(claims["nonce"], *nonce);
    }
    let none = scene.token_by(&mut browser, &scene.url(SCOPE).without("nonce")).await;
    let claims = verified(&scene, none["id_token"].as_str().expect("an id_token")).await;
    assert!(claims.get("nonce").is_none());
    let plain = scene.token_by(&mut browser, &scene.url("profile plan").with("nonce", "n")).await;
    assert!(plain.get("id_token").is_none(), "nothing more: {plain}");
}
