//! Introspection (RFC 7662): to the token's client and its audience's server, never stale.

use grantor_ports::{ClientKind, ClientState, Introspection, IntrospectionCaller, Tokens, UserState};

use crate::world::*;

#[tokio::test]
async fn the_tokens_client_sees_it_and_another_does_not() {
    let world = World::new().await;
    let reply = world.tokens(OPEN, "openid email").await;
    let form = format!("token={}", reply.text("access_token"));
    let seen = world.post_as(OPEN, "one", "introspect", &form).await;
    assert_eq!(seen.json["active"], true);
    assert_eq!(seen.text("scope"), "openid email");
    assert_eq!(seen.text("client_id"), "one");
    assert_eq!(seen.text("sub"), USER.to_string());
    assert_eq!(seen.text("aud"), world.tenant(OPEN).api);
    assert_eq!(seen.text("iss"), world.tenant(OPEN).issuer);
    assert_eq!(seen.text("token_type"), "Bearer");
    assert_eq!(seen.json["exp"], 1_800_000_600);
    assert_eq!(seen.header("cache-control"), Some("no-store"));
    let hidden = world.post_as(OPEN, "two", "introspect", &form).await;
    assert_eq!(hidden.body, r#"{"active":false}"#);
    let elsewhere = world.post_as(LEGACY, "one", "introspect", &form).await;
    assert_eq!(elsewhere.body, r#"{"active":false}"#, "another tenant's");
}

#[tokio::test]
async fn the_audiences_resource_server_sees_it() {
    let world = World::new().await;
    let api = world.tenant(OPEN).api.clone();
    world.change_client(OPEN, "two", |client| client.resource = Some(api.clone())).await;
    let reply = world.tokens(OPEN, "openid offline_access").await;
    let form = format!("token={}", reply.text("access_token"));
    assert_eq!(world.post_as(OPEN, "two", "introspect", &form).await.json["active"], true);
    let refresh = format!("token={}", reply.text("refresh_token"));
    assert_eq!(
        world.post_as(OPEN, "two", "introspect", &refresh).await.json["active"],
        false,
        "refresh tokens are not"
    );
    assert_eq!(world.post_as(OPEN, "one", "introspect", &refresh).await.json["active"], true);
    let by_port = |aud: &str| {
        world.token.introspect(OPEN, reply.text("access_token"), IntrospectionCaller::Resource(aud.to_owned()))
    };
    assert!(matches!(by_port(&api).await.unwrap(), Introspection::Active { user: Some(USER), .. }));
    assert_eq!(by_port("https://other.example").await.unwrap(), Introspection::Inactive);
}

#[tokio::test]
async fn whoever_asks_must_prove_who_they_are() {
    let world = World::new().await;
    let reply = world.tokens(OPEN, "openid").await;
    let form = format!("token={}", reply.text("access_token"));
    world.post(OPEN, "introspect", &form).await.is_error(401, "invalid_client");
    world.change_client(OPEN, "two", |client| client.kind = ClientKind::Public).await;
    world.post(OPEN, "introspect", &format!("{form}&client_id=two")).await.is_error(401, "invalid_client");
}

#[tokio::test]
async fn a_token_is_dead_with_its_lifetime_its_user_or_its_client() {
    let world = World::new().await;
    let reply = world.tokens(OPEN, "openid").await;
    let token = reply.text("access_token");
    let by_port = || async {
        world
            .token
            .introspect(OPEN, token, IntrospectionCaller::Resource(world.tenant(OPEN).api.clone()))
            .await
            .unwrap()
    };
    for state in [UserState::Locked, UserState::Deactivated, UserState::Erased] {
        world.user_is(state, None);
        assert_eq!(by_port().await, Introspection::Inactive, "{state:?}");
    }
    world.user_is(UserState::Active, None);
    assert_ne!(by_port().await, Introspection::Inactive);
    world.change_client(OPEN, "one", |client| client.state = ClientState::Suspended { reason: "abuse".into() }).await;
    assert_eq!(by_port().await, Introspection::Inactive);
    world.change_client(OPEN, "one", |client| client.state = ClientState::Approved).await;
    world.clock.advance_seconds(599);
    assert_ne!(by_port().await, Introspection::Inactive);
    world.clock.advance_seconds(1);
    assert_eq!(by_port().await, Introspection::Inactive);
}

#[tokio::test]
async fn a_clients_own_token_speaks_of_the_client() {
    let world = World::with(|profile| {
        let mut entry = profile.scopes.catalogue[0].clone();
        entry.name = "reports".into();
        profile.scopes.catalogue.push(entry);
    })
    .await;
    let reply = world.post_as(OPEN, "one", "token", "grant_type=client_credentials").await;
    assert_eq!(reply.text("scope"), "reports", "nothing about users");
    assert!(reply.json.get("refresh_token").is_none() && reply.json.get("id_token").is_none());
    let seen = world.post_as(OPEN, "one", "introspect", &format!("token={}", reply.text("access_token"))).await;
    assert_eq!((seen.text("sub"), seen.text("client_id")), ("one", "one"));
    let about_users = world.post_as(OPEN, "one", "token", "grant_type=client_credentials&scope=openid").await;
    about_users.is_error(400, "invalid_scope");
    world
        .post_as(LEGACY, "one", "token", "grant_type=client_credentials")
        .await
        .is_error(400, "unsupported_grant_type");
}
