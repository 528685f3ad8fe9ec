//! Finexer, row by row.

mod accounts;
mod authorize;
mod exchanges;
mod mails;
mod portal;
mod revocation;
mod team;
mod token;
mod twins;
mod webhooks;

use grantor_testkit::{AuthorizeUrl, Browser, Person, Visit, World};
use grantor_tests_guides::Scene;
use serde_json::Value;

/// Where the guide's platform wants its users back.
pub const CALLBACK: &str = "https://yourplatformwebsite.com/authorize";
/// What its application may have.
pub const PERMISSIONS: [&str; 2] = ["customer_read", "customer_write"];

/// The tenant, with the guide's platform as the client.
pub async fn scene() -> Scene {
    at(World::start().await).await
}

/// The same in another world.
pub async fn at(world: World) -> Scene {
    let tenant = world.tenant("finexer").await;
    let mut scene = Scene::at(world, tenant).await;
    scene.partner = scene
        .world
        .partner_with(&scene.tenant, |client| {
            client.redirect_uris = vec![CALLBACK.into(), "https://yourplatformwebsite.com/second".into()];
            client.scopes = PERMISSIONS.map(str::to_owned).to_vec();
        })
        .await;
    scene
}

/// The guide's link: `client_id` and nothing else.
pub fn link(scene: &Scene) -> AuthorizeUrl {
    AuthorizeUrl::bare(&format!("{}/oauth/", scene.tenant.issuer)).with("client_id", &scene.partner.client_id)
}

/// The page that asks for approval, for somebody who has just logged in.
pub async fn consent(scene: &Scene, browser: &mut Browser, url: &AuthorizeUrl, person: &Person) -> Visit {
    let visit = browser.get(&url.url()).await;
    let login = browser.follow(visit).await;
    let filled = [("username", person.email.as_str()), ("password", person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let _ = scene;
    browser.follow(visit).await
}

/// The guide's token request: four parameters, no `redirect_uri`.
pub async fn exchange(scene: &Scene, code: &str) -> (u16, Value) {
    scene.tokens().post("/oauth/token", &[("code", code), ("grant_type", "authorization_code")]).await
}

/// Link, approval, exchange.
pub async fn connected(scene: &Scene) -> Value {
    let code = Browser::new().code(&link(scene), &scene.person).await;
    let (status, body) = exchange(scene, &code).await;
    assert_eq!(status, 200, "{body}");
    body
}

/// The guide's revocation call.
pub async fn disconnect(scene: &Scene, refresh_token: &str) -> (u16, Value) {
    scene.tokens().post("/oauth/revoke", &[("refresh_token", refresh_token)]).await
}

/// A member of a document.
pub fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_else(|| panic!("no {name} in {body}"))
}
