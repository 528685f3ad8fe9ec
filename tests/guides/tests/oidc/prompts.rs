//! `prompt`, `max_age`, `acr_values`, hints (OpenID Connect Core 3.1.2.1).

use grantor_testkit::Browser;
use grantor_tests_guides::Scene;
use serde_json::json;

use super::{error, log_in, redeemed};

#[tokio::test(flavor = "multi_thread")]
async fn prompt_none_never_shows_a_page() {
    let scene = Scene::openid().await;
    let silent = scene.url("openid").with("prompt", "none");
    let mut browser = Browser::new();
    let nobody = browser.get(&silent.url()).await;
    assert_eq!((error(&nobody).as_str(), nobody.returned("state").is_some()), ("login_required", true));
    let login = scene.visit(&mut browser, &scene.url("openid")).await;
    log_in(&scene, &mut browser, &login).await;
    assert_eq!(error(&browser.get(&silent.url()).await), "consent_required");
    browser.code(&scene.url("openid"), &scene.person).await;
    let there = browser.get(&silent.url()).await;
    assert_eq!(redeemed(&scene, &there).await["sub"], scene.person.id.to_string());
    let more = browser.get(&scene.url("openid email").with("prompt", "none").url()).await;
    assert_eq!(error(&more), "consent_required");
    for other in ["none login", "none consent", "none select_account", "login none"] {
        let visit = browser.get(&scene.url("openid").with("prompt", other).url()).await;
        assert_eq!(error(&visit), "invalid_request", "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_login_asks_for_the_password_again() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    scene.world.advance(100);
    let page = scene.visit(&mut browser, &scene.url("openid").with("prompt", "login")).await;
    assert!(page.has_button("login"), "{}", page.body);
    let back = log_in(&scene, &mut browser, &page).await;
    assert_eq!(redeemed(&scene, &back).await["auth_time"], scene.world.now().timestamp());
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_consent_asks_again_for_what_was_approved() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let url = scene.url("openid").with("prompt", "consent");
    let page = scene.visit(&mut browser, &url).await;
    assert!(page.has_button("approve") && !page.has_button("login"));
    let back = browser.press(&page, "approve", &[]).await;
    assert!(back.returned("code").is_some());
    let both = scene.visit(&mut browser, &url.with("prompt", "login consent")).await;
    assert!(both.has_button("login"));
    assert!(log_in(&scene, &mut browser, &both).await.has_button("approve"));
}

#[tokio::test(flavor = "multi_thread")]
async fn prompt_select_account_lets_people_choose() {
    let scene = Scene::openid().await;
    let ada = scene.world.person(&scene.tenant, "ada@example.com").await;
    let mut browser = scene.approved("openid").await;
    let url = scene.url("openid").with("prompt", "select_account");
    let page = scene.visit(&mut browser, &url).await;
    assert!(page.body.contains("grace@example.com"), "{}", page.body);
    let visit = browser.press(&page, "continue", &[]).await;
    let back = browser.follow(visit).await;
    assert_eq!(redeemed(&scene, &back).await["sub"], scene.person.id.to_string());
    let page = scene.visit(&mut browser, &url).await;
    let visit = browser.press(&page, "other", &[]).await;
    let login = browser.follow(visit).await;
    let filled = [("username", "ada@example.com"), ("password", ada.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let consent = browser.follow(visit).await;
    let back = browser.press(&consent, "approve", &[]).await;
    assert_eq!(redeemed(&scene, &back).await["sub"], ada.id.to_string());
    let unknown = browser.get(&scene.url("openid").with("prompt", "dance").url()).await;
    assert_eq!(error(&unknown), "invalid_request");
}

#[tokio::test(flavor = "multi_thread")]
async fn max_age_asks_for_a_login_when_the_last_is_too_old() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let logged_in = scene.world.now().timestamp();
    scene.world.advance(100);
    let young = browser.get(&scene.url("openid").with("max_age", "100").url()).await;
    assert_eq!(redeemed(&scene, &young).await["auth_time"], logged_in);
    let silent = browser.get(&scene.url("openid").with("max_age", "99").with("prompt", "none").url()).await;
    assert_eq!(error(&silent), "login_required");
    let page = scene.visit(&mut browser, &scene.url("openid").with("max_age", "99")).await;
    let back = log_in(&scene, &mut browser, &page).await;
    assert_eq!(redeemed(&scene, &back).await["auth_time"], logged_in + 100);
    assert!(scene.visit(&mut browser, &scene.url("openid").with("max_age", "0")).await.has_button("login"));
    for bad in ["-1", "x", "1.5"] {
        assert_eq!(
            error(&browser.get(&scene.url("openid").with("max_age", bad).url()).await),
            "invalid_request",
            "{bad}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn acr_says_how_the_person_logged_in() {
    let scene = Scene::openid().await;
    let mut browser = scene.approved("openid").await;
    let class = "urn:grantor:acr:password";
    let voluntary = browser.get(&scene.url("openid").with("acr_values", &format!("urn:other {class}")).url()).await;
    let claims = redeemed(&scene, &voluntary).await;
    assert_eq!((&claims["acr"], &claims["amr"]), (&json!(class), &json!(["pwd"])));
    let unreachable = browser.get(&scene.url("openid").with("acr_values", "urn:other").url()).await;
    assert_eq!(redeemed(&scene, &unreachable).await["acr"], class, "voluntary: answered with what there is");
    let demand = |values: serde_json::Value| json!({ "id_token": { "acr": { "essential": true, "values": values } } });
    let met = browser.get(&scene.url("openid").with("claims", &demand(json!([class])).to_string()).url()).await;
    assert_eq!(redeemed(&scene, &met).await["acr"], class);
    let unmet = browser.get(&scene.url("openid").with("claims", &demand(json!(["urn:other"])).to_string()).url()).await;
    assert_eq!(error(&unmet), "unmet_authentication_requirements");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_id_token_hint_says_who_is_meant() {
    let scene = Scene::openid().await;
    let ada = scene.world.person(&scene.tenant, "ada@example.com").await;
    let mut browser = scene.approved("openid").await;
    let answer = scene.token_by(&mut browser, &scene.url("openid")).await;
    let hint = answer["id_token"].as_str().expect("an id_token");
    let silent = scene.url("openid").with("prompt", "none").with("id_token_hint", hint);
    assert_eq!(redeemed(&scene, &browser.get(&silent.url()).await).await["sub"], scene.person.id.to_string());
    // An expired hint is as good as a fresh one.
    scene.world.advance(3000);
    assert!(browser.get(&silent.url()).await.returned("code").is_some());
    scene.world.advance(1000);
    browser.code(&scene.url("openid").with("prompt", "login"), &scene.person).await;
    assert!(browser.get(&silent.url()).await.returned("code").is_some());
    let mut adas = Browser::new();
    adas.code(&scene.url("openid"), &ada).await;
    assert_eq!(error(&adas.get(&silent.url()).await), "login_required", "somebody else is there");
    let page = scene.visit(&mut adas, &scene.url("openid").with("id_token_hint", hint)).await;
    assert!(page.has_button("login"), "the one who is meant may log in");
    let forged = format!("{}x", &hint[..hint.len() - 1]);
    for bad in [forged.as_str(), "x.y.z", "nonsense"] {
        let visit = browser.get(&silent.clone().with("id_token_hint", bad).url()).await;
        assert!(visit.returned("code").is_none() && visit.returned("error").is_some(), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn login_hint_locale_and_display_shape_the_page() {
    let scene = Scene::openid().await;
    let hinted = scene.visit(&mut Browser::new(), &scene.url("openid").with("login_hint", "grace@example.com")).await;
    assert!(hinted.body.contains("value=\"grace@example.com\""), "{}", hinted.body);
    for (locales, lang) in
        [("de", "de"), ("fr de en", "de"), ("de-CH", "de"), ("en", "en"), ("fr", "en"), ("x y z", "en")]
    {
        let page = scene.visit(&mut Browser::new(), &scene.url("openid").with("ui_locales", locales)).await;
        assert!(page.body.contains(&format!("<html lang=\"{lang}\"")), "{locales}: {}", &page.body[..80]);
    }
    for display in ["page", "popup", "touch", "wap"] {
        let page = scene.visit(&mut Browser::new(), &scene.url("openid").with("display", display)).await;
        assert!(page.has_button("login"), "{display}");
    }
    let unknown = Browser::new().get(&scene.url("openid").with("display", "hologram").url()).await;
    assert_eq!(error(&unknown), "invalid_request");
}
