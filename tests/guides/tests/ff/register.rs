//! A developer at the pages for developers.

use grantor_testkit::{Browser, Partner, Visit};
use grantor_tests_guides::Scene;

pub const CALLBACK: &str = "https://example.com/oauth/callback";

/// A browser in which the person has logged in, at the form for a new client.
pub async fn at_the_form(scene: &Scene) -> (Browser, Visit) {
    let mut browser = Browser::new();
    let visit = browser.get(&format!("{}/oauth/create_client", scene.tenant.issuer)).await;
    let login = browser.follow(visit).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let form = browser.follow(visit).await;
    (browser, form)
}

/// What a developer types.
pub fn typed() -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "Portfolio Planner"),
        ("website", "https://example.com"),
        ("logo_url", "https://example.com/logo.png"),
        ("redirect_uris", CALLBACK),
        ("kind", "confidential"),
        ("accept_terms", "1"),
    ]
}

/// The text of an element with this id.
pub fn text_of(page: &Visit, id: &str) -> String {
    let from = page.body.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in:\n{}", page.body));
    let rest = &page.body[from..];
    rest.split_once('>').and_then(|(_, rest)| rest.split_once('<')).map_or("", |(text, _)| text).to_owned()
}

/// A client that was registered and waits for the operator.
pub async fn pending(scene: &Scene) -> (Browser, Partner) {
    let (mut browser, form) = at_the_form(scene).await;
    let made = browser.press(&form, "create", &typed()).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let (client_id, secret) = (text_of(&made, "client_id"), text_of(&made, "client_secret"));
    (browser, Partner { client_id, secret, redirect_uri: CALLBACK.to_owned() })
}
