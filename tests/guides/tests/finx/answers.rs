//! FN-14 to FN-20: the way back.

use grantor_testkit::Browser;
use serde_json::json;

use super::walk::*;

#[tokio::test(flavor = "multi_thread")]
async fn fn_14_the_query_of_the_redirect_uri_is_kept() {
    let scene = finx().await;
    let mut browser = Browser::new();
    let kept = format!("{CALLBACK}?kept=1");
    let consent = to_consent(
        &scene,
        &mut browser,
        &location(&scene, {
            let mut more = known();
            more["redirect_uri"] = json!(kept);
            more
        })
        .await,
    )
    .await;
    let back = press(&mut browser, &consent, "approve", &[]).await;
    let to = back.location().expect("a redirect");
    assert!(to.as_str().starts_with("https://my-app.example.com/callback?kept=1&code="), "{to}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_15_the_state_is_echoed_unchanged() {
    let scene = finx().await;
    for state in ["7fe78733", "a b+c&d=ü/?#%", "\"<>'"] {
        let mut more = known();
        more["state"] = json!(state);
        let mut browser = Browser::new();
        let consent = to_consent(&scene, &mut browser, &location(&scene, more).await).await;
        let back = press(&mut browser, &consent, "approve", &[]).await;
        assert_eq!(back.returned("state").as_deref(), Some(state));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_16_every_return_says_whether_it_succeeded() {
    let scene = finx().await;
    assert_eq!(finished(&scene).await.returned("success").as_deref(), Some("true"));
    let mut browser = Browser::new();
    let page = open(&mut browser, &location(&scene, json!({})).await).await;
    let back = press(&mut browser, &page, "cancel", &[]).await;
    assert_eq!(back.returned("success").as_deref(), Some("false"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_17_a_code_comes_with_success_only_and_lives_an_hour() {
    let scene = finx().await;
    let code = code(&scene).await;
    scene.world.advance(3599);
    assert_eq!(exchange(&scene, &code).await.status, 200);
    let mut browser = Browser::new();
    let page = open(&mut browser, &location(&scene, json!({})).await).await;
    assert_eq!(press(&mut browser, &page, "cancel", &[]).await.returned("code"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_18_cancel_is_there_only_when_the_person_cancelled() {
    let scene = finx().await;
    assert_eq!(finished(&scene).await.returned("cancel"), None);
    let mut browser = Browser::new();
    // On every page of the way.
    let banks = open(&mut browser, &location(&scene, json!({})).await).await;
    assert_eq!(press(&mut browser, &banks, "cancel", &[]).await.returned("cancel").as_deref(), Some("true"));
    let login = open(&mut browser, &location(&scene, known()).await).await;
    assert_eq!(press(&mut browser, &login, "cancel", &[]).await.returned("cancel").as_deref(), Some("true"));
    let consent = to_consent(&scene, &mut browser, &location(&scene, known()).await).await;
    assert_eq!(press(&mut browser, &consent, "cancel", &[]).await.returned("cancel").as_deref(), Some("true"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_19_codes_look_like_jwts_and_lead_the_return() {
    let scene = finx().await;
    let back = finished(&scene).await.location().expect("a redirect");
    let names: Vec<String> = back.query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["code", "state", "success"]);
    let code = back.query_pairs().next().map(|(_, value)| value.into_owned()).expect("a code");
    assert!(code.starts_with("eyJhbGciO") && code.split('.').count() == 3, "{code}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_20_other_errors_have_neither_code_nor_cancel_nor_error() {
    let scene = finx().await;
    let mut browser = Browser::new();
    let mut page = open(&mut browser, &location(&scene, known()).await).await;
    for _ in 0..5 {
        page = press(&mut browser, &page, "login", &[("username", "nobody"), ("pin", "0")]).await;
    }
    let back = "href=\"https://my-app.example.com/callback?state=7fe78733&#38;success=false\"";
    assert!(page.body.contains(back), "{}", page.body);
}
