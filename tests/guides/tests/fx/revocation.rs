//! FX-39 to FX-50: three ways to end an authorization, and what partners hear of it.

use grantor_contracts::token::v1::AuthorizationRevoked;
use grantor_eventsourcing::{Position, Version};
use grantor_store::Log;
use grantor_testkit::{Browser, Role, Visit};
use grantor_tests_guides::{Answer, Scene};
use prost::Message;
use serde_json::json;

use super::{connected, disconnect, exchange, link, scene, text};

/// The events that end an authorization, with their versions, oldest first.
pub async fn revoked_events(scene: &Scene) -> Vec<(Version, AuthorizationRevoked)> {
    let log = scene.world.platform.stores.of(Role::Token).read_log(Log::Events, Position::default(), 10_000).await;
    let events = log.expect("the log").into_iter().filter(|event| event.event_type == "oauth.authorization.revoked");
    let read = |event: &grantor_eventsourcing::Envelope| {
        (event.version, AuthorizationRevoked::decode(event.payload.clone()).expect("an end"))
    };
    events.map(|event| read(&event)).collect()
}

/// A browser in which somebody is signed in, at one of our own pages.
pub async fn at_page(scene: &Scene, path: &str) -> (Browser, Visit) {
    let mut browser = Browser::new();
    let visit = browser.get(&format!("{}{path}", scene.tenant.issuer)).await;
    let login = browser.follow(visit).await;
    let filled = [("username", scene.person.email.as_str()), ("password", scene.person.password.as_str())];
    let visit = browser.press(&login, "login", &filled).await;
    let page = browser.follow(visit).await;
    let page =
        if page.url.path() == path { page } else { browser.get(&format!("{}{path}", scene.tenant.issuer)).await };
    (browser, page)
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_39_platform_and_account_holder_end_it_with_the_same_effect() {
    for (way, by) in [("api", "api"), ("apps", "account_holder"), ("managed", "platform")] {
        let (mut scene, developer) = super::portal::with_own_client().await;
        let holder = developer.holder.clone();
        let code = Browser::new().code(&link(&scene), &holder).await;
        let (_, token) = exchange(&scene, &code).await;
        match way {
            "api" => assert_eq!(disconnect(&scene, text(&token, "refresh_token")).await.0, 204),
            "apps" => {
                scene.person = holder;
                let (mut browser, page) = at_page(&scene, "/apps").await;
                browser.press(&page, "revoke", &[]).await;
            }
            _ => {
                let (mut browser, page) = at_page(&scene, &developer.accounts_path()).await;
                browser.press(&page, "disconnect", &[]).await;
            }
        }
        assert!(!scene.is_active(text(&token, "access_token")).await, "{way}");
        let refreshed = scene.tokens().refresh(text(&token, "refresh_token")).await;
        assert_eq!((refreshed.0, text(&refreshed.1, "error")), (400, "invalid_grant"), "{way}");
        let events = revoked_events(&scene).await;
        assert_eq!(events.len(), 1, "{way}: exactly one event");
        assert_eq!(events[0].1.revoked_by, by);
        // Whoever comes second ends nothing.
        assert_eq!(disconnect(&scene, text(&token, "refresh_token")).await.0, 400, "{way}");
        assert_eq!(revoked_events(&scene).await.len(), 1, "{way}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_40_the_account_holder_sees_their_apps_and_takes_one_back() {
    let scene = scene().await;
    let token = connected(&scene).await;
    let (mut browser, page) = at_page(&scene, "/apps").await;
    assert!(page.body.contains("Authorized Apps") && page.body.contains("Portfolio Planner"), "{}", page.body);
    for scope in super::PERMISSIONS {
        assert!(page.body.contains(&format!("data-scope=\"{scope}\"")), "{scope}: {}", page.body);
    }
    assert!(page.body.contains("21 November 2026, 08:00 UTC"), "since when, and last used: {}", page.body);
    let after = browser.press(&page, "revoke", &[]).await;
    let after = browser.follow(after).await;
    assert!(!after.body.contains("Portfolio Planner"), "{}", after.body);
    assert!(!scene.is_active(text(&token, "access_token")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_42_the_guides_parameter_is_refresh_token_and_token_is_the_rfcs() {
    let scene = scene().await;
    let one = connected(&scene).await;
    let both = [("refresh_token", text(&one, "refresh_token")), ("token", text(&one, "refresh_token"))];
    let (status, body) = scene.tokens().post("/oauth/revoke", &both).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_request"));
    assert!(scene.is_active(text(&one, "access_token")).await);
    assert_eq!(scene.tokens().post("/oauth/revoke", &[("token", "unknown")]).await.0, 200, "RFC 7009 2.2");
    assert_eq!(scene.tokens().revoke(text(&one, "refresh_token")).await, 200);
    assert!(!scene.is_active(text(&one, "access_token")).await);
    let two = connected(&scene).await;
    assert_eq!(disconnect(&scene, text(&two, "refresh_token")).await.0, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_43_the_clipped_path_is_an_alias() {
    let scene = scene().await;
    for path in ["/oauth/revoke", "/oauth/1"] {
        let token = connected(&scene).await;
        let fields = [("refresh_token", text(&token, "refresh_token"))];
        assert_eq!(scene.tokens().post(path, &fields).await.0, 204, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_44_access_and_refresh_tokens_die_at_once() {
    let scene = scene().await;
    let first = connected(&scene).await;
    let (_, second) = scene.tokens().refresh(text(&first, "refresh_token")).await;
    assert_eq!(disconnect(&scene, text(&first, "refresh_token")).await.0, 204);
    for token in [text(&first, "access_token"), text(&second, "access_token"), text(&first, "refresh_token")] {
        assert!(!scene.is_active(token).await);
    }
    assert_eq!(scene.tokens().refresh(text(&first, "refresh_token")).await.0, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_44_an_access_token_is_no_refresh_token() {
    let scene = scene().await;
    let token = connected(&scene).await;
    let (status, body) = disconnect(&scene, text(&token, "access_token")).await;
    assert_eq!((status, text(&body, "error")), (400, "invalid_grant"), "204 would say that the grant is dead");
    assert!(scene.is_active(text(&token, "access_token")).await);
    assert_eq!(scene.tokens().revoke(text(&token, "access_token")).await, 200, "RFC 7009 takes either");
    assert!(!scene.is_active(text(&token, "access_token")).await);
    assert_eq!(disconnect(&scene, text(&token, "refresh_token")).await.0, 204);
}

async fn answered(scene: &Scene, fields: &[(&str, &str)]) -> Answer {
    scene.post("/oauth/revoke", fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_45_success_is_204_and_empty() {
    let scene = scene().await;
    let token = connected(&scene).await;
    let fields = [
        ("client_id", scene.partner.client_id.as_str()),
        ("client_secret", &scene.partner.secret),
        ("refresh_token", text(&token, "refresh_token")),
    ];
    let answer = answered(&scene, &fields).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_46_partners_hear_of_it_exactly_once() {
    let scene = scene().await;
    let token = connected(&scene).await;
    scene.world.advance(60);
    let now = scene.world.now().timestamp_millis();
    assert_eq!(disconnect(&scene, text(&token, "refresh_token")).await.0, 204);
    assert_eq!(disconnect(&scene, text(&token, "refresh_token")).await.0, 400);
    let events = revoked_events(&scene).await;
    assert_eq!(events.len(), 1);
    // The sequence is the event's version in the grant's stream: created, redeemed, revoked.
    assert_eq!(events[0].0, 3);
    assert_eq!(scene.tenant.slug, "finexer");
    assert_eq!(events[0].1.at_ms, now);
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_47_every_failure_is_400_and_all_read_alike() {
    let scene = scene().await;
    let token = connected(&scene).await;
    let refresh = text(&token, "refresh_token").to_owned();
    let (id, secret) = (scene.partner.client_id.clone(), scene.partner.secret.clone());
    let rival = scene.world.partner(&scene.tenant).await;
    let fields = |id: &str, secret: &str, token: &str| {
        [("client_id", id.to_owned()), ("client_secret", secret.to_owned()), ("refresh_token", token.to_owned())]
    };
    let mut bodies = Vec::new();
    for sent in [
        fields(&id, &secret, "unknown"),
        fields(&rival.client_id, &rival.secret, &refresh),
        fields(&id, "wrong", &refresh),
        fields("app_0000000000000", &secret, &refresh),
    ] {
        let sent: Vec<_> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = answered(&scene, &sent).await;
        assert_eq!((answer.status, answer.header("content-type")), (400, "application/json"), "{}", answer.body);
        bodies.push(answer.body);
    }
    assert!(scene.is_active(text(&token, "access_token")).await, "none of them ended anything");
    assert_eq!(disconnect(&scene, &refresh).await.0, 204);
    let again = [("client_id", id.as_str()), ("client_secret", &secret), ("refresh_token", &refresh)];
    bodies.push(answered(&scene, &again).await.body);
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "unknown, foreign, wrong credentials, unknown client, revoked: {bodies:?}");
    let incomplete = answered(&scene, &[("client_id", id.as_str()), ("client_secret", &secret)]).await;
    assert_eq!((incomplete.status, incomplete.error().as_str()), (400, "invalid_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_48_the_event_holds_what_the_webhook_will_say() {
    let scene = scene().await;
    let token = connected(&scene).await;
    disconnect(&scene, text(&token, "refresh_token")).await;
    let events = revoked_events(&scene).await;
    let event = &events[0].1;
    assert_eq!(event.account_id, account_uuid(text(&token, "account_id")));
    assert_eq!(event.client_id, scene.partner.client_id);
    assert_eq!((event.scope.as_str(), event.revoked_by.as_str()), ("customer_read customer_write", "api"));
    let whole = format!("{event:?}");
    for secret in ["access_token", "refresh_token"] {
        assert!(!whole.contains(text(&token, secret)), "never a token");
    }
}

pub fn account_uuid(id: &str) -> Vec<u8> {
    let hex = id.strip_prefix("acc_").expect("an account's id");
    (0..16).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).expect("hexadecimal")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_50_connecting_again_gives_new_tokens_and_the_same_account() {
    let scene = scene().await;
    let first = connected(&scene).await;
    assert_eq!(disconnect(&scene, text(&first, "refresh_token")).await.0, 204);
    let second = connected(&scene).await;
    assert_eq!(second["account_id"], first["account_id"]);
    for member in ["access_token", "refresh_token"] {
        assert_ne!(second[member], first[member]);
    }
    assert!(scene.is_active(text(&second, "access_token")).await);
    assert_eq!(scene.tokens().introspect(text(&first, "access_token")).await, json!({ "active": false }));
}
