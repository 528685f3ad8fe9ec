use grantor_ports::{ClientState, ClientView};
use grantor_store::{CopyChange, Write};

use crate::{
    browser::{authorize, location},
    world::{TENANT, World},
};

#[tokio::test]
async fn nobody_is_sent_to_an_address_that_is_not_trusted() {
    let world = World::new().await;
    let browser = world.browser();
    for (link, error) in [
        ("/oauth/authorize?%zz".to_owned(), "bad_request"),
        (authorize(&[("client_id", "")]), "unknown_client"),
        (authorize(&[("client_id", "nobody")]), "unknown_client"),
        (authorize(&[("redirect_uri", "")]), "redirect_uri_missing"),
        (authorize(&[("redirect_uri", "https://evil.example/")]), "redirect_uri_not_registered"),
        (authorize(&[("redirect_uri", "https://partner.example/callback")]), "redirect_uri_not_registered"),
        (format!("{}&redirect_uri=https://evil.example/", authorize(&[])), "redirect_uri_missing"),
    ] {
        let page = browser.open(&link).await;
        assert_eq!((page.answer.status(), page.error().as_str()), (400, error), "{link}");
        assert_eq!(page.answer.header_values("cache-control"), ["no-store"]);
    }
}

#[tokio::test]
async fn before_approval_there_is_a_page() {
    for (state, error) in [
        (ClientState::Draft, "client_not_approved"),
        (ClientState::Pending, "client_not_approved"),
        (ClientState::Rejected { reason: "no".into() }, "client_not_approved"),
        (ClientState::Suspended { reason: "no".into() }, "client_suspended"),
    ] {
        let world = World::new().await;
        world.shop.change(|client| client.state = state);
        let page = world.browser().open(&authorize(&[("prompt", "none")])).await;
        assert_eq!((page.answer.status(), page.error().as_str()), (400, error));
    }
}

#[tokio::test]
async fn what_the_owner_just_changed_takes_effect_at_once() {
    let world = World::new().await;
    let now = world.shop.client.lock().clone();
    copy(&world, &ClientView { state: ClientState::Pending, version: 1, ..now.clone() }).await;
    assert_eq!(world.browser().open(&authorize(&[])).await.kind(), "login", "approved a moment ago");
    let world = World::new().await;
    copy(&world, &ClientView { redirect_uris: Vec::new(), version: 1, ..now }).await;
    assert_eq!(world.browser().open(&authorize(&[])).await.kind(), "login", "registered a moment ago");
}

/// What the bus brings.
async fn copy(world: &World, client: &ClientView) {
    let copy = CopyChange {
        tenant: TENANT,
        kind: "client",
        key: client.client_id.clone(),
        version: client.version,
        data: Some(serde_json::to_vec(client).unwrap()),
    };
    world.store.commit(Write { copies: vec![copy], ..Write::default() }).await.unwrap();
}

#[tokio::test]
async fn errors_go_back_with_state_and_issuer() {
    let world = World::new().await;
    let browser = world.browser();
    for (extra, error) in [
        (("response_type", ""), "invalid_request"),
        (("response_type", "token"), "unsupported_response_type"),
        (("scope", "openid none-such"), "invalid_scope"),
        (("prompt", "none login"), "invalid_request"),
        (("max_age", "soon"), "invalid_request"),
        (("request", "e30.e30."), "request_not_supported"),
        (("request_uri", "https://partner.example/r"), "request_uri_not_supported"),
        (("registration", "{}"), "registration_not_supported"),
        (("claims", "no json"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
    ] {
        let callback = browser.open(&authorize(&[extra])).await.callback();
        assert_eq!(callback["error"], error, "{extra:?}");
        assert_eq!((callback["state"].as_str(), callback["iss"].as_str()), ("st", crate::world::ISSUER));
    }
    let twice = format!("{}&nonce=other", authorize(&[]));
    assert_eq!(browser.open(&twice).await.callback()["error"], "invalid_request");
    assert!(world.events().await.is_empty());
}

#[tokio::test]
async fn a_visit_ends_with_its_lifetime() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    world.clock.advance_seconds(1799);
    assert_eq!(browser.open(&login.action().replace("/login", "")).await.kind(), "login");
    world.clock.advance_seconds(1);
    let late = browser.log_in(&login, "ada@example.org").await;
    assert_eq!((late.answer.status(), late.error().as_str()), (400, "interaction_expired"));
    let unknown = browser.open("/interaction/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await;
    assert_eq!(unknown.error(), "interaction_expired");
    assert_eq!(browser.open("/interaction/short").await.error(), "interaction_expired");
    assert!(location(&late.answer).is_none());
}

#[tokio::test]
async fn a_client_that_is_suspended_meanwhile_gets_nothing() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    world.shop.change(|client| client.state = ClientState::Suspended { reason: "fraud".into() });
    let suspended = world.shop.client.lock().clone();
    copy(&world, &suspended).await;
    let page = browser.log_in(&login, "ada@example.org").await;
    assert_eq!(page.error(), "client_suspended");
    assert!(world.vault.issued.lock().is_empty());
}

#[tokio::test]
async fn a_post_that_is_no_form_is_refused() {
    let world = World::new().await;
    let route = world.routes.iter().find(|route| route.name == "authorize_post").unwrap();
    let call = grantor_web::CallBuilder::new(world.tenant.clone(), "/oauth/authorize");
    let answer = (route.handler)(call.post("application/json", "{}").build()).await;
    assert_eq!(answer.status(), 400);
    let call = grantor_web::CallBuilder::new(world.tenant.clone(), "/oauth/authorize");
    let answer = (route.handler)(call.form(vec![b'a', b'=', 0xff]).build()).await;
    assert_eq!(answer.status(), 400);
}
