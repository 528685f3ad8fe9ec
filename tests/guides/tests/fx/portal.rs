//! FX-01 to FX-10, FX-19, FX-30, FX-41: the platform's own pages.

use grantor_testkit::{Browser, Partner, Person, Visit, World};
use grantor_tests_guides::Scene;
use reqwest::Method;
use serde_json::json;

use super::{CALLBACK, PERMISSIONS, exchange, link, revocation::at_page, text};

/// A developer with an application of their own, and somebody else who connects to it.
pub struct Developer {
    pub holder: Person,
    client_id: String,
}

impl Developer {
    pub fn accounts_path(&self) -> String {
        format!("/clients/{}/accounts", self.client_id)
    }
}

fn text_of(page: &Visit, id: &str) -> String {
    let from = page.body.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in:\n{}", page.body));
    let rest = &page.body[from..];
    rest.split_once('>').and_then(|(_, rest)| rest.split_once('<')).map_or("", |(text, _)| text).to_owned()
}

/// A scene whose client was made by its person on the dashboard.
pub async fn with_own_client() -> (Scene, Developer) {
    let world = World::start().await;
    let tenant = world.tenant("finexer").await;
    let mut scene = Scene::at(world, tenant).await;
    let (mut browser, form) = at_page(&scene, "/oauth/create_client").await;
    let typed = [
        ("name", "Portfolio Planner"),
        ("website", "https://yourplatformwebsite.com"),
        ("redirect_uris", CALLBACK),
        ("kind", "confidential"),
        ("scopes", PERMISSIONS[0]),
        ("accept_terms", "1"),
    ];
    let made = browser.press(&form, "create", &typed).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let (client_id, secret) = (text_of(&made, "client_id"), text_of(&made, "client_secret"));
    scene.partner = Partner { client_id: client_id.clone(), secret, redirect_uri: CALLBACK.to_owned() };
    let holder = scene.world.person(&scene.tenant, "holder@example.com").await;
    let developer = Developer { holder, client_id };
    (scene, developer)
}

/// The application's page.
async fn app_page(scene: &Scene) -> (Browser, Visit) {
    at_page(scene, &format!("/clients/{}", scene.partner.client_id)).await
}

