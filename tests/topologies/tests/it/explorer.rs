//! The API explorer reaches its tenant's endpoints, whatever process they are in.

use grantor_testkit::{Browser, Visit, hidden};
use grantor_tests_topologies::{Deployment, Scenario, Shape};
use serde_json::json;

/// Runs a task with these fields.
async fn run(browser: &mut Browser, page: &Visit, task: &str, fields: &[(&str, &str)]) -> Visit {
    let chosen = browser.press(page, "run", &[("go", task)]).await;
    assert_eq!(chosen.status, 200, "{}", chosen.body);
    browser.press(&chosen, "run", fields).await
}

fn status(page: &Visit) -> &str {
    page.body.split("data-status=\"").nth(1).map_or("no call", |rest| &rest[..3])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_explorer_works_where_each_service_is_its_own_process() {
    let deployment = Deployment::start(Shape::Split, "").await;
    let scenario = Scenario::at(&deployment);
    let tenant = scenario.guided("access", "finapi").await;
    let partner = scenario.partner_with(&tenant, json!({ "scopes": ["all"], "password_grant": true })).await;
    let (id, secret) = (partner.client_id.as_str(), partner.secret.as_str());
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}/explorer?ui_locales=en", tenant.issuer)).await;
    // The token service's endpoint.
    let page = run(&mut browser, &page, "get_client_token", &[("client_id", id), ("client_secret", secret)]).await;
    assert_eq!(status(&page), "200", "{}", page.body);
    let token = hidden(&page.body, "token_box").expect("a token box");
    assert!(page.body.contains("curl ") && token.len() == 128, "{}", page.body);
    // The directory's.
    let user = [("id", "username"), ("password", "a-password-7"), ("email", "email@localhost.de")];
    let page = run(&mut browser, &page, "create_user", &user).await;
    assert_eq!(status(&page), "201", "{}", page.body);
    let login = [("client_secret", secret), ("username", "username"), ("password", "a-password-7")];
    let page = run(&mut browser, &page, "get_user_token", &login).await;
    assert_eq!(status(&page), "200", "{}", page.body);
    let page = run(&mut browser, &page, "get_user", &[]).await;
    assert!(status(&page) == "200" && page.body.contains("username"), "{}", page.body);
    // Its own process'.
    let page = run(&mut browser, &page, "get_client_configuration", &[("token_box", &token)]).await;
    assert_eq!(status(&page), "200", "{}", page.body);
    // Refused as it would be anywhere else.
    let page = run(&mut browser, &page, "get_client_token", &[("client_id", id), ("client_secret", "wrong")]).await;
    assert_eq!(status(&page), "401", "{}", page.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_explorer_says_when_a_process_is_away() {
    let mut deployment = Deployment::start(Shape::Split, "").await;
    let tenant = Scenario::at(&deployment).guided("access", "finapi").await;
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}/explorer?ui_locales=en", tenant.issuer)).await;
    deployment.process("token").kill();
    let page = run(&mut browser, &page, "get_client_token", &[("client_id", "a"), ("client_secret", "b")]).await;
    assert_eq!(page.status, 200);
    assert!(status(&page) == "no call" && page.body.contains("role=\"alert\""), "{}", page.body);
}
