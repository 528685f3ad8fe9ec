//! Refresh families on a real file: invariant I4.

use std::{collections::HashSet, sync::Arc};

use grantor_ports::{Tokens, UserState};
use grantor_profile::Profile;

use crate::world::*;

const OFFLINE: &str = "openid offline_access";

fn grace(profile: &mut Profile) {
    profile.refresh_tokens.grace_seconds = 60;
}

#[tokio::test]
async fn a_refresh_token_comes_with_offline_access_only() {
    let world = World::new().await;
    assert!(world.tokens(OPEN, "openid").await.json.get("refresh_token").is_none());
    let reply = world.tokens(OPEN, OFFLINE).await;
    assert!(reply.text("refresh_token").len() >= 43);
    assert!(world.tokens(LEGACY, "openid").await.json.get("refresh_token").is_none());
}

#[tokio::test]
async fn each_use_gives_a_new_token_and_an_old_one_kills_the_family() {
    let world = World::new().await;
    let first = world.tokens(OPEN, OFFLINE).await;
    let second = world.refresh(OPEN, first.text("refresh_token")).await;
    assert_eq!(second.status, 200);
    assert_ne!(second.text("refresh_token"), first.text("refresh_token"));
    world.refresh(OPEN, first.text("refresh_token")).await.is_error(400, "invalid_grant");
    world.refresh(OPEN, second.text("refresh_token")).await.is_error(400, "invalid_grant");
    assert!(!world.is_active(OPEN, first.text("access_token")).await);
    assert!(!world.is_active(OPEN, second.text("access_token")).await);
}

#[tokio::test]
async fn within_the_grace_the_previous_token_gets_the_same_successor() {
    let world = World::with(grace).await;
    let first = world.tokens(OPEN, OFFLINE).await;
    let second = world.refresh(OPEN, first.text("refresh_token")).await;
    world.clock.advance_seconds(59);
    let again = world.refresh(OPEN, first.text("refresh_token")).await;
    assert_eq!(again.text("refresh_token"), second.text("refresh_token"));
    assert!(world.is_active(OPEN, again.text("access_token")).await);
    world.clock.advance_seconds(1);
    world.refresh(OPEN, first.text("refresh_token")).await.is_error(400, "invalid_grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_parallel_refreshes_all_get_the_same_successor_within_the_grace() {
    let world = Arc::new(World::with(grace).await);
    let first = world.tokens(OPEN, OFFLINE).await;
    let replies = race(&world, first.text("refresh_token")).await;
    let successors: HashSet<&str> = replies.iter().map(|reply| reply.text("refresh_token")).collect();
    assert_eq!(successors.len(), 1);
    assert_eq!(world.refresh(OPEN, successors.into_iter().next().unwrap()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_parallel_refreshes_without_a_grace_one_wins_and_the_family_dies() {
    let world = Arc::new(World::new().await);
    let first = world.tokens(OPEN, OFFLINE).await;
    let replies = race(&world, first.text("refresh_token")).await;
    let won: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(won.len(), 1);
    replies.iter().filter(|reply| reply.status != 200).for_each(|reply| reply.is_error(400, "invalid_grant"));
    world.refresh(OPEN, won[0].text("refresh_token")).await.is_error(400, "invalid_grant");
    assert!(!world.is_active(OPEN, won[0].text("access_token")).await);
}

async fn race(world: &Arc<World>, token: &str) -> Vec<Reply> {
    let racers = (0..64).map(|_| {
        let (world, token) = (Arc::clone(world), token.to_owned());
        tokio::spawn(async move { world.refresh(OPEN, &token).await })
    });
    let mut replies = Vec::new();
    for racer in racers.collect::<Vec<_>>() {
        replies.push(racer.await.unwrap());
    }
    replies
}

#[tokio::test]
async fn a_narrower_scope_is_given_and_a_wider_one_uses_nothing_up() {
    let world = World::new().await;
    let first = world.tokens(OPEN, OFFLINE).await;
    let form = format!("grant_type=refresh_token&refresh_token={}", first.text("refresh_token"));
    let wider = world.post_as(OPEN, "one", "token", &format!("{form}&scope=openid+email")).await;
    wider.is_error(400, "invalid_scope");
    let narrower = world.post_as(OPEN, "one", "token", &format!("{form}&scope=openid")).await;
    assert_eq!(narrower.text("scope"), "openid");
    let whole = world.refresh(OPEN, narrower.text("refresh_token")).await;
    assert_eq!(whole.text("scope"), OFFLINE);
}

#[tokio::test]
async fn an_idle_family_and_an_old_family_end() {
    let world = World::new().await;
    let idle = world.tokens(OPEN, OFFLINE).await;
    let mut used = world.tokens(OPEN, OFFLINE).await;
    for _ in 0..12 {
        world.clock.advance_seconds(2_591_999);
        used = world.refresh(OPEN, used.text("refresh_token")).await;
        assert_eq!(used.status, 200);
    }
    world.refresh(OPEN, idle.text("refresh_token")).await.is_error(400, "invalid_grant");
    world.clock.advance_seconds(2_000_000);
    world.refresh(OPEN, used.text("refresh_token")).await.is_error(400, "invalid_grant");
    world.clock.advance_seconds(-2_000_000);
    world.refresh(OPEN, used.text("refresh_token")).await.is_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_stolen_or_forged_refresh_token_is_worth_nothing() {
    let world = World::new().await;
    let first = world.tokens(OPEN, OFFLINE).await;
    let token = first.text("refresh_token");
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    world.post_as(OPEN, "two", "token", &form).await.is_error(400, "invalid_grant");
    world.post_as(LEGACY, "one", "token", &form).await.is_error(400, "unsupported_grant_type");
    let other = if token.ends_with('A') { 'Q' } else { 'A' };
    let forged = format!("{}{other}", &token[..token.len() - 1]);
    world.refresh(OPEN, &forged).await.is_error(400, "invalid_grant");
    world.refresh(OPEN, "x").await.is_error(400, "invalid_grant");
    assert_eq!(world.refresh(OPEN, token).await.status, 200, "nothing of that used it up");
}

#[tokio::test]
async fn a_silent_directory_stops_refreshes_but_not_redemptions_or_introspection() {
    let world = World::new().await;
    let code = world.code(OPEN, "openid").await;
    let first = world.tokens(OPEN, OFFLINE).await;
    world.silence_directory();
    let reply = world.refresh(OPEN, first.text("refresh_token")).await;
    reply.is_error(503, "temporarily_unavailable");
    assert_eq!(reply.header("retry-after"), Some("1"));
    assert_eq!(world.exchange(OPEN, &code).await.status, 200);
    assert!(world.is_active(OPEN, first.text("access_token")).await);
}

#[tokio::test]
async fn a_password_change_ends_families_from_before() {
    let world = World::new().await;
    let first = world.tokens(OPEN, OFFLINE).await;
    world.clock.advance_seconds(1);
    world.user_is(UserState::Active, Some(grantor_ports::Clock::now(world.clock.as_ref(), OPEN)));
    world.refresh(OPEN, first.text("refresh_token")).await.is_error(400, "invalid_grant");
    assert!(!world.is_active(OPEN, first.text("access_token")).await);
    let later = world.tokens(OPEN, OFFLINE).await;
    assert_eq!(world.refresh(OPEN, later.text("refresh_token")).await.status, 200);
    assert_eq!(world.token.grants_of(LEGACY, USER).await.unwrap(), []);
}
