//! What finX forces, and what makes up for it.

use grantor_eventsourcing::Position;
use grantor_store::Log;
use grantor_testkit::{Browser, Role};
use reqwest::Method;
use serde_json::json;
use url::Url;

use super::walk::*;

fn at(location: &str, path: &str) -> String {
    Url::parse(location).expect("a URL").join(path).expect("a URL").to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_exchanged_once_and_leaves_the_address_clean() {
    let scene = finx().await;
    let link = location(&scene, json!({})).await;
    let mut browser = Browser::new();
    let exchanged = browser.get(&link).await;
    assert_eq!(exchanged.status, 303);
    let clean = exchanged.location().expect("a redirect");
    assert!(clean.query().is_none() && clean.path().starts_with("/flow/"), "{clean}");
    assert_eq!(exchanged.header("referrer-policy"), "no-referrer");
    assert_eq!(exchanged.header("cache-control"), "no-store");
    let mut thief = Browser::new();
    assert_eq!(thief.get(&link).await.page_error(), Some("interaction_expired"), "a second browser is too late");
    assert_eq!(
        thief.get(clean.as_str()).await.page_error(),
        Some("interaction_expired"),
        "the address alone is nothing"
    );
    assert_eq!(browser.get(&link).await.status, 303, "the same browser may come again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_worth_nothing_late_changed_elsewhere_or_for_anything_else() {
    let scene = finx().await;
    let link = location(&scene, json!({})).await;
    let token = link.split("token=").nth(1).expect("a token").to_owned();
    let expired = |browser: grantor_testkit::Visit| browser.page_error().map(str::to_owned);
    let changed = format!("{}A", &link[..link.len() - 1]);
    if changed != link {
        assert_eq!(expired(Browser::new().get(&changed).await).as_deref(), Some("interaction_expired"));
    }
    // Another tenant of the same deployment.
    let other = scene.world.tenant_with("other", "finx", |_| {}).await;
    let view = scene.world.platform.registry.tenant(other.id).await.expect("an answer").expect("a tenant");
    let role = grantor_ports::AuthorityRole::Widget;
    let there = view.authorities.iter().find(|entry| entry.role == role).expect("a widget").authority.clone();
    let elsewhere = format!("http://{there}/?token={token}");
    assert_eq!(expired(Browser::new().get(&elsewhere).await).as_deref(), Some("interaction_expired"));
    // Another purpose.
    assert_eq!(exchange(&scene, &token).await.error(), "invalid_grant");
    assert_eq!(refresh(&scene, &token).await.error(), "invalid_grant");
    assert_eq!(scene.api(&token).await.status, 401);
    scene.world.advance(900);
    assert_eq!(expired(Browser::new().get(&link).await).as_deref(), Some("interaction_expired"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_no_link_and_other_tokens_are_none_either() {
    let scene = finx().await;
    let link = location(&scene, json!({})).await;
    let code = code(&scene).await;
    for token in [code.as_str(), "", "a.b.c", "eyJhbGciOiJub25lIn0.e30."] {
        let page = Browser::new().get(&at(&link, &format!("/?token={token}"))).await;
        assert!(
            page.status == 400 || page.status == 404 || page.page_error() == Some("interaction_expired"),
            "{token}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_of_the_widget_is_bound_to_its_browser() {
    let scene = finx().await;
    let mut browser = Browser::new();
    let page = open(&mut browser, &location(&scene, json!({})).await).await;
    let action = page.url.join(&page.form_with("choose").action).expect("a URL");
    let forged = browser.post(action.as_str(), &[("csrf", "x"), ("bank", "sandbox-nord"), ("choose", "choose")]).await;
    assert_eq!(forged.page_error(), Some("form_expired"));
    let stranger = Browser::new().post(action.as_str(), &[("bank", "sandbox-nord")]).await;
    assert_eq!(stranger.page_error(), Some("interaction_expired"));
    // Steps cannot be skipped.
    let csrf = grantor_testkit::hidden(&page.body, "csrf").expect("a token");
    let consent = action.as_str().replace("/bank", "/consent");
    let skipped =
        browser.post(&consent, &[("csrf", &csrf), ("approve", "approve"), ("agreed", "1"), ("confirm", "1")]).await;
    let skipped = browser.follow(skipped).await;
    assert!(skipped.has_button("choose"), "{}", skipped.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn json_is_for_this_profile_only_and_has_every_member_once() {
    let scene = finx().await;
    let twice = r#"{"grant_type":"authorization_code","code":"a","code":"b","redirect_uri":"x"}"#;
    assert_eq!(post(&scene, "/auth/token", twice).await.error(), "invalid_request");
    let basic = basic(&scene.partner);
    for kind in ["text/json", "application/json+x", "text/plain"] {
        let headers = [("authorization", basic.as_str()), ("content-type", kind)];
        let body = Some(r#"{"grant_type":"refresh_token","refresh_token":"x"}"#.to_owned());
        let answer = scene.send(Method::POST, "/auth/token", &headers, body).await;
        assert_eq!(answer.error(), "invalid_request", "{kind}");
    }
    let other = grantor_tests_guides::Scene::openid().await;
    let answer = post(&other, "/oauth/token", r#"{"grant_type":"client_credentials"}"#).await;
    assert_eq!(answer.error(), "invalid_request");
}

/// Everything that any service has written, as bytes: events, facts and rows are in these files.
fn written(folder: &std::path::Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder.join("db")).expect("databases");
    files.flat_map(|file| std::fs::read(file.expect("a file").path()).expect("a file")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn card_and_account_numbers_are_sealed_wherever_they_go() {
    let scene = finx().await;
    const CARD: &str = "4012888888881881";
    let more = json!({ "accounts": [{ "id": CARD }, { "id": IBAN }], "state": "canary-state-71" });
    let mut browser = Browser::new();
    let consent = to_consent(&scene, &mut browser, &location(&scene, more).await).await;
    let held = written(scene.world.folder());
    press(&mut browser, &consent, "approve", &[]).await;
    scene.world.settle().await;
    let left = written(scene.world.folder());
    for (canary, what) in [(CARD, "a card"), (IBAN, "an IBAN"), ("canary-state-71", "the state"), ("13579", "a PIN")] {
        for (bytes, when) in [(&held, "on the way"), (&left, "afterwards")] {
            let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
            assert!(!found, "{what} in clear {when}");
        }
    }
    let log = scene
        .world
        .platform
        .stores
        .of(Role::Authorization)
        .read_log(Log::Events, Position::START, 1000)
        .await
        .expect("a log");
    let types: Vec<&str> = log.iter().map(|event| event.event_type.as_str()).collect();
    assert_eq!(types, ["oauth.flow.initiated", "oauth.consent.granted", "oauth.flow.completed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_redeemed_after_ten_minutes_is_reported() {
    let scene = finx().await;
    let (soon, late) = (code(&scene).await, code(&scene).await);
    let reports = async || {
        let log = scene
            .world
            .platform
            .stores
            .of(Role::Token)
            .read_log(Log::Facts, Position::START, 10_000)
            .await
            .expect("a log");
        log.iter().filter(|fact| fact.event_type == "oauth.code.redeemed_late").count()
    };
    assert_eq!(exchange(&scene, &soon).await.status, 200);
    assert_eq!(reports().await, 0);
    scene.world.advance(601);
    assert_eq!(exchange(&scene, &late).await.status, 200);
    assert_eq!(reports().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_code_may_live_longer_than_an_hour() {
    let scene = finx().await;
    let path = format!("/admin/v1/tenants/{}/profile", scene.tenant.slug);
    let (_, answer) = scene.world.admin("GET", &path, None).await;
    let mut profile = if answer.get("profile").is_some() { answer["profile"].clone() } else { answer };
    assert_eq!(profile["codes"]["ttl_seconds"], 3600);
    profile["codes"]["ttl_seconds"] = json!(3601);
    let (status, problem) = scene.world.admin("PUT", &path, Some(profile)).await;
    let pointer = problem["errors"][0]["pointer"].as_str().unwrap_or_default();
    assert!(status == 422 && pointer.ends_with("/codes/ttl_seconds"), "{status} {problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_widgets_cookie_is_partitioned() {
    let scene = with_origins(&["https://shop.example"]).await;
    let link = location(&scene, json!({})).await;
    let exchanged = Browser::new().get(&link).await;
    let set: Vec<&str> =
        exchanged.headers.get_all("set-cookie").iter().filter_map(|value| value.to_str().ok()).collect();
    let framed = set.iter().find(|cookie| cookie.contains("SameSite=None")).expect("a cookie for frames");
    for word in ["HttpOnly", "Secure", "Partitioned", "Path=/"] {
        assert!(framed.contains(word), "{word} in {framed}");
    }
    // On a plain connection of this machine there is one more, for a window of its own.
    assert!(set.iter().all(|cookie| cookie.contains("SameSite=None") || cookie.contains("SameSite=Lax")), "{set:?}");
}
