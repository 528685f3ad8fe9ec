//! Claims by scope and by the `claims` parameter (OpenID Connect Core 5).

use grantor_testkit::{AuthorizeUrl, Browser};
use grantor_tests_guides::Scene;
use serde_json::{Value, json};

use super::{error, id_token};

fn asking(url: AuthorizeUrl, claims: &Value) -> AuthorizeUrl {
    url.with("claims", &claims.to_string())
}

async fn userinfo(scene: &Scene, answer: &Value) -> Value {
    let (status, info) = scene.tokens().userinfo(answer["access_token"].as_str().expect("a token")).await;
    assert_eq!(status, 200, "{info}");
    info
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes_bring_the_standard_claims_from_userinfo() {
    let scene = Scene::openid().await;
    let sub = scene.person.id.to_string();
    let info = userinfo(&scene, &scene.token("openid").await).await;
    assert_eq!(info, json!({ "sub": sub }));
    let info = userinfo(&scene, &scene.token("openid email").await).await;
    assert_eq!(info, json!({ "sub": sub, "email": "grace@example.com", "email_verified": true }));
    let info = userinfo(&scene, &scene.token("openid phone address").await).await;
    assert_eq!(
        info,
        json!({
            "sub": sub, "phone_number": "+1 555 0100", "phone_number_verified": true,
            "address": { "formatted": "1 Navy Way", "country": "US" }
        })
    );
    let answer = scene.token("openid profile").await;
    let info = userinfo(&scene, &answer).await;
    let known =
        [("name", "Grace Hopper"), ("given_name", "Grace"), ("family_name", "Hopper"), ("birthdate", "1906-12-09")];
    for (name, value) in known {
        assert_eq!(info[name], value);
    }
    assert!(info["updated_at"].is_i64() && info.get("email").is_none() && info.get("nickname").is_none(), "{info}");
    let claims = id_token(&scene, &answer).await;
    assert!(claims.get("name").is_none(), "with an access token, claims come from userinfo (5.4): {claims}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_claims_parameter_asks_for_single_claims() {
    let scene = Scene::openid().await;
    let wanted = json!({
        "userinfo": { "given_name": { "essential": true }, "email": null, "nickname": null },
        "id_token": { "auth_time": { "essential": true }, "family_name": null, "email": { "essential": true } }
    });
    let mut browser = Browser::new();
    let answer = scene.token_by(&mut browser, &asking(scene.url("openid"), &wanted)).await;
    let info = userinfo(&scene, &answer).await;
    let sub = scene.person.id.to_string();
    assert_eq!(info, json!({ "sub": sub, "given_name": "Grace", "email": "grace@example.com" }));
    let claims = id_token(&scene, &answer).await;
    assert_eq!((&claims["family_name"], &claims["email"]), (&json!("Hopper"), &json!("grace@example.com")));
    assert_eq!(claims["auth_time"], scene.world.now().timestamp());
    assert!(claims.get("given_name").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_are_asked_for_claims_beyond_the_scopes() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let wanted = json!({ "userinfo": { "email": null } });
    let page = scene.visit(&mut browser, &asking(scene.url("openid"), &wanted)).await;
    assert!(page.has_button("approve") && page.body.contains("data-scope=\"email\""), "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_with_a_value_demands_it() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let me = scene.person.id.to_string();
    let sub = |value: &str| json!({ "id_token": { "sub": { "value": value } } });
    let silent = scene.url("openid").with("prompt", "none");
    assert!(browser.get(&asking(silent.clone(), &sub(&me)).url()).await.returned("code").is_some());
    let other = "usr_01a1fd1e8c007a8386e7d3ab8cbc4161";
    assert_eq!(error(&browser.get(&asking(silent, &sub(other)).url()).await), "login_required");
    for bad in ["{", "[]", "\"x\"", "{\"id_token\":[]}", "{\"id_token\":{\"email\":1}}"] {
        assert_eq!(
            error(&browser.get(&scene.url("openid").with("claims", bad).url()).await),
            "invalid_request",
            "{bad}"
        );
    }
    let unknown =
        asking(scene.url("openid"), &json!({ "userinfo": { "shoe_size": { "essential": true } }, "other": {} }));
    let answer = scene.token_by(&mut browser, &unknown).await;
    assert_eq!(userinfo(&scene, &answer).await, json!({ "sub": me }), "unknown claims are left out (5.5.1)");
}
