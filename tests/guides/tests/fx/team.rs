//! FX-07: a tenant's own staff.

use grantor_testkit::{Browser, Person, Visit};
use grantor_tests_guides::Scene;
use serde_json::json;

/// Signs somebody in on the way to the team's page.
async fn at_team(scene: &Scene, person: &Person) -> (Browser, Visit) {
    let mut browser = Browser::new();
    let visit = browser.get(&format!("{}/team", scene.tenant.issuer)).await;
    let login = browser.follow(visit).await;
    let filled = [("username", person.email.as_str()), ("password", person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let page = browser.follow(visit).await;
    (browser, page)
}

/// A posted form of the team's page, by its fields.
async fn send(scene: &Scene, browser: &mut Browser, page: &Visit, fields: &[(&str, &str)]) -> Visit {
    let csrf = grantor_testkit::hidden(&page.body, "csrf").expect("a token");
    let mut all = vec![("csrf", csrf.as_str())];
    all.extend(fields);
    browser.post(&format!("{}/team", scene.tenant.issuer), &all).await
}

/// The code in the last mail to somebody.
async fn invitation_code(scene: &Scene, email: &str) -> String {
    let mail = scene.world.mail_to(email).await;
    let body = mail["text"].as_str().or(mail["body"].as_str()).unwrap_or_default().to_owned();
    body.split_whitespace().find(|word| word.len() == 32).expect("a code").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_07_staff_is_invited_has_roles_and_what_each_did_is_kept() {
    let scene = Scene::financefeast().await;
    let (owner, second) = (&scene.person, scene.world.person(&scene.tenant, "second@example.com").await);
    let set = format!("/team/{}", owner.email);
    let team = scene.operator("PUT", &set, Some(json!({ "role": "owner" }))).await;
    assert_eq!(team["items"][0]["role"], "owner", "the first comes from the operator");
    // The owner invites by mail; the code is worth nothing to anybody else.
    let (mut browser, page) = at_team(&scene, owner).await;
    assert!(page.body.contains("data-role=\"owner\"") && page.has_button("invite"), "{}", page.body);
    let wrong =
        send(&scene, &mut browser, &page, &[("invite", "invite"), ("email", "nobody"), ("role", "viewer")]).await;
    assert!(wrong.body.contains("id=\"error\""), "{}", wrong.body);
    let fields = [("invite", "invite"), ("email", "second@example.com"), ("role", "reviewer")];
    let sent = send(&scene, &mut browser, &page, &fields).await;
    assert!(sent.status == 200 && sent.body.contains("message-good"), "{}", sent.body);
    let code = invitation_code(&scene, "second@example.com").await;
    let thief = scene.world.person(&scene.tenant, "thief@example.com").await;
    let (mut other, page) = at_team(&scene, &thief).await;
    assert!(page.has_button("join") && !page.body.contains("data-member"), "{}", page.body);
    let refused = other.press(&page, "join", &[("code", &code)]).await;
    assert!(refused.body.contains("id=\"error\""), "{}", refused.body);
    let (mut reviewer, joining) = at_team(&scene, &second).await;
    let visit = reviewer.press(&joining, "join", &[("code", &code)]).await;
    let page = reviewer.follow(visit).await;
    assert!(page.body.contains("data-role=\"reviewer\"") && !page.has_button("invite"), "{}", page.body);
    let again = scene.world.person(&scene.tenant, "again@example.com").await;
    let (mut late, join) = at_team(&scene, &again).await;
    assert!(late.press(&join, "join", &[("code", &code)]).await.body.contains("id=\"error\""), "once");
    // What nobody has used yet can be withdrawn; then its code is worth nothing.
    let fields = [("invite", "invite"), ("email", "again@example.com"), ("role", "owner")];
    let page = browser.get(&format!("{}/team", scene.tenant.issuer)).await;
    let page = send(&scene, &mut browser, &page, &fields).await;
    assert_eq!(page.body.matches("data-invitation").count(), 1, "a used one is none any more: {}", page.body);
    let id = page.body.split("data-invitation=\"").nth(1).and_then(|rest| rest.split('"').next());
    let id = id.expect("an id").to_owned();
    let forbidden = send(&scene, &mut reviewer, &joining, &[("withdraw", &id)]).await;
    assert_eq!(forbidden.status, 403, "{}", forbidden.body);
    let unknown = send(&scene, &mut browser, &page, &[("withdraw", "00")]).await;
    assert_eq!(unknown.status, 404, "{}", unknown.body);
    let withdrawn = send(&scene, &mut browser, &page, &[("withdraw", &id)]).await;
    let good = withdrawn.body.contains("message-good") && !withdrawn.body.contains("data-invitation");
    assert!(good, "{}", withdrawn.body);
    let code = invitation_code(&scene, "again@example.com").await;
    assert!(late.press(&join, "join", &[("code", &code)]).await.body.contains("id=\"error\""), "withdrawn");
    // A reviewer judges clients of this tenant, and no more.
    let forbidden = send(&scene, &mut reviewer, &joining, &[("remove", &owner.id.to_string())]).await;
    assert_eq!(forbidden.status, 403, "{}", forbidden.body);
    let unknown = send(&scene, &mut reviewer, &joining, &[("approve", "no-such-client")]).await;
    assert_eq!(unknown.status, 404);
    // Judging one that a developer registered, and a history for it.
    let waiting = crate::ff::register::pending(&scene).await.1.client_id;
    let page = reviewer.get(&format!("{}/team", scene.tenant.issuer)).await;
    assert!(page.body.contains(&format!("data-client=\"{waiting}\"")), "{}", page.body);
    let approved = send(&scene, &mut reviewer, &page, &[("approve", &waiting)]).await;
    assert!(approved.body.contains("message-good"), "{}", approved.body);
    let now = scene.operator("GET", &format!("/clients/{waiting}"), None).await;
    assert_eq!(now["state"], "approved");
    let history = browser.get(&format!("{}/team/{}", scene.tenant.issuer, second.id)).await;
    for event in ["oauth.client.approved", "platform.tenant.member_joined"] {
        assert!(history.body.contains(&format!("data-event=\"{event}\"")), "{event}: {}", history.body);
    }
    assert!(history.body.contains(&waiting));
    let strangers = other.get(&format!("{}/team/{}", scene.tenant.issuer, second.id)).await;
    assert_eq!(strangers.status, 404, "nobody else sees it");
    // The last owner stays; who is removed is out at once.
    let page = browser.get(&format!("{}/team", scene.tenant.issuer)).await;
    let stays = send(&scene, &mut browser, &page, &[("remove", &owner.id.to_string())]).await;
    assert!(stays.body.contains("id=\"error\""), "{}", stays.body);
    let gone = send(&scene, &mut browser, &page, &[("remove", &second.id.to_string())]).await;
    assert_eq!(gone.status, 303, "{}", gone.body);
    let out = reviewer.get(&format!("{}/team", scene.tenant.issuer)).await;
    assert!(out.has_button("join") && !out.body.contains("data-member"), "{}", out.body);
}
