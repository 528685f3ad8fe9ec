//! FN-13: who may frame the widget, and what is seen in a frame when there is nothing to go on with.

use grantor_profile::Onboarding;
use grantor_testkit::{Browser, Partner, Visit, World, hidden};
use grantor_tests_guides::Scene;
use reqwest::Method;
use serde_json::json;

use super::walk::*;

const SHOP: &str = "https://shop.example";

fn framed_by_the_shop(page: &Visit) -> bool {
    page.header("content-security-policy").contains("frame-ancestors https://shop.example;")
        || page.header("content-security-policy").ends_with("frame-ancestors https://shop.example")
}

fn over(page: &Visit) -> bool {
    page.page_error() == Some("interaction_expired")
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_13_pages_of_a_flow_that_is_over_show_in_the_clients_frame() {
    let scene = with_origins(&[SHOP]).await;
    let link = location(&scene, json!({})).await;
    let mut browser = Browser::new();
    let page = open(&mut browser, &link).await;
    // A link that somebody has used, in another browser.
    let second = Browser::new().get(&link).await;
    assert!(over(&second) && framed_by_the_shop(&second), "{}", second.header("content-security-policy"));
    assert_eq!(second.header("x-frame-options"), "");
    // A form that is too old.
    let stale = browser.post(&format!("{}/bank", page.url), &[("csrf", "x"), ("choose", "choose")]).await;
    assert!(stale.page_error() == Some("form_expired") && framed_by_the_shop(&stale), "{}", stale.body);
    // A flow that was cancelled.
    press(&mut browser, &page, "cancel", &[]).await;
    let ended = browser.get(page.url.as_str()).await;
    assert!(over(&ended) && framed_by_the_shop(&ended), "{}", ended.header("content-security-policy"));
    // A flow that took too long, and a link that waited too long.
    let (used, waited) = (location(&scene, json!({})).await, location(&scene, json!({})).await);
    let page = open(&mut browser, &used).await;
    scene.world.advance(1800);
    for late in [browser.get(page.url.as_str()).await, browser.get(&waited).await] {
        assert!(over(&late) && framed_by_the_shop(&late), "{}", late.header("content-security-policy"));
    }
    // Whose flow this would be cannot be known.
    let unknown = page.url.join("/flow/6a1f0c52-8a3c-4c1e-9d54-0f6a8f0b1c2d").expect("a URL");
    let unknown = browser.get(unknown.as_str()).await;
    assert!(over(&unknown) && unknown.header("content-security-policy").contains("frame-ancestors 'none'"));
    let changed = browser.get(&format!("{}x", &waited[..waited.len() - 1])).await;
    assert!(over(&changed) && !framed_by_the_shop(&changed));
}

/// A tenant of the guide whose clients are registered by developers.
async fn self_service() -> Scene {
    let world = World::start().await;
    let tenant = world.tenant_with("self-service", "finx", |tenant| {
        tenant.profile.clients.onboarding = Onboarding::SelfServiceWithApproval;
    });
    let tenant = tenant.await;
    Scene::at(world, tenant).await
}

async fn signed_in(scene: &Scene) -> (Browser, Visit) {
    let mut browser = Browser::new();
    let visit = browser.get(&format!("{}/oauth/create_client", scene.tenant.issuer)).await;
    let login = browser.follow(visit).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let form = browser.follow(visit).await;
    (browser, form)
}

#[tokio::test(flavor = "multi_thread")]
async fn fn_13_developers_register_the_origins_of_their_pages() {
    let scene = self_service().await;
    let (mut browser, form) = signed_in(&scene).await;
    let typed = |origins: &'static str| {
        [
            ("name", "Shop"),
            ("website", "https://my-app.example.com"),
            ("redirect_uris", CALLBACK),
            ("origins", origins),
            ("kind", "confidential"),
            ("accept_terms", "1"),
        ]
    };
    for bad in ["https://shop.example/path", "https://*.example", "http://shop.example", "shop.example"] {
        let refused = browser.press(&form, "create", &typed(bad)).await;
        assert_eq!(refused.status, 400, "{bad}");
        assert!(refused.body.contains("id=\"origins-error\"") && refused.body.contains("Line 1"), "{}", refused.body);
    }
    let twice = browser.press(&form, "create", &typed("https://shop.example\n\nhttps://shop.example")).await;
    assert!(twice.status == 400 && twice.body.contains("Line 3"), "{}", twice.body);
    let made = browser.press(&form, "create", &typed("https://shop.example\r\n")).await;
    assert_eq!(made.status, 200, "{}", made.body);
    let text = |id: &str| {
        let from = made.body.find(&format!("id=\"{id}\"")).expect("an element");
        let rest = made.body[from..].split_once('>').expect("its text").1;
        rest.split_once('<').expect("its end").0.to_owned()
    };
    let partner =
        Partner { client_id: text("client_id"), secret: text("client_secret"), redirect_uri: CALLBACK.to_owned() };
    let details = format!("{}/clients/{}", scene.tenant.issuer, partner.client_id);
    assert!(browser.get(&details).await.body.contains(SHOP));
    let path = format!("/clients/{}", partner.client_id);
    scene.operator("POST", &format!("{path}/approve"), None).await;
    let scene = scene.as_partner(partner);
    let page = open(&mut Browser::new(), &location(&scene, json!({})).await).await;
    assert!(page.has_button("choose") && framed_by_the_shop(&page), "{}", page.header("content-security-policy"));
    // Another origin has to be looked at again; fewer have not.
    let edit = browser.get(&format!("{details}/edit")).await;
    assert!(edit.body.contains(SHOP), "what there is can be changed: {}", edit.body);
    browser.press(&edit, "save", &[("origins", "")]).await;
    assert_eq!(scene.operator("GET", &path, None).await["state"], "approved");
    let page = open(&mut Browser::new(), &location(&scene, json!({})).await).await;
    assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
    let edit = browser.get(&format!("{details}/edit")).await;
    browser.press(&edit, "save", &[("origins", "https://other.example")]).await;
    let after = scene.operator("GET", &path, None).await;
    assert_eq!((&after["state"], &after["origins"]), (&json!("pending"), &json!(["https://other.example"])), "{after}");
    // A form of somebody else changes nothing.
    let csrf = hidden(&edit.body, "csrf").expect("a token");
    let forged = Browser::new().post(&format!("{details}/edit"), &[("csrf", &csrf), ("origins", SHOP)]).await;
    assert_ne!(forged.status, 200);
    assert_eq!(scene.operator("GET", &path, None).await["origins"], json!(["https://other.example"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn origins_are_asked_for_only_where_pages_may_be_framed() {
    let scene = Scene::financefeast().await;
    let (_, form) = signed_in(&scene).await;
    assert!(form.has_button("create") && !form.body.contains("name=\"origins\""), "{}", form.body);
    let answer = scene.send(Method::GET, "/explorer", &[], None).await;
    assert_eq!(answer.header("x-frame-options"), "DENY");
}
