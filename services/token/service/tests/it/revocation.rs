//! Revocation by clients (RFC 7009).

use crate::world::*;

async fn revoke(world: &World, client: &str, token: &str) -> u16 {
    let reply = world.post_as(OPEN, client, "revoke", &format!("token={token}&token_type_hint=whatever")).await;
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    reply.status
}

#[tokio::test]
async fn an_access_token_ends_alone_where_there_is_a_family() {
    let world = World::new().await;
    let reply = world.tokens(OPEN, "openid offline_access").await;
    assert_eq!(revoke(&world, "one", reply.text("access_token")).await, 200);
    assert!(!world.is_active(OPEN, reply.text("access_token")).await);
    let next = world.refresh(OPEN, reply.text("refresh_token")).await;
    assert!(world.is_active(OPEN, next.text("access_token")).await);
}

#[tokio::test]
async fn a_refresh_token_ends_everything_whatever_its_generation() {
    let world = World::new().await;
    let first = world.tokens(OPEN, "openid offline_access").await;
    let second = world.refresh(OPEN, first.text("refresh_token")).await;
    assert_eq!(revoke(&world, "one", first.text("refresh_token")).await, 200);
    assert!(!world.is_active(OPEN, first.text("access_token")).await);
    assert!(!world.is_active(OPEN, second.text("access_token")).await);
    world.refresh(OPEN, second.text("refresh_token")).await.is_error(400, "invalid_grant");
}

#[tokio::test]
async fn the_only_token_of_a_grant_ends_the_grant() {
    let world = World::new().await;
    let code = world.code(OPEN, "openid").await;
    let reply = world.exchange(OPEN, &code).await;
    assert_eq!(revoke(&world, "one", reply.text("access_token")).await, 200);
    let types: Vec<String> = world.events().await;
    assert_eq!(types.last().unwrap(), "oauth.authorization.revoked");
    assert_eq!(revoke(&world, "one", reply.text("access_token")).await, 200, "and again");
    assert_eq!(world.events().await, types, "one event for it");
}

#[tokio::test]
async fn an_unknown_or_anothers_token_is_answered_alike_and_left_alone() {
    let world = World::new().await;
    let reply = world.tokens(OPEN, "openid offline_access").await;
    assert_eq!(revoke(&world, "one", "unknown").await, 200);
    assert_eq!(revoke(&world, "two", reply.text("access_token")).await, 200);
    assert_eq!(revoke(&world, "two", reply.text("refresh_token")).await, 200);
    let foreign = world.post_as(LEGACY, "one", "revoke", &format!("token={}", reply.text("access_token"))).await;
    assert_eq!(foreign.status, 200);
    assert!(world.is_active(OPEN, reply.text("access_token")).await);
}

#[tokio::test]
async fn a_clients_own_token_can_be_revoked() {
    let world = World::new().await;
    let reply = world.post_as(OPEN, "one", "token", "grant_type=client_credentials").await;
    assert!(world.is_active(OPEN, reply.text("access_token")).await);
    assert_eq!(revoke(&world, "one", reply.text("access_token")).await, 200);
    assert!(!world.is_active(OPEN, reply.text("access_token")).await);
}

#[tokio::test]
async fn nobody_revokes_without_proving_who_they_are() {
    let world = World::new().await;
    let reply = world.tokens(OPEN, "openid").await;
    let form = format!("token={}", reply.text("access_token"));
    world.post(OPEN, "revoke", &form).await.is_error(401, "invalid_client");
    world.post(OPEN, "revoke", &format!("{form}&client_id=one&client_secret=x")).await.is_error(401, "invalid_client");
    assert!(world.is_active(OPEN, reply.text("access_token")).await);
}