/// A page of the portal for somebody who is not signed in.
async fn open_page(scene: &Scene, path: &str) -> Visit {
    let page = Browser::new().get(&format!("{}{path}", scene.tenant.issuer)).await;
    assert_eq!(page.status, 200, "{path}: {}", page.body);
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_01_the_portal_has_a_menu_with_the_guides_sections() {
    let scene = super::scene().await;
    let page = open_page(&scene, "/developers").await;
    for entry in ["Getting started", "Security", "Apps", "OAuth", "App templates", "API reference", "Dashboard"] {
        assert!(page.body.contains(&format!(">{entry}</a>")), "{entry}: {}", page.body);
    }
    // Products that are not ours are links that the tenant sets.
    for product in ["Connect Bank", "Initiate Payment", "Batch Payments"] {
        assert!(page.body.contains(&format!(">{product}</span>")), "{product}");
    }
    assert!(page.body.contains("aria-current=\"page\">Getting started<"));
    let link = format!("{}/oauth/?client_id=YOUR_CLIENT_ID&amp;state=", scene.tenant.issuer);
    assert!(page.body.replace("&#38;", "&amp;").contains(&link), "the tenant's own addresses: {}", page.body);
    let security = open_page(&scene, "/developers/security").await;
    assert!(security.body.contains("A code works once and for 1 minute."), "{}", security.body);
    let oauth = open_page(&scene, "/developers/oauth").await;
    let revoke = format!("{}/oauth/revoke<", scene.tenant.issuer);
    assert!(oauth.body.contains(&revoke) && oauth.body.contains("data-scope=\"customer_write\""), "{}", oauth.body);
    let german = open_page(&scene, "/developers?ui_locales=de").await;
    assert!(german.body.contains(">Erste Schritte</a>") && german.body.contains("Zahlung auslösen"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_02_a_template_fills_the_form_of_a_new_client() {
    let world = World::start().await;
    let tenant = world.tenant("finexer").await;
    let scene = Scene::at(world, tenant).await;
    let (mut browser, page) = at_page(&scene, "/developers/templates").await;
    assert!(page.body.contains("data-template=\"accounting\""), "{}", page.body);
    let form = browser.get(&format!("{}/oauth/create_client?template=accounting", scene.tenant.issuer)).await;
    let filled = form.form_with("create").fields;
    let has = |name: &str, value: &str| filled.iter().any(|field| field.0 == name && field.1.trim() == value);
    assert!(has("name", "My accounting app") && has("redirect_uris", CALLBACK), "{filled:?}");
    assert!(has("scopes", "customer_read") && has("scopes", "transaction_read"), "{filled:?}");
    assert!(!has("scopes", "payment_write") && has("kind", "confidential"), "{filled:?}");
    let made = browser.press(&form, "create", &[("name", "Ledger"), ("accept_terms", "1")]).await;
    let client = scene.operator("GET", &format!("/clients/{}", text_of(&made, "client_id")), None).await;
    assert_eq!((&client["name"], &client["redirect_uris"]), (&json!("Ledger"), &json!([CALLBACK])));
    assert_eq!(client["scopes"], json!(["customer_read", "transaction_read"]));
    // A template may only offer what the tenant has.
    let mut profile = scene.operator("GET", "/profile", None).await;
    profile["portal"]["templates"][0]["scopes"] = json!(["everything"]);
    profile["portal"]["links"][0]["url"] = json!("javascript:alert(1)");
    let (status, refused) = scene.try_operator("PUT", "/profile", Some(profile)).await;
    let said = refused.to_string();
    assert_eq!(status, 422, "{said}");
    for pointer in ["/portal/templates/0/scopes/0", "/portal/links/0/url"] {
        assert!(said.contains(pointer), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_04_bank_feed_is_a_link_of_the_tenants() {
    let scene = super::scene().await;
    let mut profile = scene.operator("GET", "/profile", None).await;
    profile["portal"]["links"] =
        json!([{"label": {"en": "Bank Feed", "de": "Bank-Feed"}, "url": "https://feeds.example/start"}]);
    scene.operator("PUT", "/profile", Some(profile)).await;
    scene.world.settle().await;
    let page = open_page(&scene, "/developers").await;
    let link = "href=\"https://feeds.example/start\" rel=\"noopener noreferrer\"";
    assert!(page.body.contains(link) && page.body.contains("Bank Feed"), "{}", page.body);
    assert!(!page.body.contains("Connect Bank"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_10_reference_support_and_dashboard_are_there() {
    let (scene, developer) = with_own_client().await;
    let (mut browser, empty) = at_page(&scene, "/developers/dashboard").await;
    assert_eq!((text_of(&empty, "figure_apps"), text_of(&empty, "figure_grants")), ("1".to_owned(), "0".to_owned()));
    assert!(empty.body.contains("href=\"https://finexer.com/support\"") && !empty.body.contains("data-used"));
    let code = Browser::new().code(&link(&scene), &developer.holder).await;
    exchange(&scene, &code).await;
    let page = browser.get(&format!("{}/developers/dashboard", scene.tenant.issuer)).await;
    assert_eq!((text_of(&page, "figure_approved"), text_of(&page, "figure_grants")), ("1".to_owned(), "1".to_owned()));
    assert!(page.body.contains("data-used") && page.body.contains(&developer.client_id), "{}", page.body);
    // Nobody else sees it.
    let holder = &developer.holder;
    let mut other = Browser::new();
    let visit = other.get(&format!("{}/developers/dashboard", scene.tenant.issuer)).await;
    let login = other.follow(visit).await;
    let filled = [("username", holder.email.as_str()), ("password", holder.password.as_str())];
    let visit = other.press(&login, "login", &filled).await;
    let theirs = other.follow(visit).await;
    assert_eq!(text_of(&theirs, "figure_apps"), "0", "they came back to their own: {}", theirs.body);
    assert!(!theirs.body.contains(&developer.client_id));
    let reference = open_page(&scene, "/explorer").await;
    assert!(reference.body.contains("openapi.json") && reference.body.contains("aria-current=\"page\">API reference<"));
    let document = open_page(&scene, "/explorer/openapi.json").await;
    let document: serde_json::Value = serde_json::from_str(&document.body).expect("JSON");
    assert!(document["paths"]["/oauth/token"].is_object(), "{document}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_03_a_sandbox_is_a_tenant_of_its_own() {
    let world = World::start().await;
    let live = world.tenant("finexer").await;
    let sandbox = world.tenant_with("finexer-sandbox", "finexer", |_| {}).await;
    let scene = Scene::at(world, live).await;
    let code = Browser::new().code(&link(&scene), &scene.person).await;
    let there = format!("{}/oauth/token", sandbox.issuer);
    let body = format!(
        "code={code}&grant_type=authorization_code&client_id={}&client_secret={}",
        scene.partner.client_id, scene.partner.secret
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let answer = scene.send(Method::POST, &there, &form, Some(body)).await;
    assert_eq!((answer.status, answer.error().as_str()), (401, "invalid_client"), "own clients");
    let mut browser = Browser::new();
    let visit = browser.get(&format!("{}/login", sandbox.issuer)).await;
    let login = browser.follow(visit).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    assert!(browser.press(&login, "login", &filled).await.has_button("login"), "own users");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_05_what_consent_says_and_how_long_it_holds_is_a_setting() {
    let scene = super::scene().await;
    let mut profile = scene.operator("GET", "/profile", None).await;
    profile["scopes"]["catalogue"][0]["description"]["en"] = json!("Look at your customers, and nothing else");
    profile["interaction"]["consent"]["expires_days"] = json!(7);
    scene.operator("PUT", "/profile", Some(profile)).await;
    scene.world.settle().await;
    let mut browser = Browser::new();
    let page = super::consent(&scene, &mut browser, &link(&scene), &scene.person).await;
    assert!(page.body.contains("Look at your customers, and nothing else"), "{}", page.body);
    assert!(browser.press(&page, "approve", &[]).await.returned("code").is_some());
    assert!(browser.get(&link(&scene).url()).await.returned("code").is_some(), "remembered");
    scene.world.advance(8 * 86_400);
    let page = super::consent(&scene, &mut browser, &link(&scene), &scene.person).await;
    assert!(page.has_button("approve"), "asked again after a week");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_05_what_may_be_unticked_is_a_setting_and_what_is_unticked_is_not_given() {
    let scene = super::scene().await;
    let mut profile = scene.operator("GET", "/profile", None).await;
    let catalogue = profile["scopes"]["catalogue"].as_array_mut().expect("scopes");
    for scope in catalogue {
        scope["optional"] = json!(true);
    }
    profile["interaction"]["consent"]["text"] =
        json!({"en": "You can change your mind at any time.", "de": "Sie können es sich jederzeit anders überlegen."});
    scene.operator("PUT", "/profile", Some(profile)).await;
    scene.world.settle().await;
    let mut browser = Browser::new();
    let page = super::consent(&scene, &mut browser, &link(&scene), &scene.person).await;
    assert!(page.body.contains("You can change your mind at any time."), "{}", page.body);
    let boxes = ["keep_customer_read", "keep_customer_write"];
    assert!(boxes.iter().all(|name| page.body.contains(name)), "{}", page.body);
    let nothing = browser.press(&page, "approve", &boxes.map(|name| (name, ""))).await;
    assert!(nothing.status == 200 && nothing.body.contains("id=\"error\""), "{}", nothing.body);
    let back = browser.press(&nothing, "approve", &[(boxes[1], "")]).await;
    let (_, token) = exchange(&scene, &back.returned("code").expect("a code")).await;
    assert_eq!(text(&token, "scope"), "customer_read");
    // What was not given is asked for again; what was given is remembered.
    let less = browser.get(&link(&scene).with("scope", "customer_read").url()).await;
    assert!(less.returned("code").is_some());
    let visit = browser.get(&link(&scene).url()).await;
    let page = browser.follow(visit).await;
    let back = browser.press(&page, "approve", &[]).await;
    let (_, token) = exchange(&scene, &back.returned("code").expect("a code")).await;
    assert_eq!(text(&token, "scope"), "customer_read,customer_write");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_19_the_application_page_shows_id_addresses_default_and_permissions() {
    let (scene, _) = with_own_client().await;
    let (mut browser, page) = app_page(&scene).await;
    for shown in [scene.partner.client_id.as_str(), CALLBACK, "data-default", PERMISSIONS[0]] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    let home = browser.get(&format!("{}/", scene.tenant.issuer)).await;
    assert_eq!(grantor_tests_guides::state_of(&home, &scene.partner.client_id), "approved", "at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_30_the_secret_is_the_platforms_api_key() {
    let (scene, developer) = with_own_client().await;
    let secret = scene.partner.secret.clone();
    assert!(secret.starts_with("sk_") && secret.len() == 46);
    // Shown once.
    let (mut browser, page) = app_page(&scene).await;
    assert!(!page.body.contains(&secret) && page.body.contains("API key"), "{}", page.body);
    assert!(page.body.contains("data-last-used=\"never\""), "{}", page.body);
    // The key opens the platform's own resources: Bearer, or Basic with the client's id.
    let list = format!("/platforms/{}/accounts", scene.partner.client_id);
    let call = async |method: Method, path: &str, authorization: &str| {
        scene.send(method, path, &[("authorization", authorization)], None).await
    };
    assert_eq!(scene.send(Method::GET, &list, &[], None).await.status, 401);
    assert_eq!(call(Method::GET, &list, "Bearer sk_wrong").await.status, 401);
    let bearer = format!("Bearer {secret}");
    let answer = call(Method::GET, &list, &bearer).await;
    assert_eq!((answer.status, answer.json()["data"].clone()), (200, json!([])), "{}", answer.body);
    let code = Browser::new().code(&link(&scene), &developer.holder).await;
    let (_, token) = exchange(&scene, &code).await;
    let listed = call(Method::GET, &list, &bearer).await.json()["data"][0].clone();
    assert_eq!((&listed["account_id"], &listed["scope"]), (&token["account_id"], &token["scope"]));
    use base64::Engine;
    let pair = format!("{}:{secret}", scene.partner.client_id);
    let basic = format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(pair));
    assert_eq!(call(Method::GET, &list, &basic).await.status, 200);
    // An access token is no API key, and one platform's key is none for another.
    assert_eq!(call(Method::GET, &list, &format!("Bearer {}", text(&token, "access_token"))).await.status, 401);
    let other = scene.world.partner(&scene.tenant).await;
    let theirs = format!("/platforms/{}/accounts", other.client_id);
    assert_eq!(call(Method::GET, &theirs, &bearer).await.status, 401);
    // Used now.
    let (_, page) = app_page(&scene).await;
    assert!(!page.body.contains("data-last-used=\"never\""), "{}", page.body);
    // Rolled: both work until the old one is retired.
    let page = browser.get(page.url.as_str()).await;
    let rolled = browser.press(&page, "rotate", &[]).await;
    let fresh = text_of(&rolled, "client_secret");
    // The wrong key from before keeps the owner from being asked for a second.
    scene.world.settle().await;
    for key in [&secret, &fresh] {
        assert_eq!(call(Method::GET, &list, &format!("Bearer {key}")).await.status, 200);
    }
    // And it disconnects.
    let one = format!("{list}/{}", text(&token, "account_id"));
    assert_eq!(call(Method::DELETE, &one, &format!("Bearer {fresh}")).await.status, 204);
    assert!(!scene.is_active(text(&token, "access_token")).await);
    assert_eq!(call(Method::DELETE, &one, &format!("Bearer {fresh}")).await.status, 404);
    let events = super::revocation::revoked_events(&scene).await;
    assert_eq!((events.len(), events[0].1.revoked_by.as_str()), (1, "platform"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_41_the_platform_sees_its_accounts_and_disconnects_one() {
    let (scene, developer) = with_own_client().await;
    let code = Browser::new().code(&link(&scene), &developer.holder).await;
    let (_, token) = exchange(&scene, &code).await;
    let (mut browser, page) = at_page(&scene, &developer.accounts_path()).await;
    assert!(page.body.contains("Managed Accounts") && page.body.contains(text(&token, "account_id")), "{}", page.body);
    assert!(!page.body.contains("holder@example.com"), "nothing personal is shown");
    let after = browser.press(&page, "disconnect", &[]).await;
    let after = browser.follow(after).await;
    assert!(!after.body.contains(text(&token, "account_id")), "{}", after.body);
    assert!(!scene.is_active(text(&token, "access_token")).await);
    // Somebody else's application is none of one's business.
    let stranger = scene.as_person(developer.holder.clone());
    let (_, page) = at_page(&stranger, &developer.accounts_path()).await;
    assert_eq!(page.status, 404);
}
