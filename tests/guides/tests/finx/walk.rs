//! A partner and a person, on their way through the widget.

use base64::{Engine, engine::general_purpose::STANDARD};
use grantor_testkit::{Browser, Partner, Visit};
use grantor_tests_guides::{Answer, Scene};
use reqwest::Method;
use serde_json::{Value, json};

pub const CALLBACK: &str = "https://my-app.example.com/callback";
/// The guide's sample, an account of the first sandbox bank.
pub const IBAN: &str = "DE82900948150000002881";
pub const MARA: (&str, &str) = ("mara.brandt", "13579");
pub const ONE_TIME: &str = "/onetime/access";

pub async fn finx() -> Scene {
    with_origins(&[]).await
}

/// With a client whose pages these origins may frame.
pub async fn with_origins(origins: &[&str]) -> Scene {
    with_callback(Scene::of("finx").await, origins).await
}

/// The same at a tenant that is there.
pub async fn with_callback(scene: Scene, origins: &[&str]) -> Scene {
    let partner = scene
        .world
        .partner_with(&scene.tenant, |client| {
            client.redirect_uris = vec![CALLBACK.into(), format!("{CALLBACK}?kept=1")];
            client.origins = origins.iter().map(|origin| (*origin).to_owned()).collect();
        })
        .await;
    scene.as_partner(partner)
}

pub fn basic(partner: &Partner) -> String {
    format!("Basic {}", STANDARD.encode(format!("{}:{}", partner.client_id, partner.secret)))
}

/// Posts JSON with the client's credentials.
pub async fn post(scene: &Scene, path: &str, body: &str) -> Answer {
    let basic = basic(&scene.partner);
    let headers = [("authorization", basic.as_str()), ("content-type", "application/json")];
    scene.send(Method::POST, path, &headers, Some(body.to_owned())).await
}

pub async fn start(scene: &Scene, body: Value) -> Value {
    let answer = post(scene, ONE_TIME, &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

/// The location of a flow with these members beside the redirect URI.
pub async fn location(scene: &Scene, more: Value) -> String {
    let mut body = json!({ "redirect_uri": CALLBACK, "state": "7fe78733" });
    for (name, value) in more.as_object().into_iter().flatten() {
        body[name] = value.clone();
    }
    start(scene, body).await["location"].as_str().expect("a location").to_owned()
}

/// The widget's first page.
pub async fn open(browser: &mut Browser, location: &str) -> Visit {
    let visit = browser.get(location).await;
    browser.follow(visit).await
}

/// The code that the bank has mailed last.
pub async fn tan(scene: &Scene, person: &str) -> String {
    let mail = scene.world.mail_to(&format!("{person}@sandbox-bank.example")).await;
    mail["subject"].as_str().expect("a subject").chars().take(6).collect()
}

pub async fn press(browser: &mut Browser, page: &Visit, button: &str, filled: &[(&str, &str)]) -> Visit {
    let visit = browser.press(page, button, filled).await;
    browser.follow(visit).await
}

/// From the bank's login to the page of accounts.
pub async fn sign_in(scene: &Scene, browser: &mut Browser, login: &Visit, who: (&str, &str)) -> Visit {
    let factor = press(browser, login, "login", &[("username", who.0), ("pin", who.1)]).await;
    let code = tan(scene, who.0).await;
    press(browser, &factor, "verify", &[("code", &code)]).await
}

/// From a link to the consent page, with the sample's account known.
pub async fn to_consent(scene: &Scene, browser: &mut Browser, location: &str) -> Visit {
    let login = open(browser, location).await;
    let accounts = sign_in(scene, browser, &login, MARA).await;
    press(browser, &accounts, "share", &[]).await
}

pub fn known() -> Value {
    json!({ "accounts": [{ "id": IBAN }] })
}

/// The return of a whole flow.
pub async fn finished(scene: &Scene) -> Visit {
    let mut browser = Browser::new();
    let location = location(scene, known()).await;
    let consent = to_consent(scene, &mut browser, &location).await;
    press(&mut browser, &consent, "approve", &[]).await
}

pub async fn code(scene: &Scene) -> String {
    finished(scene).await.returned("code").expect("a code")
}

pub async fn token_request(scene: &Scene, body: Value) -> Answer {
    post(scene, "/auth/token", &body.to_string()).await
}

pub async fn exchange(scene: &Scene, code: &str) -> Answer {
    token_request(scene, json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK })).await
}

pub async fn refresh(scene: &Scene, token: &str) -> Answer {
    token_request(scene, json!({ "grant_type": "refresh_token", "refresh_token": token })).await
}

pub fn member(answer: &Answer, name: &str) -> String {
    answer.json()[name].as_str().unwrap_or_else(|| panic!("no {name} in {}", answer.body)).to_owned()
}

/// What the tenant says that a token is worth.
pub async fn introspect(scene: &Scene, token: &str) -> Value {
    let basic = basic(&scene.partner);
    let headers = [("authorization", basic.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    scene.send(Method::POST, "/oauth/introspect", &headers, Some(format!("token={token}"))).await.json()
}
