//! OpenID Connect Core, the code flow, at the tenant that every library speaks to.

mod claims;
mod discovery;
mod keys;
mod live;
mod logout;
mod prompts;
pub mod pushed;
mod requests;
mod resources;
mod tokens;

use grantor_testkit::{Browser, Visit};
use grantor_tests_guides::Scene;
use serde_json::Value;

/// Types the person's name and password.
async fn log_in(scene: &Scene, browser: &mut Browser, page: &Visit) -> Visit {
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(page, "login", &filled).await;
    browser.follow(visit).await
}

/// The error that a visit takes back to the client.
fn error(visit: &Visit) -> String {
    visit
        .returned("error")
        .unwrap_or_else(|| panic!("no error: {} {:?}\n{}", visit.status, visit.location(), visit.body))
}

/// The id_token of an answer, checked as clients do.
async fn id_token(scene: &Scene, answer: &Value) -> Value {
    grantor_tests_guides::verified(scene, answer["id_token"].as_str().expect("an id_token")).await
}

/// The id_token of the code that a visit takes back.
async fn redeemed(scene: &Scene, visit: &Visit) -> Value {
    let code = visit.returned("code").unwrap_or_else(|| panic!("no code: {:?}\n{}", visit.location(), visit.body));
    let (status, answer) = scene.tokens().exchange(&code, &[]).await;
    assert_eq!(status, 200, "{answer}");
    id_token(scene, &answer).await
}
