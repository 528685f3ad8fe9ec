//! Userinfo (OpenID Connect Core 5.3).

use grantor_ports::{IssueCode, Tokens};
use grantor_web::{CallBuilder, Method};
use serde_json::json;

use crate::world::*;

async fn by_header(world: &World, tenant: grantor_ids::TenantId, method: Method, token: &str) -> Reply {
    let call =
        CallBuilder::new(world.tenant(tenant), "/").method(method).header("authorization", &format!("Bearer {token}"));
    world.call("userinfo", call.build()).await.into()
}

#[tokio::test]
async fn claims_come_as_the_profile_maps_scopes() {
    let world = World::new().await;
    let reply = world.tokens(LEGACY, "openid profile plan").await;
    for method in [Method::GET, Method::POST] {
        let info = by_header(&world, LEGACY, method, reply.text("access_token")).await;
        assert_eq!(info.json, json!({"sub": USER.to_string(), "email": EMAIL, "plan": {"name": "basic"}}));
        assert_eq!(info.header("cache-control"), Some("no-store"));
    }
    let standard = world.tokens(OPEN, "openid profile").await;
    let info = by_header(&world, OPEN, Method::GET, standard.text("access_token")).await;
    assert_eq!(info.json, json!({"sub": USER.to_string(), "name": "Ada"}));
}

#[tokio::test]
async fn single_claims_are_answered_as_asked() {
    let world = World::new().await;
    let claims = Some(r#"{"userinfo":{"email":null,"name":{"value":"Eve"}}}"#.to_owned());
    let request = IssueCode { claims, ..world.request(OPEN, "one", "openid") };
    let code = world.token.issue_code(OPEN, request, &META).await.unwrap();
    let reply = world.exchange(OPEN, &code).await;
    let info = by_header(&world, OPEN, Method::GET, reply.text("access_token")).await;
    assert_eq!(info.json, json!({"sub": USER.to_string(), "email": EMAIL}));
}

#[tokio::test]
async fn the_token_comes_in_the_header_or_a_form_and_never_in_the_query() {
    let world = World::new().await;
    let reply = world.tokens(OPEN, "openid").await;
    let token = reply.text("access_token");
    let form = world.post(OPEN, "userinfo", &format!("access_token={token}")).await;
    assert_eq!(form.status, 200);
    let query = CallBuilder::new(world.tenant(OPEN), &format!("/?access_token={token}")).build();
    let query: Reply = world.call("userinfo", query).await.into();
    assert_eq!(query.status, 401);
    let challenge = query.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer ") && !challenge.contains("error="), "{challenge}");
    let both = CallBuilder::new(world.tenant(OPEN), "/").form(format!("access_token={token}"));
    let both = world.call("userinfo", both.header("authorization", &format!("Bearer {token}")).build()).await;
    assert_eq!(both.status(), 400);
}

#[tokio::test]
async fn a_dead_token_and_one_without_openid_are_told_apart() {
    let world = World::new().await;
    let dead = by_header(&world, OPEN, Method::GET, "unknown").await;
    dead.is_error(401, "invalid_token");
    assert!(dead.header("www-authenticate").unwrap().contains(r#"error="invalid_token""#));
    let own = world.post_as(OPEN, "one", "token", "grant_type=client_credentials").await;
    let own = by_header(&world, OPEN, Method::GET, own.text("access_token")).await;
    own.is_error(403, "insufficient_scope");
    assert!(own.header("www-authenticate").unwrap().contains(r#"scope="openid""#));
    let without = world.tokens(OPEN, "email").await;
    by_header(&world, OPEN, Method::GET, without.text("access_token")).await.is_error(403, "insufficient_scope");
}

#[tokio::test]
async fn a_silent_directory_is_a_503() {
    let world = World::new().await;
    let reply = world.tokens(OPEN, "openid").await;
    world.silence_directory();
    let info = by_header(&world, OPEN, Method::GET, reply.text("access_token")).await;
    info.is_error(503, "temporarily_unavailable");
    assert_eq!(info.header("retry-after"), Some("1"));
}
