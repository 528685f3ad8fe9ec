use std::collections::HashSet;

use grantor_profile::Profile;

use crate::{
    browser::{authorize, encode},
    world::{ADA, CALLBACK, ISSUER, World},
};

#[tokio::test]
async fn login_and_consent_lead_back_with_a_code() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    assert_eq!((login.answer.status(), login.kind()), (200, "login"));
    assert!(login.has("Kea Budget"));
    let consent = browser.log_in(&login, "ada@example.org").await;
    assert_eq!(consent.kind(), "approve");
    for text in [
        "Kea Budget",
        "kea.example",
        "Ada Marker",
        "data-scope=\"openid\"",
        "data-scope=\"profile\"",
        "partner.example",
    ] {
        assert!(consent.has(text), "{text} is missing");
    }
    let end = browser.submit(&consent, &[], "approve").await.callback();
    assert_eq!(end["code"], "code-1");
    assert_eq!((end["state"].as_str(), end["iss"].as_str(), end["kept"].as_str()), ("st", ISSUER, "1"));
    let issued = world.vault.issued.lock()[0].clone();
    assert_eq!((issued.user, issued.client_id.as_str(), issued.nonce.as_deref()), (ADA, "partner", Some("no")));
    assert_eq!(issued.redirect_uri.as_deref(), Some(CALLBACK));
    assert_eq!(issued.scope, ["openid", "profile"]);
    assert_eq!((issued.amr, issued.acr.as_deref()), (vec!["pwd".to_owned()], Some("urn:grantor:acr:password")));
    assert_eq!(issued.auth_time.timestamp(), 1_800_000_000);
    assert!(!issued.auth_time_requested);
    assert_eq!(world.events().await, ["identity.session.started", "oauth.consent.granted"]);
    assert!(world.facts().await.is_empty());
}

#[tokio::test]
async fn the_second_time_nothing_is_asked() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    assert_eq!(browser.open(&authorize(&[])).await.callback()["code"], "code-2");
    assert_eq!(browser.open(&authorize(&[("scope", "openid")])).await.callback()["code"], "code-3");
    let more = browser.open(&authorize(&[("scope", "openid email")])).await;
    assert_eq!(more.kind(), "approve");
    assert_eq!(browser.submit(&more, &[], "approve").await.callback()["code"], "code-4");
    let consents = ["identity.session.started", "oauth.consent.granted", "oauth.consent.changed"];
    assert_eq!(world.events().await, consents);
    assert_eq!(browser.open(&authorize(&[("scope", "openid profile email")])).await.callback()["code"], "code-5");
}

#[tokio::test]
async fn a_consent_ends_by_itself() {
    let mut profile = Profile::preset("openid").unwrap();
    profile.interaction.consent.expires_days = Some(1);
    let world = World::with(profile).await;
    let browser = world.browser();
    browser.settle().await;
    world.clock.advance_seconds(86_400);
    let login = browser.open(&authorize(&[])).await;
    assert_eq!(login.kind(), "login", "the session is idle too long");
    assert_eq!(browser.log_in(&login, "ada@example.org").await.kind(), "approve");
}

#[tokio::test]
async fn denying_and_cancelling_are_told_to_the_client() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let cancelled = browser.submit(&login, &[], "cancel").await.callback();
    assert_eq!((cancelled["error"].as_str(), cancelled["state"].as_str()), ("access_denied", "st"));
    let login = browser.open(&authorize(&[])).await;
    let consent = browser.log_in(&login, "ada@example.org").await;
    let denied = browser.submit(&consent, &[], "deny").await.callback();
    assert_eq!((denied["error"].as_str(), denied["state"].as_str()), ("access_denied", "st"));
    assert!(!denied.contains_key("code"));
    assert!(world.vault.issued.lock().is_empty());
    assert_eq!(world.events().await, ["identity.session.started"]);
    let again = browser.submit(&consent, &[], "approve").await;
    assert_eq!((again.answer.status(), again.error().as_str()), (400, "interaction_expired"));
}

#[tokio::test]
async fn a_post_from_another_site_is_stored_and_goes_on_as_a_get() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let pairs = [
        ("response_type", "code"),
        ("client_id", "partner"),
        ("redirect_uri", CALLBACK),
        ("scope", "openid"),
        ("state", "posted"),
    ];
    let stored = browser.post_from_elsewhere("/oauth/authorize", &pairs).await;
    assert_eq!(stored.status(), 303);
    assert!(stored.header_values("set-cookie").is_empty(), "another tab's cookie would be lost");
    assert_eq!(browser.follow(stored).await.callback()["state"], "posted");
}

