use grantor_profile::Profile;

use crate::{
    browser::authorize,
    world::{ADA, BOB, World},
};

#[tokio::test]
async fn prompt_none_never_shows_a_page() {
    let world = World::new().await;
    let browser = world.browser();
    let none = authorize(&[("prompt", "none")]);
    assert_eq!(browser.open(&none).await.callback()["error"], "login_required");
    let login = browser.open(&authorize(&[])).await;
    browser.log_in(&login, "ada@example.org").await;
    assert_eq!(browser.open(&none).await.callback()["error"], "consent_required");
    browser.settle_consent().await;
    assert_eq!(browser.open(&none).await.callback()["state"], "st");
    assert_eq!(world.vault.issued.lock().len(), 2);
}

impl crate::browser::Browser<'_> {
    async fn settle_consent(&self) {
        let consent = self.open(&authorize(&[])).await;
        self.submit(&consent, &[], "approve").await.callback();
    }
}

#[tokio::test]
async fn prompt_login_asks_once_and_makes_a_new_auth_time() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    world.clock.advance_seconds(100);
    let login = browser.open(&authorize(&[("prompt", "login")])).await;
    assert_eq!(login.kind(), "login");
    assert!(login.has("value=\"ada@example.org\""), "who is signed in need not type it again");
    browser.log_in(&login, "ada@example.org").await.callback();
    let times: Vec<i64> = world.vault.issued.lock().iter().map(|issued| issued.auth_time.timestamp()).collect();
    assert_eq!(times, [1_800_000_000, 1_800_000_100]);
    let expected =
        ["identity.session.started", "oauth.consent.granted", "identity.session.started", "identity.session.ended"];
    assert_eq!(world.events().await, expected);
}

#[tokio::test]
async fn max_age_asks_when_the_login_is_too_old() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    world.clock.advance_seconds(100);
    assert!(browser.open(&authorize(&[("max_age", "100")])).await.callback().contains_key("code"));
    assert!(world.vault.issued.lock().last().unwrap().auth_time_requested);
    let login = browser.open(&authorize(&[("max_age", "99")])).await;
    assert_eq!(login.kind(), "login");
    assert!(browser.log_in(&login, "ada@example.org").await.callback().contains_key("code"));
    assert_eq!(
        browser.open(&authorize(&[("max_age", "0"), ("prompt", "none")])).await.callback()["error"],
        "login_required"
    );
}

#[tokio::test]
async fn prompt_consent_asks_again() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let consent = browser.open(&authorize(&[("prompt", "consent")])).await;
    assert_eq!(consent.kind(), "approve");
    browser.submit(&consent, &[], "approve").await.callback();
}

#[tokio::test]
async fn prompt_select_account_goes_on_with_the_account_or_another() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let page = browser.open(&authorize(&[("prompt", "select_account")])).await;
    assert_eq!(page.kind(), "other");
    assert!(page.has("Ada Marker") && page.has("ada@example.org"));
    let ada = ADA.to_string();
    let end = browser.submit(&page, &[("continue", &ada)], "none").await;
    assert!(end.callback().contains_key("code"));
    let page = browser.open(&authorize(&[("prompt", "select_account")])).await;
    let login = browser.submit(&page, &[], "other").await;
    assert_eq!(login.kind(), "login");
    let consent = browser.log_in(&login, "bob@example.org").await;
    assert_eq!(consent.kind(), "approve");
    browser.submit(&consent, &[], "approve").await.callback();
    assert_eq!(world.vault.issued.lock().last().unwrap().user, BOB);
}

#[tokio::test]
async fn not_you_leads_to_another_login() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let consent = browser.log_in(&login, "ada@example.org").await;
    let login = browser.submit(&consent, &[], "switch").await;
    assert_eq!(login.kind(), "login");
    let consent = browser.log_in(&login, "bob@example.org").await;
    assert!(consent.has("Bob Marker"));
}

#[tokio::test]
async fn the_hinted_user_must_be_the_one() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let hint = |user: grantor_ids::UserId| format!("{user} partner");
    let silent = |hint: &str| authorize(&[("prompt", "none"), ("id_token_hint", hint)]);
    assert!(browser.open(&silent(&hint(ADA))).await.callback().contains_key("code"));
    assert_eq!(browser.open(&silent(&hint(BOB))).await.callback()["error"], "login_required");
    assert_eq!(browser.open(&silent("not one of ours")).await.callback()["error"], "login_required");
    assert_eq!(browser.open(&silent(&format!("{ADA} somebody-else"))).await.callback()["error"], "login_required");
    let login = browser.open(&authorize(&[("id_token_hint", &hint(BOB))])).await;
    assert_eq!(login.kind(), "login");
    assert_eq!(browser.log_in(&login, "ada@example.org").await.callback()["error"], "login_required");
    let login = browser.open(&authorize(&[("id_token_hint", &hint(BOB))])).await;
    let consent = browser.log_in(&login, "bob@example.org").await;
    assert_eq!(consent.kind(), "approve");
    let claims = format!(r#"{{"id_token":{{"sub":{{"value":"{ADA}"}}}}}}"#);
    assert_eq!(
        browser.open(&authorize(&[("prompt", "none"), ("claims", &claims)])).await.callback()["error"],
        "login_required"
    );
}

#[tokio::test]
async fn acr_values_are_voluntary_and_an_essential_acr_is_not() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    assert!(browser.open(&authorize(&[("acr_values", "phr phrh")])).await.callback().contains_key("code"));
    let essential = |value: &str| format!(r#"{{"id_token":{{"acr":{{"essential":true,"values":["{value}"]}}}}}}"#);
    let met = browser.open(&authorize(&[("claims", &essential("urn:grantor:acr:password"))])).await;
    assert!(met.callback().contains_key("code"));
    let unmet = browser.open(&authorize(&[("claims", &essential("phr"))])).await;
    assert_eq!(unmet.callback()["error"], "unmet_authentication_requirements");
}

#[tokio::test]
async fn a_tenant_may_ask_every_time_or_never() {
    for (remembered, ui, kind) in [(false, "page", "approve"), (true, "none", "none")] {
        let mut profile = Profile::preset("openid").unwrap();
        profile.interaction.consent.remembered = remembered;
        if ui == "none" {
            profile.interaction.consent.ui = grantor_profile::ConsentUi::None;
        }
        let world = World::with(profile).await;
        let browser = world.browser();
        let login = browser.open(&authorize(&[])).await;
        let page = browser.log_in(&login, "ada@example.org").await;
        assert_eq!(page.kind(), kind);
        if kind == "approve" {
            browser.submit(&page, &[], "approve").await.callback();
            assert_eq!(browser.open(&authorize(&[])).await.kind(), "approve");
        } else {
            assert!(page.callback().contains_key("code"));
        }
    }
}
