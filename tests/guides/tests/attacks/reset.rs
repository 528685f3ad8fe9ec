//! C11, C24: a forgotten password, over HTTP and by mail.

use grantor_testkit::{Browser, Visit, hidden};
use grantor_tests_guides::Scene;

const SCOPE: &str = "openid offline_access";
const NEW: &str = "an entirely new passphrase";

/// From the login page to the page that asks for the code.
async fn forgotten(scene: &Scene, browser: &mut Browser, email: &str) -> Visit {
    let login = scene.visit(browser, &scene.url(SCOPE).with("prompt", "login")).await;
    assert!(login.body.contains("id=\"forgot_link\""), "{}", login.body);
    let form = browser.get(&format!("{}/reset", login.url)).await;
    let sent = browser.press(&form, "reset", &[("email", email)]).await;
    browser.follow(sent).await
}

/// The eight digits of a mail, if it has a code.
fn code(mail: &serde_json::Value) -> Option<String> {
    let is_code = |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit());
    mail["body"].as_str().expect("a mail").split_whitespace().find(is_code).map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn c11_a_reset_password_ends_stolen_tokens_and_sessions() {
    let scene = Scene::openid().await;
    let mut thief = Browser::new();
    let body = scene.token_by(&mut thief, &scene.url(SCOPE)).await;
    let access = body["access_token"].as_str().expect("a token").to_owned();
    assert!(scene.is_active(&access).await);
    // By the clock the change comes later than what it ends.
    scene.world.advance(1);
    let mut browser = Browser::new();
    let page = forgotten(&scene, &mut browser, &scene.person.email).await;
    let code = code(&scene.world.mail_to(&scene.person.email).await).expect("a code");
    let changed = browser.press(&page, "change", &[("code", &code), ("password", NEW)]).await;
    let login = browser.follow(changed).await;
    assert!(login.has_button("login"), "nobody is logged in by a code: {}", login.body);
    scene.world.settle().await;
    assert!(!scene.is_active(&access).await);
    assert_eq!(scene.tokens().userinfo(&access).await.0, 401);
    let page = scene.visit(&mut thief, &scene.url(SCOPE)).await;
    assert!(page.has_button("login"), "the thief's session is over: {}", page.body);
    let old = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    assert!(browser.press(&login, "login", &old).await.body.contains("id=\"error\""));
    let new = [("username", scene.person.email.as_str()), ("password", NEW)];
    assert_eq!(browser.press(&login, "login", &new).await.status, 303);
}

#[tokio::test(flavor = "multi_thread")]
async fn c24_a_forgotten_password_does_not_tell_who_is_there() {
    let scene = Scene::openid().await;
    let mut pages = Vec::new();
    for email in ["nobody@example.com", "grace@example.com"] {
        let mut browser = Browser::new();
        let page = forgotten(&scene, &mut browser, email).await;
        let wrong = browser.press(&page, "change", &[("code", "00000000"), ("password", NEW)]).await;
        let csrf = hidden(&page.body, "csrf").unwrap_or_default();
        let visit = page.url.path().split('/').nth(2).unwrap_or_default().to_owned();
        let plain = |body: &str| body.replace(&csrf, "CSRF").replace(&visit, "VISIT").replace(email, "TYPED");
        pages.push((page.status, plain(&page.body), wrong.status, plain(&wrong.body)));
    }
    assert_eq!(pages[0], pages[1]);
    // Only the mail tells, and only its reader.
    assert_eq!(code(&scene.world.mail_to("nobody@example.com").await), None);
    assert!(code(&scene.world.mail_to("grace@example.com").await).is_some());
}
