use crate::{
    browser::{Browser, Seen, authorize, location},
    world::{ADA, PASSWORD, World},
};

const NEW: &str = "quite another sentence";

fn below(page: &Seen, path: &str) -> String {
    page.action().replace("/login", path)
}

/// From a login page to the page that asks for the code.
async fn ask(browser: &Browser<'_>, login: &Seen, email: &str) -> Seen {
    assert!(login.has("id=\"forgot_link\""));
    let forgot = browser.open(&below(login, "/reset")).await;
    assert_eq!(forgot.kind(), "reset");
    browser.submit(&forgot, &[("email", email)], "reset").await
}

#[tokio::test]
async fn a_new_password_leads_to_the_login_page_of_the_same_request() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[("state", "kept")])).await;
    let page = ask(&browser, &login, "ada@example.org").await;
    assert!(page.kind() == "change" && page.has("ada@example.org"));
    let wrong = browser.submit(&page, &[("code", "11111111"), ("password", NEW)], "change").await;
    assert!(wrong.kind() == "change" && wrong.has("id=\"code-error\"") && !wrong.has(NEW));
    let resent = browser.submit(&page, &[], "resend").await;
    assert!(resent.kind() == "change" && resent.has("role=\"status\""));
    let again = browser.submit(&page, &[("code", " 1234-5678 "), ("password", NEW)], "change").await;
    assert_eq!(again.kind(), "login");
    assert!(again.has("Your password has been changed") && again.has("value=\"ada@example.org\""));
    assert!(world.events().await.is_empty(), "nobody is logged in by a code from a mail");
    let old = browser.submit(&again, &[("username", "ada@example.org"), ("password", PASSWORD)], "login").await;
    assert!(old.kind() == "login" && old.has("role=\"alert\""));
    let consent = browser.submit(&again, &[("username", "ada@example.org"), ("password", NEW)], "login").await;
    assert_eq!(consent.kind(), "approve");
    assert_eq!(browser.submit(&consent, &[], "approve").await.callback()["state"], "kept");
}

#[tokio::test]
async fn a_known_and_an_unknown_address_read_the_same() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let known = ask(&browser, &login, "ada@example.org").await;
    let wrong = [("code", "11111111"), ("password", NEW)];
    let known_wrong = browser.submit(&known, &wrong, "change").await;
    let unknown = ask(&browser, &login, "eve@example.org").await;
    let unknown_wrong = browser.submit(&unknown, &wrong, "change").await;
    assert_eq!(known.html.replace("ada@", "eve@"), unknown.html);
    assert_eq!(known_wrong.html.replace("ada@", "eve@"), unknown_wrong.html);
}

#[tokio::test]
async fn mistakes_are_shown_beside_the_fields() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let invalid = ask(&browser, &login, "nowhere").await;
    assert!(invalid.kind() == "reset" && invalid.has("id=\"email-error\"") && invalid.has("value=\"nowhere\""));
    let page = ask(&browser, &login, "ada@example.org").await;
    let long = "x".repeat(129);
    for password in ["short", "password", &long] {
        let refused = browser.submit(&page, &[("code", "12345678"), ("password", password)], "change").await;
        assert!(refused.kind() == "change" && refused.has("id=\"password-error\""), "{password}");
        assert!(refused.has("value=\"12345678\""), "the code need not be typed again");
    }
}

#[tokio::test]
async fn a_spent_code_leads_back_to_the_form() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let page = ask(&browser, &login, "ada@example.org").await;
    let again = browser.submit(&page, &[("code", "00000000"), ("password", NEW)], "change").await;
    assert!(again.kind() == "reset" && again.has("ada@example.org") && again.has("role=\"alert\""));
    assert_eq!(browser.open(&page.action()).await.kind(), "reset");
    assert_eq!(browser.submit(&page, &[("code", "12345678"), ("password", NEW)], "change").await.kind(), "reset");
}

#[tokio::test]
async fn giving_up_is_told_to_the_client_on_both_pages() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let forgot = browser.open(&below(&login, "/reset")).await;
    assert_eq!(browser.submit(&forgot, &[], "cancel").await.callback()["error"], "access_denied");
    let login = browser.open(&authorize(&[])).await;
    let page = ask(&browser, &login, "ada@example.org").await;
    assert_eq!(browser.submit(&page, &[], "cancel").await.callback()["error"], "access_denied");
}

#[tokio::test]
async fn who_is_signed_in_logs_in_again_after_a_reset() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let login = browser.open(&authorize(&[("prompt", "login")])).await;
    let page = ask(&browser, &login, "ada@example.org").await;
    let again = browser.submit(&page, &[("code", "12345678"), ("password", NEW)], "change").await;
    assert_eq!(again.kind(), "login");
    assert_eq!(browser.open(&below(&again, "")).await.kind(), "login", "not by the session from before either");
    assert!(world.people.not_before(ADA).is_some());
}

#[tokio::test]
async fn people_can_reset_their_password_without_a_client() {
    let world = World::new().await;
    let browser = world.browser();
    let forgot = browser.open("/reset?next=create_client").await;
    assert!(forgot.kind() == "reset" && !forgot.has("id=\"cancel\""));
    let page = browser.submit(&forgot, &[("email", "ada@example.org")], "reset").await;
    let login = browser.submit(&page, &[("code", "12345678"), ("password", NEW)], "change").await;
    let end = browser.submit(&login, &[("username", "ada@example.org"), ("password", NEW)], "login").await;
    assert_eq!(location(&end.answer).unwrap(), "/oauth/create_client");
}

#[tokio::test]
async fn a_reset_is_of_one_browser_and_its_forms_carry_the_token() {
    let world = World::new().await;
    let (victim, attacker) = (world.browser(), world.browser());
    let login = victim.open(&authorize(&[])).await;
    let page = ask(&victim, &login, "ada@example.org").await;
    attacker.open(&authorize(&[])).await;
    let code = [("code", "12345678"), ("password", NEW)];
    assert_eq!(attacker.submit(&page, &code, "change").await.error(), "interaction_expired");
    for path in [page.action(), below(&login, "/reset")] {
        let refused = victim.follow(victim.post(&path, &code).await).await;
        assert_eq!((refused.answer.status(), refused.error().as_str()), (403, "form_expired"));
    }
    assert!(world.people.not_before(ADA).is_none());
}

#[tokio::test]
async fn a_throttled_reset_says_when_to_come_back() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    *world.people.throttled.lock() = true;
    let refused = ask(&browser, &login, "ada@example.org").await;
    assert_eq!((refused.answer.status(), refused.kind()), (429, "reset"));
    assert_eq!(refused.answer.header_values("retry-after"), ["60"]);
}
