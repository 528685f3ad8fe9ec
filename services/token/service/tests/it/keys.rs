//! Signing keys: made once, published before they sign, published after.

use std::sync::Arc;

use grantor_ports::TokenAdmin;
use grantor_token::KeyCodec;
use grantor_web::CallBuilder;

use crate::world::*;

fn kid(reply: &Reply) -> String {
    grantor_jose::peek_header(reply.text("id_token")).unwrap().kid.unwrap()
}

async fn published(world: &World) -> Vec<String> {
    let reply: Reply = world.call("jwks", CallBuilder::new(world.tenant(OPEN), "/").build()).await.into();
    let keys = reply.json["keys"].as_array().unwrap().clone();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

async fn states(world: &World) -> Vec<String> {
    let keys = world.token.signing_keys(OPEN).await.unwrap();
    keys.into_iter().filter(|key| key.alg == "ES256").map(|key| key.state).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_need_makes_one_key_however_many_wait() {
    let world = Arc::new(World::new().await);
    let mut codes = Vec::new();
    for _ in 0..16 {
        codes.push(world.code(OPEN, "openid").await);
    }
    let racers: Vec<_> = codes
        .into_iter()
        .map(|code| {
            let world = Arc::clone(&world);
            tokio::spawn(async move { kid(&world.exchange(OPEN, &code).await) })
        })
        .collect();
    let mut kids = std::collections::HashSet::new();
    for racer in racers {
        kids.insert(racer.await.unwrap());
    }
    assert_eq!(kids.len(), 1);
    assert_eq!(states(&world).await, ["active"]);
}

#[tokio::test]
async fn a_next_key_is_published_first_and_signs_once_every_cache_knows_it() {
    let world = World::new().await;
    let old = kid(&world.tokens(OPEN, "openid").await);
    let next = world.token.rotate_signing_key(OPEN, "ES256", &META).await.unwrap();
    assert_eq!(next.state, "pending");
    assert!(published(&world).await.contains(&next.kid));
    world.clock.advance_seconds(299);
    world.token.run_due().await;
    assert_eq!(kid(&world.tokens(OPEN, "openid").await), old);
    world.clock.advance_seconds(1);
    world.token.run_due().await;
    assert_eq!(kid(&world.tokens(OPEN, "openid").await), next.kid);
    assert_eq!(states(&world).await, ["active", "retiring"]);
    assert!(published(&world).await.contains(&old), "for what it has signed");
    world.clock.advance_seconds(86_400);
    assert!(!published(&world).await.contains(&old));
    assert_eq!(states(&world).await, ["active", "retired"]);
}

#[tokio::test]
async fn the_streams_say_what_the_ring_says() {
    let world = World::new().await;
    world.tokens(OPEN, "openid").await;
    world.token.rotate_signing_key(OPEN, "ES256", &META).await.unwrap();
    world.clock.advance_seconds(300);
    world.token.run_due().await;
    let now = grantor_ports::Clock::real(world.clock.as_ref());
    for key in world.token.signing_keys(OPEN).await.unwrap() {
        let log = world.store.stream(OPEN, key.id.uuid()).await.unwrap();
        let events: Vec<_> =
            log.iter().map(|e| <KeyCodec as grantor_eventsourcing::Codec>::decode(e).unwrap()).collect();
        let state: grantor_token_domain::key::SigningKey = grantor_eventsourcing::fold(&events);
        assert_eq!(state.phase(now).unwrap().as_str(), key.state);
    }
}

#[tokio::test]
async fn an_unknown_algorithm_is_refused_and_tenants_have_keys_of_their_own() {
    let world = World::new().await;
    assert!(world.token.rotate_signing_key(OPEN, "none", &META).await.is_err());
    let (one, two) = (world.tokens(OPEN, "openid").await, world.tokens(LEGACY, "openid").await);
    assert_ne!(kid(&one), kid(&two));
}
