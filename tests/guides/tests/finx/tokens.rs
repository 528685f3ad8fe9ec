//! FN-21 to FN-30: codes and tokens.

use grantor_testkit::Browser;
use reqwest::Method;
use serde_json::json;

use super::walk::*;

#[tokio::test(flavor = "multi_thread")]
async fn fn_21_token_requests_are_json_and_forms_too() {
    let scene = finx().await;
    assert_eq!(exchange(&scene, &code(&scene).await).await.status, 200);
    let (code, basic) = (code(&scene).await, basic(&scene.partner));
    let fields = [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", CALLBACK)];
    let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let headers = [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(scene.send(Method::POST, "/auth/token", &headers, Some(form)).await.status, 200);
    let missing = token_request(&scene, json!({ "grant_type": "authorization_code", "code": "x" })).await;
    assert_eq!((missing.status, missing.error().as_str()), (400, "invalid_request"), "redirect_uri is required");
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_22_the_token_endpoint_is_at_the_guides_path() {
    let scene = finx().await;
    assert_eq!(scene.get("/auth/token").await.status, 405);
    assert_eq!(scene.post("/oauth/token", &[]).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_23_the_response_has_the_guides_members_in_its_order() {
    let scene = finx().await;
    let answer = exchange(&scene, &code(&scene).await).await;
    let (access, refresh) = (member(&answer, "access_token"), member(&answer, "refresh_token"));
    let expected = format!(
        r#"{{"access_token":"{access}","expires_in":3600,"scope":"accounts=ro balance=ro transactions=ro offline","token_type":"Bearer","refresh_token":"{refresh}"}}"#
    );
    assert_eq!(answer.body, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_24_scopes_contain_equals_signs_and_offline_brings_refresh() {
    let scene = finx().await;
    let answer = exchange(&scene, &code(&scene).await).await;
    assert_eq!(member(&answer, "scope"), "accounts=ro balance=ro transactions=ro offline");
    let narrow = scene
        .world
        .partner_with(&scene.tenant, |client| {
            client.redirect_uris = vec![CALLBACK.into()];
            client.scopes = vec!["accounts=ro".into(), "balance=ro".into()];
        })
        .await;
    let scene = scene.as_partner(narrow);
    let answer = exchange(&scene, &code(&scene).await).await;
    assert_eq!(member(&answer, "scope"), "accounts=ro balance=ro");
    assert!(answer.json().get("refresh_token").is_none(), "without offline there is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_25_the_access_token_is_a_bearer_token() {
    let scene = finx().await;
    let token = member(&exchange(&scene, &code(&scene).await).await, "access_token");
    assert_eq!(scene.api(&token).await.status, 200);
    assert_eq!(scene.api("another").await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_26_every_refresh_gives_a_new_token_that_replaces_the_old() {
    let scene = finx().await;
    let first = member(&exchange(&scene, &code(&scene).await).await, "refresh_token");
    let answer = refresh(&scene, &first).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    let second = member(&answer, "refresh_token");
    assert_ne!(first, second);
    // A lost response: the same successor again, within the grace.
    assert_eq!(member(&refresh(&scene, &first).await, "refresh_token"), second);
    let third = member(&refresh(&scene, &second).await, "refresh_token");
    assert_ne!(second, third);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_27_access_is_lost_after_90_days_without_activity() {
    let scene = finx().await;
    const DAY: i64 = 86_400;
    let mut token = member(&exchange(&scene, &code(&scene).await).await, "refresh_token");
    for _ in 0..3 {
        scene.world.advance(89 * DAY);
        let answer = refresh(&scene, &token).await;
        assert_eq!(answer.status, 200, "the window slides: {}", answer.body);
        token = member(&answer, "refresh_token");
    }
    scene.world.advance(90 * DAY);
    let late = refresh(&scene, &token).await;
    assert_eq!((late.status, late.error().as_str()), (400, "invalid_grant"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_28_codes_and_access_tokens_live_an_hour_and_refresh_tokens_90_days() {
    let scene = finx().await;
    let late = code(&scene).await;
    scene.world.advance(3600);
    assert_eq!(exchange(&scene, &late).await.error(), "invalid_grant");
    let answer = exchange(&scene, &code(&scene).await).await;
    let (access, token) = (member(&answer, "access_token"), member(&answer, "refresh_token"));
    scene.world.advance(3599);
    assert_eq!(scene.api(&access).await.status, 200);
    scene.world.advance(1);
    assert_eq!(scene.api(&access).await.status, 401);
    scene.world.advance(90 * 86_400 - 3601);
    assert_eq!(refresh(&scene, &token).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_29_nothing_is_longer_than_2048_bytes() {
    let scene = finx().await;
    for _ in 0..3 {
        let code = code(&scene).await;
        let answer = exchange(&scene, &code).await;
        let again = refresh(&scene, &member(&answer, "refresh_token")).await;
        for token in
            [code, member(&answer, "access_token"), member(&answer, "refresh_token"), member(&again, "access_token")]
        {
            assert!(token.len() <= 2048 && !token.is_empty(), "{}", token.len());
        }
    }
    let link = location(&scene, known()).await;
    assert!(link.len() <= 2048);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_30_the_api_asks_what_a_token_is_worth() {
    let scene = finx().await;
    let token = member(&exchange(&scene, &code(&scene).await).await, "access_token");
    let told = introspect(&scene, &token).await;
    assert_eq!(
        (&told["active"], &told["scope"]),
        (&json!(true), &json!("accounts=ro balance=ro transactions=ro offline"))
    );
    let subject = told["sub"].as_str().expect("a subject").to_owned();
    assert_ne!(subject, scene.person.id.to_string(), "nobody of the directory");
    assert_ne!(subject, scene.partner.client_id);
    drop(Browser::new());
}
