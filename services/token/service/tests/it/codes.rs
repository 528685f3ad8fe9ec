//! Codes: redeemed once, by their owner, with what they are bound to.

use std::sync::Arc;

use grantor_jose::{JwkSet, PublicKey, id_token};
use grantor_ports::{ClientKind, Clock, IssueCode, Tokens, UserState};
use grantor_web::CallBuilder;

use crate::world::*;

#[tokio::test]
async fn a_code_gives_tokens_in_the_profiles_order() {
    let world = World::new().await;
    let reply = world.tokens(LEGACY, "openid profile plan").await;
    let members: Vec<&str> = reply.body.split('"').filter(|word| reply.json.get(word).is_some()).collect();
    assert_eq!(members, ["access_token", "expires_in", "scope", "token_type", "expires_at", "id_token"]);
    assert_eq!(reply.json["expires_in"], 864_000);
    assert_eq!(reply.json["expires_at"], 1_800_000_000 + 864_000);
    assert_eq!(reply.text("scope"), "openid profile plan");
    assert_eq!(reply.text("access_token").len(), 42);
    assert_eq!(reply.header("cache-control"), Some("no-store"));
    assert_eq!(reply.header("pragma"), Some("no-cache"));
}

#[tokio::test]
async fn the_id_token_binds_user_client_nonce_and_access_token() {
    let world = World::new().await;
    let reply = world.tokens(LEGACY, "openid profile").await;
    let keys = world.call("jwks", CallBuilder::new(world.tenant(LEGACY), "/").build()).await;
    let keys: JwkSet = serde_json::from_slice(keys.body()).unwrap();
    let kid = grantor_jose::peek_header(reply.text("id_token")).unwrap().kid.unwrap();
    let key = PublicKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    assert_eq!(key.alg(), grantor_jose::Alg::ES256, "the client's own choice");
    let now = world.clock.now(LEGACY).timestamp();
    let issuer = &world.tenant(LEGACY).issuer;
    let token = id_token::verify(&key, reply.text("id_token"), issuer, "one", now).unwrap();
    assert_eq!(token.sub, USER.to_string());
    assert_eq!(token.nonce.as_deref(), Some("a nonce"));
    assert_eq!(token.auth_time, Some(now));
    assert_eq!(token.sid, Some(SESSION.to_string()));
    assert_eq!(token.at_hash, Some(grantor_jose::half_hash(key.alg(), reply.text("access_token"))));
    // This tenant's `profile` brings the address, and brings it in the ID token.
    assert_eq!(token.more.get("email").and_then(|email| email.as_str()), Some(EMAIL));
    assert!(!token.more.contains_key("plan"), "not granted");
    let hint = world.token.read_id_token_hint(LEGACY, reply.text("id_token")).await.unwrap().unwrap();
    assert_eq!((hint.user, hint.client_id.as_str(), hint.session), (USER, "one", Some(SESSION)));
    assert_eq!(world.token.read_id_token_hint(OPEN, reply.text("id_token")).await, Ok(None));
}

#[tokio::test]
async fn claims_asked_for_in_the_id_token_come_from_the_directory() {
    let world = World::new().await;
    let asked = r#"{"id_token":{"email":{"essential":true},"name":{"value":"Eve"},"sub":null}}"#;
    let request = IssueCode { claims: Some(asked.into()), ..world.request(OPEN, "one", "openid") };
    let code = world.token.issue_code(OPEN, request, &META).await.unwrap();
    world.silence_directory();
    let reply = world.exchange(OPEN, &code).await;
    let payload = reply.text("id_token").split('.').nth(1).unwrap();
    let payload = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload).unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["email"], EMAIL, "handed over when the code was made");
    assert_eq!(payload.get("name"), None, "another value was demanded");
    assert_eq!(payload["sub"], USER.to_string(), "no directory says who the subject is");
}