#[tokio::test]
async fn a_posted_request_belongs_to_the_first_browser_that_asks() {
    let world = World::new().await;
    let (first, second) = (world.browser(), world.browser());
    let link = authorize(&[]);
    let query = link.split_once('?').unwrap().1;
    let pairs: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let stored = first.post_from_elsewhere("/oauth/authorize", &pairs).await;
    let path = crate::browser::location(&stored).unwrap();
    assert_eq!(first.open(&path).await.kind(), "login");
    assert_eq!(second.open(&path).await.error(), "interaction_expired");
    assert_eq!(first.open(&path).await.kind(), "login");
}

#[tokio::test]
async fn the_answer_can_be_a_form() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let form = browser.open(&authorize(&[("response_mode", "form_post")])).await;
    assert_eq!((form.answer.status(), form.kind()), (200, "form_post"));
    for text in [
        "name=\"code\" value=\"code-2\"",
        "name=\"state\" value=\"st\"",
        "action=\"https://partner.example/callback?kept=1\"",
    ] {
        assert!(form.has(text), "{text}");
    }
    let policy = form.answer.content_security_policy().unwrap();
    assert!(policy.contains("form-action 'self' https://partner.example;"), "{policy}");
    let refused = browser.open(&authorize(&[("response_mode", "form_post"), ("scope", "openid none-such")])).await;
    assert!(refused.has("value=\"invalid_scope\""));
}

#[tokio::test]
async fn pages_allow_forms_to_end_at_the_client_and_no_framing() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let consent = browser.log_in(&login, "ada@example.org").await;
    for page in [login, consent] {
        let policy = page.answer.content_security_policy().unwrap();
        assert!(policy.contains("form-action 'self' https://partner.example;"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    }
}

#[tokio::test]
async fn a_request_that_nothing_protects_is_reported() {
    let world = World::with(Profile::preset("financefeast").unwrap()).await;
    let browser = world.browser();
    browser.open(&authorize(&[])).await;
    assert!(world.facts().await.is_empty());
    let page = browser.open(&authorize(&[("state", "")])).await;
    assert_eq!(page.kind(), "login");
    assert_eq!(world.facts().await, ["oauth.request.unprotected"]);
}

#[tokio::test]
async fn claims_beyond_the_scopes_are_consented_to() {
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let claims = r#"{"userinfo":{"email":null},"id_token":{"auth_time":{"essential":true}}}"#;
    let consent = browser.open(&authorize(&[("claims", claims)])).await;
    assert_eq!(consent.kind(), "approve");
    assert!(consent.has("data-scope=\"email\""));
    browser.submit(&consent, &[], "approve").await.callback();
    let issued = world.vault.issued.lock().last().unwrap().clone();
    assert_eq!(issued.scope, ["openid", "profile"]);
    assert!(issued.auth_time_requested);
    assert!(issued.claims.unwrap().contains("email"));
}

#[tokio::test]
async fn forty_good_logins_in_a_minute_pass() {
    let world = World::new().await;
    for _ in 0..40 {
        let browser = world.browser();
        let login = browser.open(&authorize(&[])).await;
        browser.log_in(&login, "ada@example.org").await;
    }
    let started = world.events().await;
    assert_eq!(started.len(), 40);
    assert_eq!(started.iter().collect::<HashSet<_>>().len(), 1);
}

#[tokio::test]
async fn the_language_is_the_requests_or_the_browsers_or_the_persons_choice() {
    let world = World::new().await;
    let browser = world.browser();
    let page = browser.open(&authorize(&[("ui_locales", "de")])).await;
    assert!(page.has("<html lang=\"de\""));
    let chosen = browser.open(&page.action().replace("/login", "?ui_locales=en")).await;
    assert!(chosen.has("<html lang=\"en\""));
    let consent = browser.log_in(&chosen, "ada@example.org").await;
    assert!(consent.has("<html lang=\"en\""), "the choice lasts");
    let german = crate::browser::Browser { language: "de-AT", ..world.browser() };
    assert!(german.open(&authorize(&[])).await.has("<html lang=\"de\""));
}

#[tokio::test]
async fn our_own_pages_have_a_login_too() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&format!("/login?{}", encode(&[("next", "create_client")]))).await;
    assert_eq!(login.kind(), "login");
    assert!(!login.has("id=\"cancel\""), "nobody waits");
    let end = browser.log_in(&login, "ada@example.org").await;
    assert_eq!(crate::browser::location(&end.answer).unwrap(), "/oauth/create_client");
    let again = browser.get("/login?next=https://evil.example").await;
    assert_eq!(crate::browser::location(&again).unwrap(), "/");
}

#[tokio::test]
async fn a_failing_token_service_loses_nothing() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let consent = browser.log_in(&login, "ada@example.org").await;
    *world.vault.down.lock() = true;
    let failed = browser.submit(&consent, &[], "approve").await;
    assert_eq!((failed.answer.status(), failed.answer.header_values("retry-after").len()), (503, 1));
    *world.vault.down.lock() = false;
    assert_eq!(browser.submit(&consent, &[], "approve").await.callback()["code"], "code-1");
}
