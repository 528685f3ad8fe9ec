//! FX-08 and FX-09 on the platform's own pages: endpoints, what was sent to them, their secrets, and
//! rotation; and the call that FX-46 promises, however access ends.

use std::time::Duration;

use grantor_testkit::{Browser, Receiver, Visit};
use grantor_tests_guides::Scene;
use grantor_webhooks_domain::signature::{Call, Verifier, verify};
use serde_json::json;

use super::{disconnect, exchange, link, portal::with_own_client, revocation::at_page, text};

/// A call, once its signature was checked with this secret: its id and its body.
async fn told(receiver: &mut Receiver, secrets: &[&str]) -> (String, String) {
    let call = receiver.call().await;
    let (id, timestamp, signature) =
        (call.header("webhook-id"), call.header("webhook-timestamp"), call.header("webhook-signature"));
    let now = timestamp.parse().expect("seconds");
    for secret in secrets {
        let known = [Verifier::parse(secret).expect("a secret")];
        let call = Call { id, timestamp, signature, body: call.body.as_bytes() };
        assert_eq!(verify(&known, call, now), Ok(()), "{signature}");
    }
    (id.to_owned(), call.body)
}

/// The page again, until it says this.
async fn until(browser: &mut Browser, page: &Visit, says: &str) -> Visit {
    for _ in 0..600 {
        let seen = browser.get(page.url.as_str()).await;
        if seen.body.contains(says) {
            return seen;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the page never says {says}")
}

/// The webhooks of the scene's client.
fn hooks(scene: &Scene) -> String {
    format!("/clients/{}/webhooks", scene.partner.client_id)
}

/// What an element with this id says.
fn text_of(page: &Visit, id: &str) -> String {
    let from = page.body.find(&format!("id=\"{id}\"")).unwrap_or_else(|| panic!("no {id} in:\n{}", page.body));
    let rest = &page.body[from..];
    rest.split_once('>').and_then(|(_, rest)| rest.split_once('<')).map_or("", |(text, _)| text).to_owned()
}

/// A browser at the page of an endpoint at `url`, and the secret that was shown.
async fn made(scene: &Scene, url: &str) -> (Browser, Visit, String) {
    let (mut browser, page) = at_page(scene, &hooks(scene)).await;
    let filled = [("url", url), ("description", "Ours"), ("event.oauth.authorization.revoked", "on")];
    let shown = browser.press(&page, "create", &filled).await;
    assert_eq!(shown.status, 200, "{}", shown.body);
    assert!(shown.header("cache-control").contains("no-store"));
    let secret = text_of(&shown, "webhook_secret");
    let (_, rest) = shown.body.split_once(&format!("{}/", hooks(scene))).expect("a link to the endpoint");
    let id = rest.split('"').next().expect("an id");
    let page = browser.get(&format!("{}{}/{id}", scene.tenant.issuer, hooks(scene))).await;
    assert_eq!(page.status, 200, "{}", page.body);
    (browser, page, secret)
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_08_what_was_sent_is_listed_and_sent_again_by_a_button() {
    let (scene, _) = with_own_client().await;
    let mut receiver = Receiver::start().await;
    let (mut browser, page, secret) = made(&scene, &receiver.url).await;
    let sent = browser.press(&page, "test", &[]).await;
    browser.follow(sent).await;
    let (id, body) = told(&mut receiver, &[&secret]).await;
    assert!(body.contains("\"type\":\"webhook.test\""), "{body}");
    let listed = format!("data-delivery=\"{id}\" data-state=\"delivered\" data-attempts=\"1\"");
    let log = until(&mut browser, &page, &listed).await;
    assert!(log.body.contains("<code translate=\"no\">204</code>"), "the answer: {}", log.body);
    let failed = browser.get(&format!("{}?state=failed", page.url)).await;
    assert!(!failed.body.contains("data-delivery"), "{}", failed.body);
    let delivery = browser.get(&format!("{}/deliveries/{id}", page.url)).await;
    assert_eq!(delivery.status, 200, "{}", delivery.body);
    assert_eq!(delivery.body.matches("data-attempt=").count(), 1, "{}", delivery.body);
    let again = browser.press(&delivery, "resend", &[]).await;
    browser.follow(again).await;
    assert_eq!(told(&mut receiver, &[&secret]).await, (id.clone(), body), "the same id and the same body");
    until(&mut browser, &delivery, "data-attempt=\"2\"").await;
    let nowhere = browser.get(&format!("{}/deliveries/evt_nothing", page.url)).await;
    assert_eq!(nowhere.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_46_the_partner_is_called_once_however_access_ends() {
    for (way, by) in [("api", "api"), ("apps", "account_holder"), ("managed", "platform")] {
        let (mut scene, developer) = with_own_client().await;
        let mut receiver = Receiver::start().await;
        let (mut browser, page, first) = made(&scene, &receiver.url).await;
        let shown = browser.press(&page, "rotate", &[("overlap", "3600")]).await;
        let second = text_of(&shown, "webhook_secret");
        let code = Browser::new().code(&link(&scene), &developer.holder).await;
        let (_, token) = exchange(&scene, &code).await;
        match way {
            "api" => assert_eq!(disconnect(&scene, text(&token, "refresh_token")).await.0, 204),
            "apps" => {
                scene.person = developer.holder.clone();
                let (mut browser, page) = at_page(&scene, "/apps").await;
                browser.press(&page, "revoke", &[]).await;
            }
            _ => {
                let (mut browser, page) = at_page(&scene, &developer.accounts_path()).await;
                browser.press(&page, "disconnect", &[]).await;
            }
        }
        let (id, body) = told(&mut receiver, &[&first, &second]).await;
        let read: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!((text(&read, "id"), text(&read, "type")), (id.as_str(), "oauth.authorization.revoked"), "{way}");
        assert_eq!(text(&read["data"], "revoked_by"), by);
        assert_eq!(disconnect(&scene, text(&token, "refresh_token")).await.0, 400, "{way}: a second end is none");
        assert!(scene.world.platform.settle(Duration::from_secs(60)).await);
        assert!(!receiver.has_more(), "{way}: once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_48_the_body_has_the_guides_members_in_their_order() {
    let (scene, developer) = with_own_client().await;
    let mut receiver = Receiver::start().await;
    let (_, _, secret) = made(&scene, &receiver.url).await;
    let code = Browser::new().code(&link(&scene), &developer.holder).await;
    let (_, token) = exchange(&scene, &code).await;
    assert_eq!(disconnect(&scene, text(&token, "refresh_token")).await.0, 204);
    let (id, body) = told(&mut receiver, &[&secret]).await;
    let read: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    let (at, grant) = (text(&read, "created_at"), text(&read["data"], "id"));
    assert!(grant.starts_with("auth_"), "{grant}");
    let expected = format!(
        concat!(
            r#"{{"id":"{id}","type":"oauth.authorization.revoked","created_at":"{at}","timestamp":"{at}","data":"#,
            r#"{{"object":"authorization","id":"{grant}","account_id":"{account}","client_id":"{client}","#,
            r#""scope":"customer_read","revoked_at":"{at}","revoked_by":"api","sequence":3}}}}"#
        ),
        id = id,
        at = at,
        grant = grant,
        account = text(&token, "account_id"),
        client = scene.partner.client_id,
    );
    assert_eq!(body, expected);
    for name in ["access_token", "refresh_token"] {
        assert!(!body.contains(text(&token, name)), "never a token");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_manages_endpoints_and_picks_events() {
    let (scene, _) = with_own_client().await;
    let (_, client) = at_page(&scene, &format!("/clients/{}", scene.partner.client_id)).await;
    assert!(client.body.contains(&format!("href=\"{}\"", hooks(&scene))), "{}", client.body);
    let (mut browser, page) = at_page(&scene, &hooks(&scene)).await;
    assert!(page.body.contains("name=\"event.oauth.authorization.revoked\""), "the one that the guide names");
    assert!(!page.body.contains("event.oauth.client.approved"), "and no other: {}", page.body);
    let wrong = browser.press(&page, "create", &[("url", "http://example.com/")]).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.body.contains("id=\"url-error\"") && wrong.body.contains("http://example.com/"), "{}", wrong.body);
    let (mut browser, page, secret) = made(&scene, "http://127.0.0.1:1/hook").await;
    assert!(secret.starts_with("whsec_"), "{secret}");
    assert!(page.body.contains("http://127.0.0.1:1/hook") && page.body.contains("data-state=\"active\""));
    assert!(!page.body.contains(&secret), "it is shown once: {}", page.body);
    let filled = [("url", "http://127.0.0.1:2/hook"), ("event.oauth.authorization.revoked", "on"), ("signing", "both")];
    let saved = browser.press(&page, "save", &filled).await;
    let page = browser.follow(saved).await;
    assert!(page.body.contains("http://127.0.0.1:2/hook"), "{}", page.body);
    let paused = browser.press(&page, "pause", &[]).await;
    let page = browser.follow(paused).await;
    assert!(page.body.contains("data-state=\"paused\""), "{}", page.body);
    let resumed = browser.press(&page, "resume", &[]).await;
    let page = browser.follow(resumed).await;
    assert!(page.body.contains("data-state=\"active\""), "{}", page.body);
    let deleted = browser.press(&page, "delete", &[("sure", "sure")]).await;
    let list = browser.follow(deleted).await;
    assert!(!list.body.contains("data-webhook"), "{}", list.body);
    assert_eq!(browser.get(page.url.as_str()).await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_09_a_secret_is_replaced_while_the_one_before_signs_on() {
    let (scene, _) = with_own_client().await;
    let (mut browser, page, first) = made(&scene, "http://127.0.0.1:1/hook").await;
    let shown = browser.press(&page, "reveal", &[]).await;
    assert_eq!(text_of(&shown, "webhook_secret"), first, "for who has lost it");
    let shown = browser.press(&page, "rotate", &[("overlap", "86400")]).await;
    let second = text_of(&shown, "webhook_secret");
    assert!(second.starts_with("whsec_") && second != first);
    let page = browser.get(page.url.as_str()).await;
    assert_eq!(page.body.matches("data-key=").count(), 2, "both sign: {}", page.body);
    assert!(page.body.contains("ends in 1 d 0 h"), "{}", page.body);
    scene.world.advance(86_400 - 60);
    let page = browser.get(page.url.as_str()).await;
    let login = browser.follow(page).await;
    assert!(login.status < 500);
    let hooks = format!("/webhooks?client_id={}", scene.partner.client_id);
    let keys = |seen: &serde_json::Value| seen["items"][0]["keys"].as_array().map_or(0, Vec::len);
    assert_eq!(keys(&scene.operator("GET", &hooks, None).await), 2, "for a day");
    scene.world.advance(60);
    assert_eq!(keys(&scene.operator("GET", &hooks, None).await), 1, "and no longer");
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_of_others_are_not_found() {
    let (scene, _) = with_own_client().await;
    let (_, page, _) = made(&scene, "http://127.0.0.1:1/hook").await;
    let id = page.url.path().rsplit('/').next().expect("an id").to_owned();
    // Not at the tenant's own webhooks, not for another person, and not by another client's name.
    let staff = format!("/team/{}", scene.person.id);
    scene.operator("PUT", &staff, Some(json!({ "role": "owner" }))).await;
    let (mut browser, own) = at_page(&scene, "/webhooks").await;
    assert_eq!(own.status, 200, "{}", own.body);
    assert!(!own.body.contains("data-webhook"), "a client's are the client's: {}", own.body);
    assert_eq!(browser.get(&format!("{}/webhooks/{id}", scene.tenant.issuer)).await.status, 404);
    let made = browser
        .press(&own, "create", &[("url", "http://127.0.0.1:1/"), ("event.oauth.authorization.revoked", "on")])
        .await;
    assert_eq!(made.status, 200, "the tenant's own: {}", made.body);
    let path = page.url.path().to_owned();
    let stranger = scene.world.person(&scene.tenant, "stranger@example.com").await;
    let other = scene.as_person(stranger);
    let (_, page) = at_page(&other, &path).await;
    assert_eq!(page.status, 404);
    let (_, page) = at_page(&other, "/webhooks").await;
    assert_eq!(page.status, 404, "who does not belong to the staff");
}

#[tokio::test(flavor = "multi_thread")]
async fn fx_08_endpoints_go_with_their_client() {
    let (scene, _) = with_own_client().await;
    let receiver = Receiver::start().await;
    made(&scene, &receiver.url).await;
    let listed = scene.operator("GET", "/webhooks", None).await;
    assert_eq!(listed["items"][0]["url"], receiver.url.as_str(), "{listed}");
    scene.operator("DELETE", &format!("/clients/{}", scene.partner.client_id), None).await;
    let gone = async {
        while scene.operator("GET", "/webhooks", None).await["items"] != json!([]) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("they are gone");
}
