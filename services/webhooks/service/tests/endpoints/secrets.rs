//! Keys: shown once, sealed at rest, both of them signing while they overlap.

use std::fs;

use grantor_ports::{AdminError, Webhooks as _};
use grantor_webhooks_domain::signature::{Call, Signing, Verifier, sign, verify};
use secrecy::ExposeSecret;

use crate::world::{BANK, World, operator, start};

const DAY: i64 = 86_400;

async fn accepted(world: &World, id: grantor_ids::WebhookId, secret: &grantor_ports::WebhookSecret) -> [bool; 2] {
    let keys = world.endpoints.signing_keys(BANK, id).await.expect("keys");
    let at = start().timestamp();
    let signature = sign(&keys, Signing::Both, "evt_1", at, b"{}");
    let call = Call { id: "evt_1", timestamp: &at.to_string(), signature: &signature, body: b"{}" };
    [secret.secret.expose_secret(), &secret.public_key].map(|text| {
        let known = Verifier::parse(text).expect("a key");
        verify(&[known], call, at).is_ok()
    })
}

#[tokio::test]
async fn the_key_that_was_shown_is_the_one_that_signs() {
    let world = World::new().await;
    let (endpoint, secret) = world.endpoint().await;
    assert_eq!(accepted(&world, endpoint.id, &secret).await, [true, true]);
    assert_eq!(endpoint.keys[0].public_key, secret.public_key);
    let again = world.endpoints.reveal_webhook_secret(BANK, endpoint.id, &operator()).await.unwrap();
    assert_eq!(again.secret.expose_secret(), secret.secret.expose_secret());
    assert_eq!(world.events(endpoint.id).await.last().unwrap(), "webhook.endpoint.secret_revealed");
}

#[tokio::test]
async fn both_keys_sign_while_they_overlap() {
    let world = World::new().await;
    let (endpoint, first) = world.endpoint().await;
    let id = endpoint.id;
    let second = world.endpoints.rotate_webhook_secret(BANK, id, None, &operator()).await.unwrap();
    assert_ne!(second.secret.expose_secret(), first.secret.expose_secret());
    for secret in [&first, &second] {
        assert_eq!(accepted(&world, id, secret).await, [true, true]);
    }
    world.clock.advance_seconds(DAY - 1);
    assert_eq!(accepted(&world, id, &first).await, [true, true], "a day");
    world.clock.advance_seconds(1);
    assert_eq!(accepted(&world, id, &first).await, [false, false], "and no longer");
    assert_eq!(accepted(&world, id, &second).await, [true, true]);
    assert_eq!(world.endpoints.webhook(BANK, id).await.unwrap().unwrap().keys.len(), 1, "nor is it listed");
}

#[tokio::test]
async fn without_overlap_the_old_key_is_gone_at_once() {
    let world = World::new().await;
    let (endpoint, first) = world.endpoint().await;
    let second = world.endpoints.rotate_webhook_secret(BANK, endpoint.id, Some(0), &operator()).await.unwrap();
    assert_eq!(accepted(&world, endpoint.id, &first).await, [false, false]);
    assert_eq!(accepted(&world, endpoint.id, &second).await, [true, true]);
    let rows = world.store.rows_of(BANK, "endpoint_key", endpoint.id.uuid()).await.unwrap();
    assert_eq!(rows.len(), 1, "its row is gone with it");
    for too_long in [7 * 86_400 + 1, u64::MAX] {
        let refused = world.endpoints.rotate_webhook_secret(BANK, endpoint.id, Some(too_long), &operator()).await;
        assert!(matches!(refused, Err(AdminError::Invalid { .. })));
    }
}

#[tokio::test]
async fn no_key_is_anywhere_in_clear() {
    let world = World::new().await;
    let (endpoint, first) = world.endpoint().await;
    let second = world.endpoints.rotate_webhook_secret(BANK, endpoint.id, None, &operator()).await.unwrap();
    let mut bytes = Vec::new();
    for entry in fs::read_dir(world.folder.path()).unwrap() {
        bytes.extend(fs::read(entry.unwrap().path()).unwrap());
    }
    let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
    assert!(holds(first.public_key.as_bytes()), "what is no secret is there, so the search finds things");
    for secret in [&first, &second] {
        let text = secret.secret.expose_secret().strip_prefix("whsec_").unwrap();
        let raw: Vec<u8> = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, text).unwrap();
        assert!(!holds(text.as_bytes()) && !holds(&raw));
        assert!(!format!("{secret:?}").contains(text), "nor in a log");
    }
    world
        .endpoints
        .command_webhook(BANK, endpoint.id, grantor_ports::WebhookCommand::Delete, &operator())
        .await
        .unwrap();
    assert!(world.store.rows_of(BANK, "endpoint_key", endpoint.id.uuid()).await.unwrap().is_empty());
}