#[tokio::test]
async fn replay_revokes_what_the_first_redemption_gave() {
    let world = World::new().await;
    let code = world.code(OPEN, "openid offline_access").await;
    let first = world.exchange(OPEN, &code).await;
    assert!(world.is_active(OPEN, first.text("access_token")).await);
    world.exchange(OPEN, &code).await.is_error(400, "invalid_grant");
    assert!(!world.is_active(OPEN, first.text("access_token")).await);
    world.refresh(OPEN, first.text("refresh_token")).await.is_error(400, "invalid_grant");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_parallel_redemptions_one_wins_and_what_it_got_is_revoked() {
    let world = Arc::new(World::new().await);
    let code = world.code(OPEN, "openid").await;
    world.token_warm().await;
    let racers: Vec<_> = (0..64)
        .map(|_| {
            let (world, code) = (Arc::clone(&world), code.clone());
            tokio::spawn(async move { world.exchange(OPEN, &code).await })
        })
        .collect();
    let mut won = Vec::new();
    for racer in racers {
        let reply = racer.await.unwrap();
        match reply.status {
            200 => won.push(reply),
            _ => reply.is_error(400, "invalid_grant"),
        }
    }
    assert_eq!(won.len(), 1);
    assert!(!world.is_active(OPEN, won[0].text("access_token")).await);
}

#[tokio::test]
async fn a_hostile_client_with_a_stolen_code_gets_and_spends_nothing() {
    let world = World::new().await;
    let code = world.code(OPEN, "openid").await;
    let form = format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}");
    world.post_as(OPEN, "two", "token", &form).await.is_error(400, "invalid_grant");
    assert_eq!(world.exchange(OPEN, &code).await.status, 200);
}

#[tokio::test]
async fn a_code_of_one_tenant_is_worth_nothing_at_another() {
    let world = World::new().await;
    let code = world.code(OPEN, "openid").await;
    world.exchange(LEGACY, &code).await.is_error(400, "invalid_grant");
    assert_eq!(world.exchange(OPEN, &code).await.status, 200);
}

