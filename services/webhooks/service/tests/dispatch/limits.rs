//! How often an endpoint is called, by a clock that only moves when it is told to.

use std::sync::Arc;

use chrono::DateTime;
use grantor_ports::{DeliveryState, Drilled, FixedClock};
use grantor_webhooks::Rate;

use crate::{
    receiver::{Receiver, Reply},
    world::{Engine, World},
};

fn still() -> Arc<FixedClock> {
    Arc::new(FixedClock::at(DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_holds_one_endpoint_back_and_nobody_else_until_it_is_taken_away() {
    let (slow, quick) = (Receiver::start(Reply::Status(200, "")).await, Receiver::start(Reply::Status(200, "")).await);
    let clock = still();
    let world = World::new(Engine::Sqlite, clock.clone()).await;
    let (limited, free) = (world.endpoint(&slow.url).await, world.endpoint(&quick.url).await);
    world.limit(limited, 1).await;
    for grant in 1..=6 {
        world.revoke(grant).await;
    }
    world.until(free, 6, DeliveryState::Delivered).await;
    for calls in 1..=3 {
        slow.until(calls).await;
        world.revoke(100 + calls as u128).await;
        world.until(free, 6 + calls, DeliveryState::Delivered).await;
        assert_eq!(slow.calls().len(), calls, "one in a second");
        clock.advance_seconds(1);
    }
    world.limit(limited, 0).await;
    world.until(limited, 9, DeliveryState::Delivered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_there_is_for_all_holds_for_who_has_no_limit_of_its_own() {
    let (receiver, clock) = (Receiver::start(Reply::Status(200, "")).await, still());
    let (allow, rate) = (["127.0.0.0/8:0"], Rate::per_second(2));
    let world = World::limited(Engine::Sqlite, clock.clone(), &allow, Drilled::default(), rate).await;
    let endpoint = world.endpoint(&receiver.url).await;
    for grant in 1..=5 {
        world.revoke(grant).await;
    }
    world
        .until_all(endpoint, |all| all.len() == 5 && all.iter().any(|one| one.state == DeliveryState::Delivered))
        .await;
    assert_eq!(receiver.calls().len(), 1);
    clock.advance_seconds(1);
    // What half a second brings, and one.
    world.until(endpoint, 3, DeliveryState::Delivered).await;
    assert_eq!(receiver.calls().len(), 3);
    clock.advance_seconds(60);
    world.until(endpoint, 5, DeliveryState::Delivered).await;
}
