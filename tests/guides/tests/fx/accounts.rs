//! FX-11, FX-32: what access is given to.

use grantor_testkit::Browser;
use grantor_tests_guides::Scene;
use serde_json::{Value, json};

use super::{connected, consent, disconnect, exchange, link, revocation::at_page, scene, text};

/// A business account of the scene's person and a colleague.
async fn business(scene: &Scene) -> (Value, grantor_testkit::Person) {
    let colleague = scene.world.person(&scene.tenant, "colleague@example.com").await;
    let wanted = json!({ "name": "Analytical Engines Ltd", "user": scene.person.id });
    let account = scene.operator("POST", "/accounts", Some(wanted)).await;
    let users = format!("/accounts/{}/users", text(&account, "id"));
    let account = scene.operator("POST", &users, Some(json!({ "user": colleague.id }))).await;
    (account, colleague)
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_11_access_is_given_to_an_account_that_several_people_may_act_for() {
    let scene = scene().await;
    let (account, colleague) = business(&scene).await;
    let id = text(&account, "id");
    assert_eq!(account["users"], json!([scene.person.id, colleague.id]));
    // Whoever may act for more than one account says which one is meant.
    let mut browser = Browser::new();
    let page = consent(&scene, &mut browser, &link(&scene), &scene.person).await;
    assert!(page.body.contains("Analytical Engines Ltd") && page.body.contains(id), "{}", page.body);
    let back = browser.press(&page, "approve", &[("account", id)]).await;
    let (_, token) = exchange(&scene, &back.returned("code").expect("a code")).await;
    assert_eq!(text(&token, "account_id"), id);
    // The colleague sees it and takes it back.
    let mut other = scene.as_person(colleague);
    let (mut browser, page) = at_page(&other, "/apps").await;
    assert!(page.body.contains("Portfolio Planner"), "{}", page.body);
    browser.press(&page, "revoke", &[]).await;
    assert!(!other.is_active(text(&token, "access_token")).await);
    // Somebody else's account cannot be chosen.
    let stranger = other.world.person(&other.tenant, "stranger@example.com").await;
    other.person = stranger;
    let mut browser = Browser::new();
    let page = consent(&other, &mut browser, &link(&other), &other.person).await;
    let forged = browser.press(&page, "approve", &[("account", id)]).await;
    let (_, token) = exchange(&other, &forged.returned("code").expect("a code")).await;
    assert_ne!(text(&token, "account_id"), id, "a choice that was not offered is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_32_the_account_id_stays_the_same() {
    let scene = scene().await;
    let first = connected(&scene).await;
    let account = text(&first, "account_id").to_owned();
    assert_ne!(account, scene.person.id.to_string(), "it names the account, not the person");
    assert_eq!(connected(&scene).await["account_id"], account, "another authorization");
    let (_, refreshed) = scene.tokens().refresh(text(&first, "refresh_token")).await;
    assert_eq!(refreshed["account_id"], account);
    disconnect(&scene, text(&first, "refresh_token")).await;
    assert_eq!(connected(&scene).await["account_id"], account, "after a revocation");
    let other = scene.world.partner_with(&scene.tenant, |client| client.scopes = vec!["customer_read".into()]).await;
    let scene = scene.as_partner(other);
    assert_eq!(connected(&scene).await["account_id"], account, "for another platform");
    let somebody = scene.world.person(&scene.tenant, "else@example.com").await;
    let scene = scene.as_person(somebody);
    assert_ne!(connected(&scene).await["account_id"], account);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_who_leaves_acts_for_the_account_no_more() {
    let scene = scene().await;
    let (account, colleague) = business(&scene).await;
    let id = text(&account, "id");
    let user = format!("/accounts/{id}/users/{}", colleague.id);
    assert_eq!(scene.operator("DELETE", &user, None).await["users"], json!([scene.person.id]));
    let other = scene.as_person(colleague);
    let token = connected(&other).await;
    assert_ne!(text(&token, "account_id"), id);
    let last = format!(
        "/admin/v1/tenants/{}/accounts/{id}/users/{}",
        other.tenant.slug,
        account["users"][0].as_str().unwrap()
    );
    assert_eq!(other.world.admin("DELETE", &last, None).await.0, 409, "somebody has to be there");
}
