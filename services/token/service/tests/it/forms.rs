//! The three forms of access tokens: whatever a token is made of, it says the same and dies the
//! same.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use grantor_jose::{JwkSet, PublicKey, access_token};
use grantor_ports::{GrantSelector, IntrospectionCaller, RevokeReason, Tokens, UserState};
use grantor_profile::{AccessTokenFormat, Alphabet, Profile, Shape};
use grantor_web::CallBuilder;
use serde_json::{Value, json};

use crate::world::*;

fn forms() -> [AccessTokenFormat; 3] {
    [
        AccessTokenFormat::Handle { shape: Shape::random(Alphabet::Base62, 42) },
        AccessTokenFormat::Sealed {},
        AccessTokenFormat::Jwt {},
    ]
}

async fn worlds() -> Vec<(AccessTokenFormat, World)> {
    let mut worlds = Vec::new();
    for form in forms() {
        let chosen = form.clone();
        worlds.push((form, World::with(move |profile: &mut Profile| profile.access_tokens.format = chosen).await));
    }
    worlds
}

async fn introspected(world: &World, token: &str) -> Value {
    world.post_as(OPEN, "one", "introspect", &format!("token={token}")).await.json
}

async fn userinfo(world: &World, token: &str) -> Reply {
    let call = CallBuilder::new(world.tenant(OPEN), "/").header("authorization", &format!("Bearer {token}"));
    world.call("userinfo", call.build()).await.into()
}

#[tokio::test]
async fn every_form_says_the_same() {
    for (form, world) in worlds().await {
        let reply = world.tokens(OPEN, "openid email offline_access").await;
        let token = reply.text("access_token");
        assert!(token.len() <= 2048, "{form:?}: {}", token.len());
        let seen = introspected(&world, token).await;
        let expected = json!({
            "active": true, "scope": "openid email offline_access", "client_id": "one", "token_type": "Bearer",
            "exp": 1_800_000_600, "iat": 1_800_000_000, "sub": USER.to_string(),
            "aud": world.tenant(OPEN).api, "iss": world.tenant(OPEN).issuer,
        });
        assert_eq!(seen, expected, "{form:?}");
        assert_eq!(userinfo(&world, token).await.json["email"], EMAIL, "{form:?}");
        let own = world.post_as(OPEN, "one", "token", "grant_type=client_credentials").await;
        let seen = introspected(&world, own.text("access_token")).await;
        assert_eq!((&seen["active"], &seen["sub"]), (&json!(true), &json!("one")), "{form:?}");
        assert_eq!(userinfo(&world, own.text("access_token")).await.status, 403, "{form:?}: no user");
        let aud = world.tenant(OPEN).api.clone();
        let resource = world.token.introspect(OPEN, token, IntrospectionCaller::Resource(aud)).await.unwrap();
        assert!(matches!(resource, grantor_ports::Introspection::Active { user: Some(USER), .. }), "{form:?}");
    }
}

#[tokio::test]
async fn every_form_dies_alone_with_its_grant_and_with_its_time() {
    for (form, world) in worlds().await {
        let active = async |token: &str| world.is_active(OPEN, token).await;
        // Given back by its client: alone, because there is a family.
        let reply = world.tokens(OPEN, "openid offline_access").await;
        let (token, refresh) = (reply.text("access_token"), reply.text("refresh_token"));
        let revoked = world.post_as(OPEN, "one", "revoke", &format!("token={token}")).await;
        assert_eq!((revoked.status, active(token).await), (200, false), "{form:?}");
        assert_eq!(userinfo(&world, token).await.status, 401, "{form:?}");
        let next = world.refresh(OPEN, refresh).await;
        assert!(active(next.text("access_token")).await, "{form:?}: the family lives");
        // A client's own.
        let own = world.post_as(OPEN, "one", "token", "grant_type=client_credentials").await;
        let own = own.text("access_token");
        world.post_as(OPEN, "two", "revoke", &format!("token={own}")).await;
        assert!(active(own).await, "{form:?}: nobody else gives it back");
        world.post_as(OPEN, "one", "revoke", &format!("token={own}")).await;
        assert!(!active(own).await, "{form:?}");
        // With its grant, at once.
        world.token.revoke(OPEN, GrantSelector::User(USER), RevokeReason::Operator, &META).await.unwrap();
        assert!(!active(next.text("access_token")).await, "{form:?}");
        // With its user.
        let reply = world.tokens(OPEN, "openid").await;
        world.user_is(UserState::Locked, None);
        world.clock.advance_seconds(31);
        assert!(!active(reply.text("access_token")).await, "{form:?}");
        world.user_is(UserState::Active, None);
        world.clock.advance_seconds(31);
        // With its time.
        let reply = world.tokens(OPEN, "openid").await;
        world.clock.advance_seconds(599);
        assert!(active(reply.text("access_token")).await, "{form:?}");
        world.clock.advance_seconds(1);
        assert!(!active(reply.text("access_token")).await, "{form:?}");
    }
}

