//! What goes wrong, by a clock that only moves when it is told to.

use std::sync::Arc;

use chrono::DateTime;
use grantor_ids::TenantId;
use grantor_ports::{
    Clock, DeliveryState, Drilled, FixedClock, SystemClock, WebhookCommand, WebhookDeliveries as _, WebhookState,
    Webhooks as _,
};
use grantor_store::{Delivered, DeliveryQuery, ListChange, Write};
use uuid::Uuid;

use crate::{
    receiver::{Receiver, Reply},
    world::{CLIENT, Engine, TENANT, World, system},
};

/// What belongs to no tenant stands under this one.
const EVERYWHERE: TenantId = TenantId::from_uuid(Uuid::nil());

fn still() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_back_gets_everything_after_a_probe() {
    let (receiver, clock) = (Receiver::start(Reply::Status(500, "")).await, still());
    let world = World::new(Engine::Sqlite, clock.clone()).await;
    let endpoint = world.endpoint(&receiver.url).await;
    for grant in 1..=30 {
        world.revoke(grant).await;
    }
    let closed = |health: grantor_ports::WebhookHealth| health.next_probe_at.is_some();
    world.until_all(endpoint, |all| all.len() == 30).await;
    while !closed(world.service.deliveries().webhook_health(TENANT, endpoint).await.expect("an answer")) {
        tokio::task::yield_now().await;
    }
    let before = receiver.calls().len();
    assert!((5..=12).contains(&before), "{before} calls, and then it is left alone");
    clock.advance_seconds(6);
    let after = receiver.until(before + 1).await.len();
    assert_eq!(after, before + 1, "one probe");
    // Its failure is known once the next probe is later than now.
    let health = async || world.service.deliveries().webhook_health(TENANT, endpoint).await.expect("an answer");
    while health().await.next_probe_at <= Some(Clock::real(clock.as_ref())) {
        tokio::task::yield_now().await;
    }
    receiver.say(Reply::Status(200, ""));
    clock.advance_seconds(11);
    let all = world.until(endpoint, 30, DeliveryState::Delivered).await;
    assert_eq!(all.len(), 30);
    let health = world.service.deliveries().webhook_health(TENANT, endpoint).await.expect("an answer");
    assert_eq!((health.pending, health.failing_since, health.next_probe_at), (0, None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_too_many_is_left_alone_for_as_long_as_it_says() {
    let (receiver, clock) = (Receiver::start(Reply::Status(429, "retry-after: 120\r\n")).await, still());
    let world = World::new(Engine::Sqlite, clock.clone()).await;
    let endpoint = world.endpoint(&receiver.url).await;
    world.revoke(1).await;
    world.until_all(endpoint, |all| all.iter().any(|one| one.last_status == Some(429))).await;
    receiver.say(Reply::Status(200, ""));
    world.revoke(2).await;
    world.until_all(endpoint, |all| all.len() == 2).await;
    clock.advance_seconds(100);
    tokio::time::sleep(std::time::Duration::from_millis(600)).await;
    assert_eq!(receiver.calls().len(), 1);
    clock.advance_seconds(21);
    world.until(endpoint, 2, DeliveryState::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_is_deleted_leaves_nothing_behind_though_a_call_is_on_its_way() {
    let (receiver, clock) = (Receiver::start(Reply::Status(500, "")).await, still());
    let world = World::new(Engine::Sqlite, clock.clone()).await;
    let endpoint = world.endpoint(&receiver.url).await;
    for grant in 1..=9 {
        world.revoke(grant).await;
    }
    let deliveries = world.service.deliveries();
    while deliveries.webhook_health(TENANT, endpoint).await.expect("an answer").next_probe_at.is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(deliveries.failing_webhooks(9).await.expect("an answer").len(), 1);
    let rows = async || world.store.rows_of(TENANT, "endpoint_of", CLIENT.uuid()).await.expect("rows");
    assert!(!rows().await[0].data.is_empty(), "how it does is kept with it");
    // A probe is on its way when it is deleted.
    receiver.say(Reply::Later);
    let before = receiver.calls().len();
    clock.advance_seconds(6);
    receiver.until(before + 1).await;
    let endpoints = world.service.endpoints();
    endpoints.command_webhook(TENANT, endpoint, WebhookCommand::Delete, &system()).await.expect("deleted");
    receiver.say(Reply::Status(500, ""));
    let query = DeliveryQuery { limit: 99, ..DeliveryQuery::default() };
    let stored = async || world.store.deliveries(endpoint.uuid(), query).await.expect("rows");
    while !stored().await.iter().all(|one| one.state == Delivered::GivenUp) {
        clock.advance_seconds(60);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let attempts: u32 = stored().await.iter().map(|one| one.attempts).sum();
    assert_eq!(attempts as usize, before + 1, "what was on its way has come to an end");
    assert!(rows().await.is_empty());
    let listed = async || world.store.list(EVERYWHERE, "left_alone", "", None, 9).await.expect("a list").len();
    assert_eq!(listed().await, 0, "nor is it in the list");
    // Nor if its last call put it there: whoever looks takes it out.
    let again = ListChange::Put {
        tenant: EVERYWHERE,
        list: "left_alone",
        owner: String::new(),
        sort: "1".into(),
        id: endpoint.to_string(),
        version: 1,
        data: serde_json::to_vec(&(TENANT, endpoint)).expect("JSON"),
    };
    world.store.commit(Write { lists: vec![again], ..Write::default() }).await.expect("written");
    assert!(deliveries.failing_webhooks(9).await.expect("an answer").is_empty());
    assert_eq!(listed().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_gone_is_not_called_until_somebody_resumes_it() {
    let receiver = Receiver::start(Reply::Status(410, "")).await;
    let world = World::new(Engine::Sqlite, Arc::new(SystemClock)).await;
    let endpoint = world.endpoint(&receiver.url).await;
    world.revoke(1).await;
    receiver.until(1).await;
    let endpoints = world.service.endpoints();
    let state = async || endpoints.webhook(TENANT, endpoint).await.expect("an answer").expect("it is there").state;
    while state().await != WebhookState::Disabled {
        tokio::task::yield_now().await;
    }
    world.revoke(2).await;
    // What comes while it is disabled is given up, and kept for whoever wants to recover it.
    world.until(endpoint, 1, DeliveryState::Failed).await;
    receiver.say(Reply::Status(200, ""));
    endpoints.command_webhook(TENANT, endpoint, WebhookCommand::Resume, &system()).await.expect("it is called again");
    world.until(endpoint, 1, DeliveryState::Delivered).await;
    assert_eq!(receiver.calls().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_paused_gets_what_happened_meanwhile() {
    let receiver = Receiver::start(Reply::Status(200, "")).await;
    let world = World::new(Engine::Sqlite, Arc::new(SystemClock)).await;
    let endpoint = world.endpoint(&receiver.url).await;
    let endpoints = world.service.endpoints();
    endpoints.command_webhook(TENANT, endpoint, WebhookCommand::Pause, &system()).await.expect("paused");
    world.revoke(1).await;
    world.until(endpoint, 1, DeliveryState::Pending).await;
    assert!(receiver.calls().is_empty());
    endpoints.command_webhook(TENANT, endpoint, WebhookCommand::Resume, &system()).await.expect("resumed");
    world.until(endpoint, 1, DeliveryState::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_not_followed() {
    let elsewhere = Receiver::start(Reply::Status(200, "")).await;
    let location: &'static str = format!("location: {}\r\n", elsewhere.url).leak();
    let receiver = Receiver::start(Reply::Status(307, location)).await;
    let world = World::new(Engine::Sqlite, Arc::new(SystemClock)).await;
    let endpoint = world.endpoint(&receiver.url).await;
    world.revoke(1).await;
    let all = world.until_all(endpoint, |all| all.iter().any(|one| one.attempts > 0)).await;
    assert_eq!((all[0].state, all[0].last_error.as_deref()), (DeliveryState::Pending, Some("redirect")));
    assert!(elsewhere.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_may_not_be_called_is_never_connected_to() {
    let receiver = Receiver::start(Reply::Status(200, "")).await;
    let world = World::with(Engine::Sqlite, Arc::new(SystemClock), &[], Drilled::default()).await;
    let endpoint = world.endpoint(&receiver.url).await;
    world.revoke(1).await;
    let all = world.until_all(endpoint, |all| all.iter().any(|one| one.attempts > 0)).await;
    assert_eq!((all[0].last_status, all[0].last_error.as_deref()), (None, Some("blocked")));
    assert!(receiver.calls().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_endpoint_is_told_nothing_more() {
    let (receiver, clock) = (Receiver::start(Reply::Status(500, "")).await, still());
    let world = World::new(Engine::Sqlite, clock.clone()).await;
    let endpoint = world.endpoint(&receiver.url).await;
    world.revoke(1).await;
    receiver.until(1).await;
    world.until_all(endpoint, |all| all.iter().any(|one| one.attempts == 1)).await;
    let endpoints = world.service.endpoints();
    endpoints.command_webhook(TENANT, endpoint, WebhookCommand::Delete, &system()).await.expect("deleted");
    clock.advance_seconds(10_000);
    let key = grantor_store::DeliveryQuery { limit: 9, ..Default::default() };
    while world.store.deliveries(endpoint.uuid(), key).await.expect("rows")[0].state
        != grantor_store::Delivered::GivenUp
    {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(receiver.calls().len(), 1);
}
