//! FX-28 to FX-38: the token endpoint.

use grantor_testkit::Browser;
use grantor_tests_guides::exchange as raw;
use reqwest::Method;
use serde_json::{Value, json};

use super::{connected, exchange, link, scene, text};

#[tokio::test(flavor = "multi_thread")]
async fn fx_28_the_token_request_is_a_form() {
    let scene = scene().await;
    let json = [("content-type", "application/json")];
    let answer = scene.send(Method::POST, "/oauth/token", &json, Some("{}".into())).await;
    assert_eq!((answer.status, answer.error().as_str()), (400, "invalid_request"));
    connected(&scene).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_29_redirect_uri_is_not_needed_and_compared_when_sent() {
    let scene = scene().await;
    let mut browser = Browser::new();
    let code = browser.code(&link(&scene), &scene.person).await;
    let with = |uri: &'static str, code: &str| {
        let fields =
            [("code", code.to_owned()), ("grant_type", "authorization_code".into()), ("redirect_uri", uri.into())];
        fields.to_vec()
    };
    let send = async |fields: Vec<(&'static str, String)>| {
        let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        scene.tokens().post("/oauth/token", &fields).await
    };
    assert_eq!(send(with(super::CALLBACK, &code)).await.0, 200);
    let code = browser.get(&link(&scene).url()).await.returned("code").expect("a code");
    let (status, body) = send(with("https://yourplatformwebsite.com/second", &code)).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"));
    assert_eq!(text(&exchange(&scene, &code).await.1, "error"), "invalid_grant", "and the code is spent");
    let code = browser.get(&link(&scene).url()).await.returned("code").expect("a code");
    let unproven =
        [("code", code.as_str()), ("grant_type", "authorization_code"), ("client_id", &scene.partner.client_id)];
    assert_eq!(scene.post("/oauth/token", &unproven).await.error(), "invalid_client", "only who has a secret");
    assert_eq!(exchange(&scene, &code).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_31_the_members_are_those_of_the_sample() {
    let scene = scene().await;
    let code = Browser::new().code(&link(&scene), &scene.person).await;
    let fields = [
        ("code", code.as_str()),
        ("client_id", &scene.partner.client_id),
        ("client_secret", &scene.partner.secret),
        ("grant_type", "authorization_code"),
    ];
    let body = scene.post("/oauth/token", &fields).await.body;
    let members = ["token_type", "access_token", "refresh_token", "account_id", "scope"];
    let places: Vec<_> = members.map(|name| body.find(&format!("\"{name}\":"))).to_vec();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{body}");
    let object: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(object.as_object().map(serde_json::Map::len), Some(members.len()), "no expires_in: {body}");
    assert_eq!(object["token_type"], "bearer");
    // It ends nevertheless, and introspection says when.
    let token = text(&object, "access_token");
    let exp = scene.tokens().introspect(token).await["exp"].as_i64().expect("an end");
    assert_eq!(exp, scene.world.now().timestamp() + 3600);
    scene.world.advance(3600);
    assert!(!scene.is_active(token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_33_scopes_are_joined_by_commas() {
    let scene = scene().await;
    let token = connected(&scene).await;
    assert_eq!(token["scope"], "customer_read,customer_write");
    // The RFC's own endpoint keeps the RFC's words (RFC 7662 2.2).
    let seen = scene.tokens().introspect(text(&token, "access_token")).await;
    assert_eq!(seen["scope"], "customer_read customer_write");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_34_every_answer_is_json() {
    let scene = scene().await;
    for fields in [vec![], vec![("grant_type", "authorization_code")], vec![("grant_type", "x"), ("client_id", "y")]] {
        let answer = scene.post("/oauth/token", &fields).await;
        assert_eq!(answer.header("content-type"), "application/json");
        assert!(answer.json()["error"].is_string(), "{}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_35_the_error_names_the_code_escaped_and_cut() {
    let scene = scene().await;
    let said = async |code: &str| {
        let (status, body) = exchange(&scene, code).await;
        assert_eq!((status, text(&body, "error")), (400, "invalid_grant"), "{body}");
        text(&body, "error_description").to_owned()
    };
    let prefix = "The authorization code was not found in the system: ";
    assert_eq!(said("AUTHORIZATION_CODE").await, format!("{prefix}AUTHORIZATION_CODE"));
    assert_eq!(said("<script>\"\\\r\nü").await, format!("{prefix}<script>'????"));
    assert_eq!(said(&"x".repeat(2000)).await, format!("{prefix}{}", "x".repeat(200)));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_36_errors_are_400_and_a_wrong_client_is_401() {
    let scene = scene().await;
    assert_eq!(exchange(&scene, "unknown").await.0, 400);
    let wrong = [
        ("code", "x"),
        ("client_id", scene.partner.client_id.as_str()),
        ("client_secret", "wrong"),
        ("grant_type", "authorization_code"),
    ];
    let answer = scene.post("/oauth/token", &wrong).await;
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_37_the_api_host_takes_the_bearer_token() {
    let scene = scene().await;
    let token = text(&connected(&scene).await, "access_token").to_owned();
    let call = async |url: &str, authorization: &str| {
        scene.send(Method::GET, url, &[("authorization", authorization)], None).await.status
    };
    let url = format!("{}/customers", scene.tenant.api);
    assert_eq!(call(&url, &format!("Bearer {token}")).await, 200);
    assert_eq!(call(&url, "Bearer nonsense").await, 401);
    assert_eq!(call(&format!("{}/customers", scene.tenant.issuer), &format!("Bearer {token}")).await, 404);
    // A token without the permission.
    let code = Browser::new().code(&link(&scene).with("scope", "customer_write"), &scene.person).await;
    let (_, narrow) = exchange(&scene, &code).await;
    assert_eq!(call(&url, &format!("Bearer {}", text(&narrow, "access_token"))).await, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_38_the_refresh_token_works_and_stays() {
    let scene = scene().await;
    let first = connected(&scene).await;
    let refresh = text(&first, "refresh_token");
    for _ in 0..3 {
        scene.world.advance(40 * 86_400);
        let (status, next) = scene.tokens().refresh(refresh).await;
        assert_eq!((status, &next["refresh_token"]), (200, &json!(refresh)), "{next}");
        assert_eq!((&next["account_id"], &next["scope"]), (&first["account_id"], &first["scope"]));
        assert!(scene.is_active(text(&next, "access_token")).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_submitted_code_is_never_logged_or_stored() {
    let scene = scene().await;
    let marker = "canary-code-that-nobody-issued";
    exchange(&scene, marker).await;
    let authority = scene.tenant.issuer.trim_start_matches("http://").to_owned();
    let body = format!("code={marker}&grant_type=authorization_code");
    let request = format!(
        "POST /oauth/token HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let answer = raw(&authority, request.as_bytes()).await;
    assert!(!answer.body.contains(marker), "only who has proved themselves is repeated to: {}", answer.body);
    let folder = scene.world.stop().await;
    for entry in std::fs::read_dir(folder.path()).expect("the data folder") {
        let Ok(bytes) = std::fs::read(entry.expect("an entry").path()) else { continue };
        assert!(!bytes.windows(marker.len()).any(|window| window == marker.as_bytes()));
    }
}