#[tokio::test]
async fn no_form_is_worth_anything_elsewhere_or_changed() {
    for (form, world) in worlds().await {
        let reply = world.tokens(OPEN, "openid").await;
        let token = reply.text("access_token");
        let there = world.post_as(LEGACY, "one", "introspect", &format!("token={token}")).await;
        assert_eq!(there.json["active"], false, "{form:?}");
        let mut changed = token.to_owned().into_bytes();
        let last = changed.len() - 2;
        changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
        assert!(!world.is_active(OPEN, &String::from_utf8(changed).unwrap()).await, "{form:?}");
        assert!(!world.is_active(OPEN, &token[..token.len() - 1]).await, "{form:?}");
        let stranger = world.post_as(OPEN, "two", "introspect", &format!("token={token}")).await;
        assert_eq!(stranger.json["active"], false, "{form:?}: another client's");
    }
}

#[tokio::test]
async fn a_jwt_is_that_of_rfc_9068_and_can_be_checked_by_its_key_alone() {
    let world = World::with(|profile| profile.access_tokens.format = AccessTokenFormat::Jwt {}).await;
    let reply = world.tokens(OPEN, "openid email").await;
    let token = reply.text("access_token");
    let part =
        |n: usize| -> Value { serde_json::from_slice(&B64.decode(token.split('.').nth(n).unwrap()).unwrap()).unwrap() };
    assert_eq!(part(0)["typ"], "at+jwt");
    let claims = part(1);
    for claim in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        assert!(!claims[claim].is_null(), "RFC 9068 2.2 requires {claim}: {claims}");
    }
    assert_eq!((&claims["scope"], &claims["auth_time"]), (&json!("openid email"), &json!(1_800_000_000)));
    assert!(!reply.body.contains(EMAIL) && !claims.to_string().contains("ada"), "no personal datum");
    let keys: Reply = world.call("jwks", CallBuilder::new(world.tenant(OPEN), "/").build()).await.into();
    let set: JwkSet = serde_json::from_value(keys.json).unwrap();
    let kid = part(0)["kid"].as_str().unwrap().to_owned();
    let key = PublicKey::from_jwk(set.find(&kid).unwrap()).unwrap();
    let tenant = world.tenant(OPEN);
    let check = |now, aud: &str| access_token::verify(&key, token, &tenant.issuer, aud, now);
    assert_eq!(check(1_800_000_001, &tenant.api).unwrap().client_id, "one");
    assert!(check(1_800_000_600, &tenant.api).is_err(), "expired");
    assert!(check(1_800_000_001, "https://other.example").is_err(), "meant for another resource");
    // An ID token is no access token, though the same key has signed it.
    assert!(!world.is_active(OPEN, reply.text("id_token")).await);
}

#[tokio::test]
async fn tokens_outlive_a_change_of_the_form() {
    let world = World::with(|profile| profile.access_tokens.format = AccessTokenFormat::Sealed {}).await;
    let mut kept = Vec::new();
    for form in forms() {
        let mut view = world.tenant(OPEN).as_ref().clone();
        let mut profile = view.profile.as_ref().clone();
        profile.access_tokens.format = form;
        view.profile = std::sync::Arc::new(profile);
        view.version += 1;
        world.change_tenant(view).await;
        kept.push(world.tokens(OPEN, "openid").await.text("access_token").to_owned());
    }
    for token in kept {
        assert!(world.is_active(OPEN, &token).await, "{token}");
    }
}

#[tokio::test]
async fn what_would_be_too_long_becomes_a_handle() {
    let world = World::with(|profile| {
        profile.access_tokens.format = AccessTokenFormat::Sealed {};
        let entry = profile.scopes.catalogue[0].clone();
        let long = |n: usize| grantor_profile::ScopeEntry { name: format!("{n:0>200}"), ..entry.clone() };
        profile.scopes.catalogue.extend((0..12).map(long));
    })
    .await;
    let scope = world.tenant(OPEN).profile.scopes.all().to_string();
    let reply = world.tokens(OPEN, &scope).await;
    assert_eq!(reply.text("access_token").len(), 43);
    assert!(world.is_active(OPEN, reply.text("access_token")).await);
}