#[tokio::test]
async fn a_wrong_redirect_uri_spends_the_code_and_a_missing_one_does_not() {
    let world = World::new().await;
    let code = world.code(OPEN, "openid").await;
    let bare = format!("grant_type=authorization_code&code={code}");
    world.post_as(OPEN, "one", "token", &bare).await.is_error(400, "invalid_request");
    world
        .post(OPEN, "token", &format!("{bare}&client_id=one&client_secret=wrong"))
        .await
        .is_error(401, "invalid_client");
    let wrong = format!("{bare}&redirect_uri={CALLBACK}/");
    world.post_as(OPEN, "one", "token", &wrong).await.is_error(400, "invalid_grant");
    world.exchange(OPEN, &code).await.is_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_challenge_demands_its_verifier_and_a_verifier_its_challenge() {
    let world = World::new().await;
    let bound = IssueCode { code_challenge: Some(CHALLENGE.into()), ..world.request(OPEN, "one", "openid") };
    let code = world.token.issue_code(OPEN, bound.clone(), &META).await.unwrap();
    let form = |code: &str, verifier: &str| {
        format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={verifier}")
    };
    assert_eq!(world.post_as(OPEN, "one", "token", &form(&code, VERIFIER)).await.status, 200);
    let code = world.token.issue_code(OPEN, bound, &META).await.unwrap();
    world.exchange(OPEN, &code).await.is_error(400, "invalid_grant");
    world.post_as(OPEN, "one", "token", &form(&code, VERIFIER)).await.is_error(400, "invalid_grant");
    let unbound = world.code(OPEN, "openid").await;
    world.post_as(OPEN, "one", "token", &form(&unbound, VERIFIER)).await.is_error(400, "invalid_grant");
    let unbound = world.code(OPEN, "openid").await;
    world.post_as(OPEN, "one", "token", &form(&unbound, "short")).await.is_error(400, "invalid_request");
    assert_eq!(world.exchange(OPEN, &unbound).await.status, 200, "malformed requests spend nothing");
}

#[tokio::test]
async fn a_public_client_needs_no_secret_and_may_send_none() {
    let world = World::new().await;
    world.change_client(OPEN, "one", |client| client.kind = ClientKind::Public).await;
    let request = IssueCode { code_challenge: Some(CHALLENGE.into()), ..world.request(OPEN, "one", "openid") };
    let code = world.token.issue_code(OPEN, request, &META).await.unwrap();
    let form = format!(
        "grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&client_id=one&code_verifier={VERIFIER}"
    );
    world.post(OPEN, "token", &format!("{form}&client_secret={SECRET}")).await.is_error(401, "invalid_client");
    assert_eq!(world.post(OPEN, "token", &form).await.status, 200);
    let form = "grant_type=client_credentials&client_id=one";
    world.post(OPEN, "token", form).await.is_error(400, "unauthorized_client");
}

#[tokio::test]
async fn a_code_dies_with_its_lifetime_and_no_clock_brings_it_back() {
    let world = World::new().await;
    let code = world.code(OPEN, "openid").await;
    world.clock.advance_seconds(60);
    world.exchange(OPEN, &code).await.is_error(400, "invalid_grant");
    world.clock.advance_seconds(-30);
    world.exchange(OPEN, &code).await.is_error(400, "invalid_grant");
}

#[tokio::test]
async fn a_locked_user_or_an_unapproved_client_gets_no_tokens() {
    let world = World::new().await;
    let code = world.code(OPEN, "openid").await;
    world.user_is(UserState::Locked, None);
    world.exchange(OPEN, &code).await.is_error(400, "invalid_grant");
    world.user_is(UserState::Active, None);
    let suspended = grantor_ports::ClientState::Suspended { reason: "abuse".into() };
    world.change_client(OPEN, "one", |client| client.state = suspended).await;
    let reply = world.exchange(OPEN, &code).await;
    reply.is_error(401, "invalid_client");
    assert!(reply.header("www-authenticate").unwrap().starts_with("Basic "));
    world.change_client(OPEN, "one", |client| client.state = grantor_ports::ClientState::Approved).await;
    assert_eq!(world.exchange(OPEN, &code).await.status, 200, "nothing of that spent the code");
}

#[tokio::test]
async fn an_approval_and_a_new_secret_count_at_once() {
    let world = World::new().await;
    world.change_client(OPEN, "one", |client| client.state = grantor_ports::ClientState::Pending).await;
    let form = "grant_type=client_credentials";
    world.post_as(OPEN, "one", "token", form).await.is_error(401, "invalid_client");
    // The owner knows of a second secret; our copy does not yet.
    world.change_client(OPEN, "two", |_| {}).await;
    let mut view = world.client(OPEN, "two").as_ref().clone();
    assert_eq!(world.post_as(OPEN, "two", "token", form).await.status, 200);
    view.secrets.insert(0, digest("another-secret", None));
    view.secrets[1].expires_at = Some(world.clock.now(OPEN) + chrono::TimeDelta::days(1));
    view.version += 1;
    world.owners.clients.lock().insert((OPEN, "two".into()), Arc::new(view));
    let other = format!("{form}&client_id=two&client_secret=another-secret");
    assert_eq!(world.post(OPEN, "token", &other).await.status, 200);
    assert_eq!(world.post_as(OPEN, "two", "token", form).await.status, 200, "both are live");
    world.clock.advance_seconds(86_400);
    world.post_as(OPEN, "two", "token", form).await.is_error(401, "invalid_client");
}

#[tokio::test]
async fn an_approval_that_has_not_been_heard_of_is_asked_for_before_a_code_is_refused() {
    let world = World::new().await;
    let approved = world.client(OPEN, "one").as_ref().clone();
    world.change_client(OPEN, "one", |client| client.state = grantor_ports::ClientState::Pending).await;
    let request = world.request(OPEN, "one", "openid");
    let refused = world.token.issue_code(OPEN, request.clone(), &META).await;
    assert_eq!(refused, Err(grantor_ports::PortError::Unavailable), "its owner says no as well");
    let version = world.client(OPEN, "one").version + 1;
    let owners = grantor_ports::ClientView { version, ..approved };
    world.owners.clients.lock().insert((OPEN, "one".into()), Arc::new(owners));
    let code = world.token.issue_code(OPEN, request, &META).await.expect("a code");
    assert_eq!(world.exchange(OPEN, &code).await.status, 200);
}

#[tokio::test]
async fn guessing_secrets_is_throttled_per_client_and_address() {
    let world = World::new().await;
    let form = "grant_type=client_credentials&client_id=one&client_secret=";
    for _ in 0..30 {
        world.post(OPEN, "token", &format!("{form}guess")).await.is_error(401, "invalid_client");
    }
    let reply = world.post(OPEN, "token", &format!("{form}{SECRET}")).await;
    reply.is_error(429, "invalid_client");
    assert!(reply.header("retry-after").is_some());
    assert_eq!(world.post_as(OPEN, "two", "token", "grant_type=client_credentials").await.status, 200);
    let elsewhere = CallBuilder::new(world.tenant(OPEN), "/").form(format!("{form}{SECRET}")).build();
    assert_eq!(world.call("token", elsewhere).await.status(), 200, "another address");
    world.clock.advance_seconds(301);
    assert_eq!(world.post(OPEN, "token", &format!("{form}{SECRET}")).await.status, 200);
}
