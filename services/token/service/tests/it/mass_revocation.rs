//! All of a user, of a user and a client, of a client.

use grantor_bus::{OwnLog, Subscription};
use grantor_ids::UserId;
use grantor_ports::{GrantSelector, RevokeReason, TokenAdmin, Tokens};
use grantor_store::Log;
use grantor_token::{GrantList, NAME};
use uuid::Uuid;

use crate::world::*;

/// Follows the log, as the host makes it do.
fn follow(world: &World) -> tokio::task::JoinHandle<()> {
    let source = std::sync::Arc::new(OwnLog::new(NAME, world.store.clone(), Log::Events));
    let consumer = std::sync::Arc::new(GrantList);
    tokio::spawn(
        Subscription {
            consumer,
            source,
            store: world.store.clone(),
            metrics: grantor_telemetry::Metrics::new().bus(NAME),
        }
        .run(),
    )
}

#[tokio::test]
async fn all_grants_of_a_user_end_at_once_with_an_event_each() {
    let world = World::new().await;
    let _following = follow(&world);
    let (one, two) = (world.tokens(OPEN, "openid").await, world.tokens(OPEN, "openid offline_access").await);
    let waiting = world.code(OPEN, "openid").await;
    assert_eq!(world.token.grants_of(OPEN, USER).await.unwrap().len(), 2);
    let which = GrantSelector::User(USER);
    assert_eq!(world.token.revoke(OPEN, which, RevokeReason::UserChanged, &META).await, Ok(3));
    assert!(!world.is_active(OPEN, one.text("access_token")).await);
    world.refresh(OPEN, two.text("refresh_token")).await.is_error(400, "invalid_grant");
    world.exchange(OPEN, &waiting).await.is_error(400, "invalid_grant");
    assert_eq!(world.token.grants_of(OPEN, USER).await.unwrap(), []);
    let events = world.events().await;
    assert_eq!(events.iter().filter(|kind| *kind == "oauth.authorization.revoked").count(), 3);
    let later = world.tokens(OPEN, "openid").await;
    assert!(world.is_active(OPEN, later.text("access_token")).await, "what is made later lives");
}

#[tokio::test]
async fn the_word_counts_before_any_list_has_heard_of_the_grant() {
    let world = World::new().await;
    let reply = world.tokens(OPEN, "openid").await;
    let client = world.client(OPEN, "one").key;
    let which = GrantSelector::UserAndClient(USER, client);
    // Nobody follows the log here: no list.
    assert_eq!(world.token.revoke(OPEN, which, RevokeReason::ConsentWithdrawn, &META).await, Ok(0));
    assert!(!world.is_active(OPEN, reply.text("access_token")).await);
}

#[tokio::test]
async fn what_others_gave_lives_on() {
    let world = World::new().await;
    let _following = follow(&world);
    let reply = world.tokens(OPEN, "openid").await;
    let other = GrantSelector::User(UserId::from_uuid(Uuid::from_u128(99)));
    assert_eq!(world.token.revoke(OPEN, other, RevokeReason::Operator, &META).await, Ok(0));
    let elsewhere = GrantSelector::User(USER);
    assert_eq!(world.token.revoke(LEGACY, elsewhere, RevokeReason::Operator, &META).await, Ok(0));
    let two = world.client(OPEN, "two").key;
    let other_client = GrantSelector::UserAndClient(USER, two);
    assert_eq!(world.token.revoke(OPEN, other_client, RevokeReason::Operator, &META).await, Ok(0));
    world.token.revoke_client_grants(OPEN, two, &META).await.unwrap();
    assert!(world.is_active(OPEN, reply.text("access_token")).await);
}

#[tokio::test]
async fn all_that_a_client_has_ends_its_own_tokens_too() {
    let world = World::new().await;
    let (given, own) = (
        world.tokens(OPEN, "openid").await,
        world.post_as(OPEN, "one", "token", "grant_type=client_credentials").await,
    );
    world.token.revoke_client_grants(OPEN, world.client(OPEN, "one").key, &META).await.unwrap();
    assert!(!world.is_active(OPEN, given.text("access_token")).await);
    assert!(!world.is_active(OPEN, own.text("access_token")).await);
    let later = world.post_as(OPEN, "one", "token", "grant_type=client_credentials").await;
    assert!(world.is_active(OPEN, later.text("access_token")).await);
}

#[tokio::test]
async fn a_grant_made_while_the_clock_was_wrong_is_revoked_like_any_other() {
    let world = World::new().await;
    world.clock.advance_seconds(3600);
    let reply = world.tokens(LEGACY, "openid").await;
    world.clock.advance_seconds(-3600);
    let which = GrantSelector::UserAndClient(USER, world.client(LEGACY, "one").key);
    world.token.revoke(LEGACY, which, RevokeReason::AccountHolder, &META).await.unwrap();
    assert!(!world.is_active(LEGACY, reply.text("access_token")).await);
}

#[tokio::test]
async fn time_ends_grants_and_leaves_an_event() {
    let world = World::new().await;
    let _following = follow(&world);
    world.code(OPEN, "openid").await;
    world.tokens(OPEN, "openid").await;
    world.clock.advance_seconds(600 + 3600);
    world.token.run_due().await;
    let events = world.events().await;
    assert_eq!(events.iter().filter(|kind| *kind == "oauth.authorization.expired").count(), 2);
    world.token.run_due().await;
    assert_eq!(world.events().await, events);
}
