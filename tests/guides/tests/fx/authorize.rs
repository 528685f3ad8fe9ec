//! FX-11 to FX-27: from the link to the way back.

use grantor_testkit::{Browser, hidden};
use grantor_tests_guides::Scene;
use reqwest::Method;
use serde_json::json;

use super::{CALLBACK, connected, consent, exchange, link, scene, text};

#[tokio::test(flavor = "multi_thread")]
async fn fx_12_a_client_id_alone_is_a_complete_request() {
    let scene = scene().await;
    let mut browser = Browser::new();
    let page = consent(&scene, &mut browser, &link(&scene), &scene.person).await;
    for scope in super::PERMISSIONS {
        assert!(page.body.contains(&format!("data-scope=\"{scope}\"")), "{scope}: {}", page.body);
    }
    let back = browser.press(&page, "approve", &[]).await;
    assert!(back.location().is_some_and(|to| to.as_str().starts_with(&format!("{CALLBACK}?code="))));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_13_the_path_has_a_slash_at_its_end_or_not_and_the_query_survives() {
    let scene = scene().await;
    for path in ["/oauth/", "/oauth"] {
        let url = format!("{}{path}?client_id={}&state=kept", scene.tenant.issuer, scene.partner.client_id);
        let visit = Browser::new().get(&url).await;
        assert_eq!(visit.status, 303);
        assert!(visit.location().is_some_and(|to| to.path().starts_with("/interaction/")), "{path}: no detour");
    }
    let answer = scene.send(Method::GET, &format!("{}/oauth/", scene.tenant.api), &[], None).await;
    assert_eq!(answer.status, 404, "the identity host has it");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_14_client_ids_are_app_and_thirteen_characters() {
    let scene = scene().await;
    let id = &scene.partner.client_id;
    let tail = id.strip_prefix("app_").expect("the prefix");
    assert!(id.len() == 17 && tail.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_15_response_type_may_be_absent_and_is_code_otherwise() {
    let scene = scene().await;
    let mut browser = Browser::new();
    browser.code(&link(&scene), &scene.person).await;
    assert!(browser.get(&link(&scene).with("response_type", "code").url()).await.returned("code").is_some());
    let other = browser.get(&link(&scene).with("response_type", "token").url()).await;
    assert_eq!(other.returned("error").as_deref(), Some("unsupported_response_type"));
    assert_eq!(other.returned("error_code").as_deref(), Some("unsupported_response_type"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_16_the_default_redirect_uri_stands_in_and_others_match_exactly() {
    let scene = scene().await;
    let mut browser = Browser::new();
    browser.code(&link(&scene), &scene.person).await;
    let second = "https://yourplatformwebsite.com/second";
    let visit = browser.get(&link(&scene).with("redirect_uri", second).url()).await;
    assert!(visit.location().is_some_and(|to| to.as_str().starts_with(&format!("{second}?code="))));
    for other in [&format!("{CALLBACK}/"), "https://yourplatformwebsite.com/Authorize", "https://evil.example"] {
        let visit = browser.get(&link(&scene).with("redirect_uri", other).url()).await;
        assert_eq!((visit.page_error(), visit.location()), (Some("redirect_uri_not_registered"), None), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_17_scopes_come_with_commas_or_spaces_and_stay_within_the_app() {
    let scene = scene().await;
    let mut browser = Browser::new();
    browser.code(&link(&scene), &scene.person).await;
    for (asked, granted) in [
        ("customer_read,customer_write", "customer_read,customer_write"),
        ("customer_write customer_read", "customer_write,customer_read"),
        ("customer_write, customer_read", "customer_write,customer_read"),
        (",,customer_read, ,", "customer_read"),
    ] {
        let code = browser.get(&link(&scene).with("scope", asked).url()).await.returned("code").expect("a code");
        assert_eq!(text(&exchange(&scene, &code).await.1, "scope"), granted, "{asked}");
    }
    for excess in ["customer_read,payment_write", "payment_write", "customer_read;customer_write", "nothing"] {
        let visit = browser.get(&link(&scene).with("scope", excess).url()).await;
        assert_eq!(visit.returned("error").as_deref(), Some("invalid_scope"), "{excess}");
    }
    let all = browser.get(&link(&scene).url()).await.returned("code").expect("a code");
    assert_eq!(text(&exchange(&scene, &all).await.1, "scope"), "customer_read,customer_write", "all of the app's");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_18_state_is_echoed_on_success_and_on_error() {
    let scene = scene().await;
    let mut browser = Browser::new();
    browser.code(&link(&scene), &scene.person).await;
    for state in ["a-unique-token", "a b+c&d=ü/?#%"] {
        let success = browser.get(&link(&scene).with("state", state).url()).await;
        assert_eq!(success.returned("state").as_deref(), Some(state));
        let error = browser.get(&link(&scene).with("state", state).with("scope", "nothing").url()).await;
        assert_eq!(error.returned("state").as_deref(), Some(state));
    }
    assert!(browser.get(&link(&scene).url()).await.returned("state").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_20_the_user_is_asked_to_accept_or_deny() {
    let scene = scene().await;
    let mut browser = Browser::new();
    let page = consent(&scene, &mut browser, &link(&scene), &scene.person).await;
    assert!(page.has_button("approve") && page.has_button("deny") && page.body.contains("Portfolio Planner"));
}

/// Fills in the sign-up pages of a visit and answers the page that comes then.
async fn sign_up(scene: &Scene, browser: &mut Browser, email: &str) -> grantor_testkit::Visit {
    let visit = browser.get(&link(scene).with("state", "kept").with("scope", "customer_read").url()).await;
    let login = browser.follow(visit).await;
    let page = browser.get(&format!("{}/signup", login.url)).await;
    let fields = [("name", "New Person"), ("email", email), ("password", "a passphrase of some length")];
    let visit = browser.press(&page, "signup", &fields).await;
    let verify = browser.follow(visit).await;
    let mail = scene.world.mail_to(email).await;
    let body = mail["text"].as_str().or(mail["body"].as_str()).unwrap_or_default().to_owned();
    let bare: String = body.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let code = bare.split(|c: char| !c.is_ascii_digit()).find(|run| run.len() == 8).expect("a code").to_owned();
    let visit = browser.press(&verify, "verify", &[("code", &code)]).await;
    browser.follow(visit).await
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_21_whoever_has_no_account_makes_one_and_goes_on() {
    let scene = scene().await;
    let mut browser = Browser::new();
    let page = sign_up(&scene, &mut browser, "new@example.com").await;
    assert!(page.has_button("approve"), "the same request goes on: {}", page.body);
    assert!(page.body.contains("data-scope=\"customer_read\"") && !page.body.contains("customer_write"));
    let back = browser.press(&page, "approve", &[]).await;
    assert_eq!(back.returned("state").as_deref(), Some("kept"));
    let (_, token) = exchange(&scene, &back.returned("code").expect("a code")).await;
    assert_eq!(text(&token, "scope"), "customer_read");
    // Interrupted in between: the link in the browser's history still leads to what is due.
    let mut other = Browser::new();
    let visit = other.get(&link(&scene).with("state", "later").url()).await;
    let login = other.follow(visit).await;
    let sign_up = other.get(&format!("{}/signup", login.url)).await;
    let fields = [("name", "Late"), ("email", "late@example.com"), ("password", "a passphrase of some length")];
    other.press(&sign_up, "signup", &fields).await;
    scene.world.advance(60);
    let again = other.get(login.url.as_str()).await;
    assert!(again.has_button("login") || again.has_button("verify"), "{}", again.body);
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = other.press(&again, "login", &filled).await;
    let page = other.follow(visit).await;
    assert_eq!(other.press(&page, "approve", &[]).await.returned("state").as_deref(), Some("later"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_22_whoever_lacks_what_the_tenant_demands_is_asked_for_it_before_consent() {
    let scene = scene().await;
    let mut profile = scene.operator("GET", "/profile", None).await;
    profile["interaction"]["details"] = json!([
        {"name": "birthdate"},
        {"name": "company_number", "label": {"en": "Company number", "de": "Handelsregisternummer"}},
    ]);
    scene.operator("PUT", "/profile", Some(profile)).await;
    let unknown = json!({"claims": {"birthdate": null}});
    let user = format!("/users/{}", scene.person.email);
    scene.operator("PATCH", &user, Some(unknown)).await;
    scene.world.settle().await;
    let mut browser = Browser::new();
    let page = super::consent(&scene, &mut browser, &link(&scene).with("state", "kept"), &scene.person).await;
    assert!(page.has_button("continue") && page.body.contains("Company number"), "{}", page.body);
    let wrong = [("detail_birthdate", "long ago"), ("detail_company_number", " ")];
    let again = browser.press(&page, "continue", &wrong).await;
    assert_eq!(again.body.matches("aria-invalid").count(), 2, "{}", again.body);
    // Nobody gets around it.
    let csrf = hidden(&again.body, "csrf").expect("a token");
    let around = format!("{}/consent", page.url);
    let visit = browser.post(&around, &[("csrf", csrf.as_str()), ("approve", "approve")]).await;
    assert!(visit.returned("code").is_none(), "{visit:?}");
    let silent = browser.get(&link(&scene).with("prompt", "none").url()).await;
    assert_eq!(silent.returned("error").as_deref(), Some("interaction_required"));
    let told = [("detail_birthdate", "1985-10-26"), ("detail_company_number", "00445790")];
    let visit = browser.press(&again, "continue", &told).await;
    let consent = browser.follow(visit).await;
    let back = browser.press(&consent, "approve", &[]).await;
    assert_eq!((back.returned("code").is_some(), back.returned("state").as_deref()), (true, Some("kept")));
    let user = scene.operator("GET", &user, None).await;
    assert_eq!(user["claims"]["birthdate"], "1985-10-26");
    assert_eq!(user["claims"]["company_number"], "00445790", "{user}");
    assert!(browser.get(&link(&scene).url()).await.returned("code").is_some(), "asked once");
    let mut other = Browser::new();
    let somebody = scene.world.person(&scene.tenant, "somebody@example.com").await;
    let page = super::consent(&scene, &mut other, &link(&scene), &somebody).await;
    assert!(!page.body.contains("detail_birthdate"), "known already: {}", page.body);
    let back = other.press(&page, "cancel", &[]).await;
    assert_eq!(back.returned("error").as_deref(), Some("access_denied"), "or they give up");
}

/// What a new person is asked for besides address and password.
#[tokio::test(flavor = "multi_thread")]
async fn fx_22_a_new_person_provides_what_is_needed() {
    let scene = scene().await;
    let mut browser = Browser::new();
    let visit = browser.get(&link(&scene).url()).await;
    let login = browser.follow(visit).await;
    let page = browser.get(&format!("{}/signup", login.url)).await;
    let nameless = [("name", ""), ("email", "nameless@example.com"), ("password", "a passphrase of some length")];
    let refused = browser.press(&page, "signup", &nameless).await;
    assert!(refused.has_button("signup") && refused.body.contains("name-error"), "{}", refused.body);
    sign_up(&scene, &mut browser, "named@example.com").await;
    let made = scene.operator("GET", "/users/named@example.com", None).await;
    assert_eq!(made["claims"]["name"], "New Person");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_23_nobody_is_sent_to_an_undeclared_address() {
    let scene = scene().await;
    let evil = link(&scene).with("redirect_uri", "https://evil.example/cb");
    for url in [evil.clone(), evil.clone().with("scope", "nothing"), evil.with("response_type", "token")] {
        let visit = Browser::new().get(&url.url()).await;
        assert_eq!((visit.page_error(), visit.location()), (Some("redirect_uri_not_registered"), None));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_24_a_code_is_short_lived_and_used_once() {
    let scene = scene().await;
    let mut browser = Browser::new();
    let late = browser.code(&link(&scene), &scene.person).await;
    scene.world.advance(60);
    assert_eq!(text(&exchange(&scene, &late).await.1, "error"), "invalid_grant");
    let code = browser.get(&link(&scene).url()).await.returned("code").expect("a code");
    let (_, token) = exchange(&scene, &code).await;
    let (status, again) = exchange(&scene, &code).await;
    assert_eq!((status, text(&again, "error")), (400, "invalid_grant"));
    assert!(!scene.is_active(text(&token, "access_token")).await, "and what it gave is dead");
    let refreshed = scene.tokens().refresh(text(&token, "refresh_token")).await;
    assert_eq!((refreshed.0, text(&refreshed.1, "error")), (400, "invalid_grant"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_25_success_carries_the_code_and_nothing_else() {
    let scene = scene().await;
    let visit = Browser::new().authorize(&link(&scene), &scene.person).await;
    let to = visit.location().expect("a redirect").clone();
    assert_eq!(to.query_pairs().map(|(name, _)| name.into_owned()).collect::<Vec<_>>(), ["code"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_26_a_denial_says_the_error_twice() {
    let scene = scene().await;
    for (url, more) in [(link(&scene), ""), (link(&scene).with("state", "s"), "&state=s")] {
        let mut browser = Browser::new();
        let page = consent(&scene, &mut browser, &url, &scene.person).await;
        let denied = browser.press(&page, "deny", &[]).await;
        let expected = format!("{CALLBACK}?error=access_denied&error_code=access_denied{more}");
        assert_eq!(denied.location().expect("a redirect").as_str(), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_27_login_and_sign_up_can_be_cancelled() {
    let scene = scene().await;
    let expected = format!("{CALLBACK}?error=access_denied&error_code=access_denied");
    for below in ["", "/signup"] {
        let mut browser = Browser::new();
        let visit = browser.get(&link(&scene).url()).await;
        let login = browser.follow(visit).await;
        let page = browser.get(&format!("{}{below}", login.url)).await;
        assert!(page.has_button("cancel") && hidden(&page.body, "csrf").is_some(), "{below}: {}", page.body);
        let back = browser.press(&page, "cancel", &[]).await;
        assert_eq!(back.location().expect("a redirect").as_str(), expected, "{below}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_49_the_four_steps_and_then_the_api() {
    let scene = scene().await;
    let token = connected(&scene).await;
    let url = format!("{}/customers", scene.tenant.api);
    let bearer = format!("Bearer {}", text(&token, "access_token"));
    let answer = scene.send(Method::GET, &url, &[("authorization", &bearer)], None).await;
    assert_eq!((answer.status, answer.json()["data"].is_array()), (200, true), "{}", answer.body);
}
