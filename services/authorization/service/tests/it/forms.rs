use crate::{
    browser::{Browser, authorize},
    world::{PASSWORD, World},
};

#[tokio::test]
async fn a_form_without_the_visits_token_changes_nothing() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let fields = [("username", "ada@example.org"), ("password", PASSWORD), ("login", "login")];
    for csrf in [None, Some("wrong")] {
        let mut pairs = fields.to_vec();
        pairs.extend(csrf.map(|csrf| ("csrf", csrf)));
        let refused = browser.follow(browser.post(&login.action(), &pairs).await).await;
        assert_eq!((refused.answer.status(), refused.error().as_str()), (403, "form_expired"));
    }
    let other = browser.open(&authorize(&[("state", "other")])).await;
    let mut pairs = fields.to_vec();
    let csrf = other.csrf();
    pairs.push(("csrf", &csrf));
    let refused = browser.follow(browser.post(&login.action(), &pairs).await).await;
    assert_eq!(refused.error(), "form_expired", "another visit's token");
    assert!(world.events().await.is_empty());
    assert_eq!(browser.log_in(&login, "ada@example.org").await.kind(), "approve");
}

#[tokio::test]
async fn a_visit_is_of_one_browser() {
    let world = World::new().await;
    let (victim, attacker) = (world.browser(), world.browser());
    let login = victim.open(&authorize(&[])).await;
    let stolen = attacker.log_in(&login, "bob@example.org").await;
    assert_eq!(stolen.error(), "interaction_expired");
    attacker.open(&authorize(&[])).await;
    let stolen = attacker.log_in(&login, "bob@example.org").await;
    assert_eq!(stolen.error(), "interaction_expired");
    assert!(world.events().await.is_empty());
}

#[tokio::test]
async fn nobody_consents_for_somebody_else() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let consent = browser.log_in(&login, "ada@example.org").await;
    let other_tab = browser.open(&authorize(&[("prompt", "login")])).await;
    browser.log_in(&other_tab, "bob@example.org").await;
    let refused = browser.submit(&consent, &[], "approve").await;
    assert_eq!((refused.answer.status(), refused.error().as_str()), (403, "form_expired"));
    assert!(world.vault.issued.lock().is_empty());
}

#[tokio::test]
async fn an_unknown_user_and_a_wrong_password_read_the_same() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.open(&authorize(&[])).await;
    let wrong = browser.submit(&page, &[("username", "ada@example.org"), ("password", "wrong")], "login").await;
    let unknown = browser.submit(&page, &[("username", "eve@example.org"), ("password", "wrong")], "login").await;
    assert_eq!((wrong.answer.status(), wrong.kind()), (200, "login"));
    assert!(wrong.has("role=\"alert\""));
    assert_eq!(wrong.html.replace("ada@", "eve@"), unknown.html);
    let empty = browser.submit(&page, &[], "login").await;
    assert_eq!(empty.kind(), "login");
}

#[tokio::test]
async fn a_throttled_login_says_when_to_come_back() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.open(&authorize(&[])).await;
    *world.people.throttled.lock() = true;
    let refused = browser.log_in(&page, "ada@example.org").await;
    assert_eq!((refused.answer.status(), refused.kind()), (429, "login"));
    assert_eq!(refused.answer.header_values("retry-after"), ["60"]);
}

#[tokio::test]
async fn a_login_hint_is_filled_in_and_kept_sealed() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.open(&authorize(&[("login_hint", "marked-hint@example.org")])).await;
    assert!(page.has("value=\"marked-hint@example.org\""));
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(11).any(|window| window == b"marked-hint"));
    }
}

#[tokio::test]
async fn on_loopback_http_cookies_have_no_prefix() {
    let world = World::new().await;
    let browser = Browser { https: false, ..world.browser() };
    browser.settle().await;
    let names: Vec<String> = browser.jar.lock().keys().cloned().collect();
    assert_eq!(names, ["grantor-000000007e1a", "grantor-000000007e1a-browser"]);
}
