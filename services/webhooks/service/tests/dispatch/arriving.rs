//! What arrives, and how often.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use grantor_ports::{AdminError, DeliveryState, SystemClock, WebhookDeliveries as _};

use crate::{
    receiver::{Receiver, Reply},
    world::{Engine, StopOnce, TENANT, World, system},
};

async fn a_revocation_arrives_once(engine: Engine) {
    let receiver = Receiver::start(Reply::Status(200, "")).await;
    let world = World::new(engine, Arc::new(SystemClock)).await;
    let endpoint = world.endpoint(&receiver.url).await;
    world.revoke(1).await;
    let calls = receiver.until(1).await;
    let call = &calls[0];
    let body: serde_json::Value = serde_json::from_str(&call.body).expect("JSON");
    assert_eq!(body["type"], "oauth.authorization.revoked");
    assert_eq!(body["data"]["client_id"], "app_1");
    assert_eq!(call.header("webhook-id"), body["id"].as_str());
    assert!(call.header("webhook-signature").is_some_and(|value| value.starts_with("v1,")), "{}", call.head);
    assert!(call.header("webhook-timestamp").is_some_and(|value| value.parse::<i64>().is_ok()));
    assert_eq!(call.header("accept-encoding"), Some("identity"));
    // More events, each brought late and twice.
    for grant in 2..10 {
        world.revoke(grant).await;
    }
    let all = world.until(endpoint, 9, DeliveryState::Delivered).await;
    assert_eq!((all.len(), receiver.calls().len()), (9, 9), "each once");
    assert!(all.iter().all(|one| one.attempts == 1 && one.last_status == Some(200)));
    let page = world.service.deliveries().webhook_delivery(TENANT, endpoint, &all[0].message_id).await;
    let detail = page.expect("an answer").expect("a delivery");
    assert_eq!((detail.attempts.len(), detail.attempts[0].response.as_str()), (1, "ok"));
    assert!(detail.body.contains(&all[0].message_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_arrives_once_however_often_it_is_brought() {
    a_revocation_arrives_once(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_on_postgresql() {
    a_revocation_arrives_once(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_one_sends_and_the_other_goes_on_when_it_dies() {
    let receiver = Receiver::start(Reply::Status(200, "")).await;
    let mut world = World::new(Engine::Postgres, Arc::new(SystemClock)).await;
    let endpoint = world.endpoint(&receiver.url).await;
    let _other = world.beside().await;
    for grant in 1..=20 {
        world.revoke(grant).await;
    }
    world.until(endpoint, 20, DeliveryState::Delivered).await;
    assert_eq!(receiver.calls().len(), 20, "each once, though two could");
    world.die().await;
    world.revoke(21).await;
    world.until(endpoint, 21, DeliveryState::Delivered).await;
    assert_eq!(receiver.calls().len(), 21);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_says_nothing_holds_nobody_up() {
    let (silent, quick) = (Receiver::start(Reply::Silence).await, Receiver::start(Reply::Status(200, "")).await);
    let world = World::new(Engine::Sqlite, Arc::new(SystemClock)).await;
    world.endpoint(&silent.url).await;
    let endpoint = world.endpoint(&quick.url).await;
    for grant in 1..=20 {
        world.revoke(grant).await;
    }
    world.until(endpoint, 20, DeliveryState::Delivered).await;
    assert!(silent.calls().len() <= 4, "few calls of one endpoint are on their way");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_but_not_written_is_sent_again_with_the_same_id() {
    let receiver = Receiver::start(Reply::Status(200, "")).await;
    let allow = ["127.0.0.0/8:0"];
    let mut world = World::with(Engine::Sqlite, Arc::new(SystemClock), &allow, StopOnce::drill()).await;
    let endpoint = world.endpoint(&receiver.url).await;
    world.revoke(1).await;
    receiver.until(1).await;
    // It goes on to no result: as if it had been killed between the answer and the commit.
    assert_eq!(world.deliveries(endpoint).await[0].state, DeliveryState::Pending);
    world.die_and_start_again().await;
    let all = world.until(endpoint, 1, DeliveryState::Delivered).await;
    let calls = receiver.calls();
    assert_eq!((calls.len(), all.len()), (2, 1));
    assert_eq!(calls[0].header("webhook-id"), calls[1].header("webhook-id"));
    assert_eq!(calls[0].body, calls[1].body, "byte for byte");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_endpoint_with_a_long_queue_keeps_nobody_waiting() {
    let quick = Receiver::start(Reply::Status(200, "")).await;
    let world = World::new(Engine::Sqlite, Arc::new(SystemClock)).await;
    // Nobody listens there.
    let dead = world.endpoint("http://127.0.0.1:9/hook").await;
    for grant in 1..=300 {
        world.revoke(grant).await;
    }
    world.until_all(dead, |all| all.len() == 200).await;
    let endpoint = world.endpoint(&quick.url).await;
    world.revoke(1000).await;
    world.until(endpoint, 1, DeliveryState::Delivered).await;
    let health = world.service.deliveries().webhook_health(TENANT, dead).await.expect("an answer");
    assert!(health.pending >= 300 && health.failing_since.is_some());
    let tried: u32 = world.deliveries(dead).await.iter().map(|one| one.attempts).sum();
    assert!(tried < 50, "a closed lane: {tried} attempts");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_can_be_sent_again_and_what_was_given_up_recovered() {
    let receiver = Receiver::start(Reply::Status(200, "")).await;
    let world = World::new(Engine::Sqlite, Arc::new(SystemClock)).await;
    let endpoint = world.endpoint(&receiver.url).await;
    world.revoke(1).await;
    let all = world.until(endpoint, 1, DeliveryState::Delivered).await;
    let port = world.service.deliveries();
    port.resend_webhook(TENANT, endpoint, &all[0].message_id, &system()).await.expect("it is");
    receiver.until(2).await;
    world.until_all(endpoint, |all| all[0].attempts == 2 && all[0].state == DeliveryState::Delivered).await;
    let unknown = port.resend_webhook(TENANT, endpoint, "evt_00000000000000000000000000000001", &system()).await;
    assert_eq!(unknown.unwrap_err(), AdminError::NotFound("delivery"));
    // A test is sent once, whatever comes back.
    receiver.say(Reply::Status(500, ""));
    let test = port.test_webhook(TENANT, endpoint, &system()).await.expect("an id");
    let all = world.until(endpoint, 1, DeliveryState::Failed).await;
    let failed = all.iter().find(|one| one.state == DeliveryState::Failed).expect("one");
    assert_eq!(
        (failed.message_id.as_str(), failed.attempts, failed.event.as_str()),
        (test.as_str(), 1, "webhook.test")
    );
    receiver.say(Reply::Status(200, ""));
    let now = grantor_ports::Clock::real(&SystemClock);
    let (since, until) = (now - TimeDelta::hours(1), now + TimeDelta::hours(1));
    let again = port.recover_webhook(TENANT, endpoint, since, until, &system()).await.expect("a count");
    assert_eq!(again, 1, "what has arrived is not sent again");
    world.until(endpoint, 2, DeliveryState::Delivered).await;
    assert!(port.recover_webhook(TENANT, endpoint, until, since, &system()).await.is_err());
    tokio::time::timeout(Duration::from_secs(9), receiver.until(4)).await.expect("four calls");
}
