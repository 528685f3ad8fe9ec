//! Clients: usable at once, refused at once, and asked after before they are refused.

use std::sync::{Arc, atomic::Ordering};

use futures_util::future::join_all;
use grantor_copies::CLIENT_STATE;
use grantor_ports::{ClientState, PortError, Registry};

use crate::owners::{TENANT, client, world};

fn approved() -> ClientState {
    ClientState::Approved
}

#[tokio::test]
async fn a_client_registered_a_moment_ago_is_read_through() {
    let world = world().await;
    assert!(world.copies.client(TENANT, "app").await.expect("an answer").is_none());
    assert_eq!(world.owners.asked(), 1);
    world.hear(CLIENT_STATE, "app".into(), 1, Some(&client(1, approved()))).await;
    let found = world.copies.client(TENANT, "app").await.expect("an answer");
    assert!(found.is_some_and(|view| view.is_approved()), "what was heard counts before what was not known");
    assert_eq!(world.owners.asked(), 1);
}

#[tokio::test]
async fn unknown_clients_do_not_storm_the_owner() {
    let world = world().await;
    for found in join_all((0..64).map(|_| world.copies.client(TENANT, "nobody"))).await {
        assert!(found.expect("an answer").is_none());
    }
    assert_eq!(world.owners.asked(), 1);
}

#[tokio::test]
async fn the_owner_is_asked_before_a_refusal_even_if_the_copy_knows() {
    let world = world().await;
    world.hear(CLIENT_STATE, "app".into(), 1, Some(&client(1, ClientState::Pending))).await;
    world.owners.clients.lock().insert("app".into(), Arc::new(client(2, approved())));
    assert!(!world.copies.client(TENANT, "app").await.expect("an answer").expect("a client").is_approved());
    let asked = join_all((0..32).map(|_| world.copies.client_of_owner(TENANT, "app"))).await;
    assert!(asked.into_iter().all(|found| found.expect("an answer").expect("a client").is_approved()));
    assert_eq!(world.owners.asked(), 1, "once for all who wait");
    let kept = world.copies.client(TENANT, "app").await.expect("an answer").expect("a client");
    assert!(kept.is_approved(), "the answer is kept");
}

/// Whoever was told "not yet" a moment ago is told "yes" now, whatever brings the events.
#[tokio::test]
async fn an_approval_takes_effect_at_once_after_a_refusal() {
    let world = world().await;
    world.owners.clients.lock().insert("app".into(), Arc::new(client(1, ClientState::Pending)));
    assert!(!world.copies.client_of_owner(TENANT, "app").await.expect("an answer").expect("a client").is_approved());
    world.owners.clients.lock().insert("app".into(), Arc::new(client(2, approved())));
    assert!(world.copies.client_of_owner(TENANT, "app").await.expect("an answer").expect("a client").is_approved());
}

#[tokio::test]
async fn an_owner_who_is_older_than_what_was_heard_changes_nothing() {
    let world = world().await;
    let suspended = ClientState::Suspended { reason: "abuse".into() };
    world.owners.clients.lock().insert("app".into(), Arc::new(client(1, approved())));
    world.hear(CLIENT_STATE, "app".into(), 2, Some(&client(2, suspended))).await;
    world.copies.client_of_owner(TENANT, "app").await.expect("an answer");
    let kept = world.copies.client(TENANT, "app").await.expect("an answer").expect("a client");
    assert_eq!(kept.version, 2);
    assert!(!kept.is_approved());
}

#[tokio::test]
async fn a_deleted_client_is_gone() {
    let world = world().await;
    world.hear(CLIENT_STATE, "app".into(), 1, Some(&client(1, approved()))).await;
    assert!(world.copies.client(TENANT, "app").await.expect("an answer").is_some());
    world.hear(CLIENT_STATE, "app".into(), 2, None::<&()>).await;
    assert!(world.copies.client(TENANT, "app").await.expect("an answer").is_none());
}

#[tokio::test]
async fn a_silent_owner_makes_no_refusal() {
    let world = world().await;
    world.owners.silent.store(true, Ordering::SeqCst);
    assert_eq!(world.copies.client(TENANT, "app").await.err(), Some(PortError::Unavailable));
}
