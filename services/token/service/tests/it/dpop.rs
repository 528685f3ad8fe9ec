//! Tokens that are bound to a key (RFC 9449): codes, refresh, the client's own, and what shows them.

use std::sync::Arc;

use grantor_jose::dpop::ALGS;
use grantor_oauth::{ErrorCode, Thumbprint};
use grantor_ports::{ClientKind, Clock, DpopCall, Introspection, IntrospectionCaller, IssueCode, Tokens};
use grantor_profile::{AccessTokenFormat, Alphabet, Dpop, Profile, Shape};
use grantor_tests_prover::Prover;
use grantor_token::Token;
use grantor_web::{CallBuilder, Method};
use serde_json::json;

use crate::world::*;

const OWN: &str = "grant_type=client_credentials";

/// A client and its key.
struct Holder {
    world: World,
    key: Prover,
}

impl Holder {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Profile)) -> Self {
        Self { world: World::with(change).await, key: Prover::new() }
    }

    /// A public client that nothing but its key is known by.
    async fn public() -> Self {
        let holder = Self::new().await;
        holder
            .world
            .change_client(OPEN, "one", |client| {
                client.kind = ClientKind::Public;
                client.secrets.clear();
            })
            .await;
        holder
    }

    fn now(&self) -> i64 {
        self.world.clock.real().timestamp()
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.world.tenant(OPEN).issuer)
    }

    fn proof(&self) -> String {
        self.key.proof("POST", &self.at("/oauth/token"), self.now())
    }

    /// A token request with these proofs.
    async fn ask(&self, form: &str, proofs: &[&str]) -> Reply {
        self.ask_at(&self.world.token, form, proofs).await
    }

    /// The same at this process.
    async fn ask_at(&self, process: &Arc<Token>, form: &str, proofs: &[&str]) -> Reply {
        let secret = match self.world.client(OPEN, "one").kind.is_confidential() {
            true => format!("&client_secret={SECRET}"),
            false => String::new(),
        };
        let form = format!("{form}&client_id=one{secret}");
        let call = CallBuilder::new(self.world.tenant(OPEN), "/oauth/token").form(form);
        let call = proofs.iter().fold(call, |call, proof| call.header("dpop", proof));
        let route = process.routes().into_iter().find(|route| route.name == "token").unwrap();
        (route.handler)(call.build()).await.into()
    }

    async fn exchange(&self, code: &str, proofs: &[&str]) -> Reply {
        let form =
            format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}&code_verifier={VERIFIER}");
        self.ask(&form, proofs).await
    }

    async fn code(&self, change: impl FnOnce(&mut IssueCode)) -> String {
        let mut request = self.world.request(OPEN, "one", "openid email offline_access");
        request.code_challenge = Some(CHALLENGE.into());
        change(&mut request);
        self.world.token.issue_code(OPEN, request, &META).await.unwrap()
    }

    /// Code and exchange with a proof.
    async fn tokens(&self) -> Reply {
        let reply = self.exchange(&self.code(|_| {}).await, &[&self.proof()]).await;
        assert_eq!((reply.status, reply.text("token_type")), (200, "DPoP"), "{reply:?}");
        reply
    }

    async fn refresh(&self, token: &str, proofs: &[&str]) -> Reply {
        self.ask(&format!("grant_type=refresh_token&refresh_token={token}"), proofs).await
    }

    async fn userinfo(&self, scheme: &str, token: &str, proofs: &[&str]) -> Reply {
        let call = CallBuilder::new(self.world.tenant(OPEN), "/oauth/userinfo").method(Method::GET);
        let call = call.header("authorization", &format!("{scheme} {token}"));
        let call = proofs.iter().fold(call, |call, proof| call.header("dpop", proof));
        self.world.call("userinfo", call.build()).await.into()
    }

    fn proof_of(&self, token: &str) -> String {
        self.key.proof_with("GET", &self.at("/oauth/userinfo"), self.now(), token)
    }

    async fn introspected(&self, token: &str) -> serde_json::Value {
        self.world.post_as(OPEN, "two", "introspect", &format!("token={token}")).await.json
    }
}

fn forms() -> [AccessTokenFormat; 3] {
    [
        AccessTokenFormat::Handle { shape: Shape::random(Alphabet::Base62, 42) },
        AccessTokenFormat::Sealed {},
        AccessTokenFormat::Jwt {},
    ]
}

#[tokio::test]
async fn a_token_of_every_form_is_bound_to_the_key_that_was_proved() {
    for form in forms() {
        let chosen = form.clone();
        let holder = Holder::with(move |profile| profile.access_tokens.format = chosen).await;
        let reply = holder.tokens().await;
        let token = reply.text("access_token");
        let seen = holder.world.post_as(OPEN, "one", "introspect", &format!("token={token}")).await.json;
        assert_eq!(seen["cnf"], json!({ "jkt": holder.key.thumbprint() }), "{form:?}");
        assert_eq!(seen["token_type"], "DPoP", "{form:?}");
        let info = holder.userinfo("DPoP", token, &[&holder.proof_of(token)]).await;
        assert_eq!((info.status, &info.json["email"]), (200, &json!(EMAIL)), "{form:?}: {info:?}");
        holder.userinfo("Bearer", token, &[]).await.is_error(401, "invalid_token");
        holder.userinfo("Bearer", token, &[&holder.proof_of(token)]).await.is_error(401, "invalid_token");
    }
}

#[tokio::test]
async fn resource_servers_read_the_key_in_a_jwt() {
    let holder = Holder::with(|profile| profile.access_tokens.format = AccessTokenFormat::Jwt {}).await;
    let reply = holder.ask(OWN, &[&holder.proof()]).await;
    let payload = reply.text("access_token").split('.').nth(1).unwrap().to_owned();
    let payload = base64::Engine::decode(&base64::prelude::BASE64_URL_SAFE_NO_PAD, payload).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims["cnf"], json!({ "jkt": holder.key.thumbprint() }));
}

#[tokio::test]
async fn without_a_proof_a_token_is_a_bearer_token_unless_proofs_are_required() {
    let holder = Holder::new().await;
    let bearer = holder.ask(OWN, &[]).await;
    assert_eq!(bearer.text("token_type"), "Bearer");
    let seen = holder.world.post_as(OPEN, "one", "introspect", &format!("token={}", bearer.text("access_token"))).await;
    assert_eq!((&seen.json["token_type"], seen.json.get("cnf")), (&json!("Bearer"), None));

    let strict = Holder::with(|profile| profile.access_tokens.dpop = Dpop::Required).await;
    strict.ask(OWN, &[]).await.is_error(400, "invalid_dpop_proof");
    let code = strict.code(|_| {}).await;
    strict.exchange(&code, &[]).await.is_error(400, "invalid_dpop_proof");
    assert_eq!(strict.exchange(&code, &[&strict.proof()]).await.text("token_type"), "DPoP", "the code was kept");

    // Off: the header is not there.
    let off = Holder::with(|profile| profile.access_tokens.dpop = Dpop::Off).await;
    let reply = off.ask(OWN, &["no proof at all"]).await;
    assert_eq!((reply.status, reply.text("token_type")), (200, "Bearer"));
    assert_eq!(off.userinfo("DPoP", reply.text("access_token"), &[]).await.status, 401);
}

#[tokio::test]
async fn a_bad_proof_is_refused_and_spends_nothing() {
    let holder = Holder::new().await;
    let (uri, now) = (holder.at("/oauth/token"), holder.now());
    let code = holder.code(|_| {}).await;
    let key = &holder.key;
    let bad = [
        key.proof("GET", &uri, now),
        key.proof("POST", &holder.at("/oauth/userinfo"), now),
        key.proof("POST", "https://evil.example/oauth/token", now),
        key.proof("POST", &uri, now - 61),
        key.proof("POST", &uri, now + 61),
        "not a proof".to_owned(),
        String::new(),
    ];
    for proof in &bad {
        holder.exchange(&code, &[proof]).await.is_error(400, "invalid_dpop_proof");
    }
    holder.exchange(&code, &[&holder.proof(), &holder.proof()]).await.is_error(400, "invalid_dpop_proof");
    assert_eq!(holder.exchange(&code, &[&holder.proof()]).await.status, 200);
    // Clocks differ a little, and a query is no part of the address.
    for proof in [key.proof("POST", &uri, now - 60), key.proof("POST", &format!("{uri}?a=b"), now + 60)] {
        assert_eq!(holder.ask(OWN, &[&proof]).await.status, 200);
    }
}

#[tokio::test]
async fn a_proof_counts_once() {
    let holder = Holder::new().await;
    let proof = holder.proof();
    assert_eq!(holder.ask(OWN, &[&proof]).await.status, 200);
    holder.ask(OWN, &[&proof]).await.is_error(400, "invalid_dpop_proof");
    // … over all grants, and a code is not spent by it.
    let code = holder.code(|_| {}).await;
    holder.exchange(&code, &[&proof]).await.is_error(400, "invalid_dpop_proof");
    let reply = holder.exchange(&code, &[&holder.proof()]).await;
    holder.refresh(reply.text("refresh_token"), &[&proof]).await.is_error(400, "invalid_dpop_proof");
    let next = holder.proof();
    assert_eq!(holder.refresh(reply.text("refresh_token"), &[&next]).await.status, 200);
    holder.ask(OWN, &[&next]).await.is_error(400, "invalid_dpop_proof");
    // The same id under another key is another proof.
    let other = Prover::new();
    let (mine, theirs) = (holder.key.claims("POST", &holder.at("/oauth/token"), holder.now()), other.header());
    assert_eq!(holder.ask(OWN, &[&holder.key.signed(&holder.key.header(), &mine)]).await.status, 200);
    assert_eq!(holder.ask(OWN, &[&other.signed(&theirs, &mine)]).await.status, 200);
    // Every moment at which it could still be shown it is known.
    let early = holder.key.proof("POST", &holder.at("/oauth/token"), holder.now() + 60);
    assert_eq!(holder.ask(OWN, &[&early]).await.status, 200);
    for _ in 0..12 {
        holder.world.clock.advance_seconds(10);
        holder.ask(OWN, &[&early]).await.is_error(400, "invalid_dpop_proof");
    }
}

#[tokio::test]
async fn of_many_uses_of_a_proof_at_once_at_two_processes_one_wins() {
    let holder = Holder::new().await;
    holder.world.token_warm().await;
    let (proof, processes) = (holder.proof(), [Arc::clone(&holder.world.token), holder.world.beside()]);
    let proofs = [proof.as_str()];
    let tries = (0..8).map(|n| holder.ask_at(&processes[n % 2], OWN, &proofs));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|reply| reply.status == 200).count(), 1);
    for refused in answers.iter().filter(|reply| reply.status != 200) {
        refused.is_error(400, "invalid_dpop_proof");
    }
}

#[tokio::test]
async fn a_code_is_bound_to_the_key_that_authorize_named() {
    let holder = Holder::new().await;
    let jkt = Thumbprint::parse(holder.key.thumbprint()).unwrap();
    let bound = || holder.code(|request| request.dpop_jkt = Some(jkt.clone()));
    assert_eq!(holder.exchange(&bound().await, &[&holder.proof()]).await.text("token_type"), "DPoP");
    // A thief has the code and no key, or another one: the code is spent.
    let thief = Prover::new().proof("POST", &holder.at("/oauth/token"), holder.now());
    for proofs in [&[thief.as_str()][..], &[]] {
        let code = bound().await;
        holder.exchange(&code, proofs).await.is_error(400, "invalid_grant");
        holder.exchange(&code, &[&holder.proof()]).await.is_error(400, "invalid_grant");
    }
}

#[tokio::test]
async fn the_refresh_token_of_a_public_client_needs_its_key() {
    let holder = Holder::public().await;
    let first = holder.tokens().await;
    let stolen = first.text("refresh_token");
    let thief = Prover::new().proof("POST", &holder.at("/oauth/token"), holder.now());
    for proofs in [&[thief.as_str()][..], &[]] {
        holder.refresh(stolen, proofs).await.is_error(400, "invalid_grant");
    }
    let next = holder.refresh(stolen, &[&holder.proof()]).await;
    assert_eq!((next.status, next.text("token_type")), (200, "DPoP"), "the thief spoiled nothing: {next:?}");
    let third = holder.refresh(next.text("refresh_token"), &[&holder.proof()]).await;
    let seen = third.text("access_token");
    assert_eq!(holder.userinfo("DPoP", seen, &[&holder.proof_of(seen)]).await.status, 200);
}

#[tokio::test]
async fn a_confidential_client_may_change_its_key_and_not_go_without() {
    let holder = Holder::new().await;
    let first = holder.tokens().await;
    holder.refresh(first.text("refresh_token"), &[]).await.is_error(400, "invalid_grant");
    let other = Prover::new();
    let proof = other.proof("POST", &holder.at("/oauth/token"), holder.now());
    let next = holder.refresh(first.text("refresh_token"), &[&proof]).await;
    assert_eq!(next.status, 200, "{next:?}");
    let seen = holder.world.post_as(OPEN, "one", "introspect", &format!("token={}", next.text("access_token"))).await;
    assert_eq!(seen.json["cnf"]["jkt"], other.thumbprint());
}

#[tokio::test]
async fn userinfo_wants_a_new_proof_of_this_call_with_this_token() {
    let holder = Holder::new().await;
    let reply = holder.tokens().await;
    let (token, uri, now) = (reply.text("access_token"), holder.at("/oauth/userinfo"), holder.now());
    let second = holder.tokens().await;
    let key = &holder.key;
    let good = holder.proof_of(token);
    let cases = [
        (vec![], "invalid_dpop_proof"),
        (vec![good.clone(), holder.proof_of(token)], "invalid_dpop_proof"),
        (vec![key.proof("GET", &uri, now)], "invalid_dpop_proof"),
        (vec![key.proof_with("POST", &uri, now, token)], "invalid_dpop_proof"),
        (vec![key.proof_with("GET", &holder.at("/oauth/token"), now, token)], "invalid_dpop_proof"),
        (vec![key.proof_with("GET", &uri, now - 61, token)], "invalid_dpop_proof"),
        (vec![key.proof_with("GET", &uri, now, second.text("access_token"))], "invalid_dpop_proof"),
        (vec![Prover::new().proof_with("GET", &uri, now, token)], "invalid_token"),
    ];
    for (proofs, error) in cases {
        let proofs: Vec<_> = proofs.iter().map(String::as_str).collect();
        let refused = holder.userinfo("DPoP", token, &proofs).await;
        refused.is_error(401, error);
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("DPoP ") && challenge.contains(&format!(r#"error="{error}""#)), "{challenge}");
        assert!(challenge.contains(r#"algs="ES256 Ed25519 EdDSA RS256""#), "{challenge}");
    }
    assert_eq!(holder.userinfo("dpop", token, &[&good]).await.status, 200);
    holder.userinfo("DPoP", token, &[&good]).await.is_error(401, "invalid_dpop_proof");
    // A bearer token is none of a key.
    let bearer = holder.exchange(&holder.code(|_| {}).await, &[]).await;
    let bearer = bearer.text("access_token");
    holder.userinfo("DPoP", bearer, &[&holder.proof_of(bearer)]).await.is_error(401, "invalid_token");
    assert_eq!(holder.userinfo("Bearer", bearer, &[]).await.status, 200);
    // Who brings nothing is told of both ways.
    let bare: Reply =
        holder.world.call("userinfo", CallBuilder::new(holder.world.tenant(OPEN), "/").build()).await.into();
    let challenge = bare.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("Bearer ") && challenge.contains(", DPoP ") && !challenge.contains("error="));
}

#[tokio::test]
async fn our_own_resource_servers_are_told_what_is_not_proved() {
    let holder = Holder::new().await;
    let reply = holder.ask(OWN, &[&holder.proof()]).await;
    let (token, tenant) = (reply.text("access_token"), holder.world.tenant(OPEN));
    let uri = format!("{}/data", tenant.api);
    let call = |proof: String| DpopCall { proofs: vec![proof], method: "GET".into(), uris: vec![uri.clone()] };
    let ask = async |caller| holder.world.token.introspect(OPEN, token, caller).await.unwrap();
    let error = |found| match found {
        Introspection::Unproven { error, .. } => Some(error),
        Introspection::Active { .. } => None,
        Introspection::Inactive => panic!("inactive"),
    };
    let proof = holder.key.proof_with("GET", &uri, holder.now(), token);
    let shown = |proof: &str| IntrospectionCaller::Dpop(tenant.api.clone(), call(proof.to_owned()));
    assert_eq!(error(ask(shown(&proof)).await), None);
    assert_eq!(error(ask(shown(&proof)).await), Some(ErrorCode::InvalidDpopProof), "a proof counts once");
    let bearer = IntrospectionCaller::Resource(tenant.api.clone());
    assert_eq!(error(ask(bearer).await), Some(ErrorCode::InvalidToken));
    let elsewhere = IntrospectionCaller::Dpop("https://other.example".into(), call(proof));
    assert_eq!(ask(elsewhere).await, Introspection::Inactive);
    assert_eq!(holder.introspected(token).await, json!({ "active": false }), "another client's");
}

#[tokio::test]
async fn metadata_lists_what_is_checked() {
    let holder = Holder::new().await;
    let call = CallBuilder::new(holder.world.tenant(OPEN), "/").build();
    let document: Reply = holder.world.call("openid_configuration", call).await.into();
    assert_eq!(document.json["dpop_signing_alg_values_supported"], json!(ALGS));
    let call = CallBuilder::new(holder.world.tenant(LEGACY), "/").build();
    let document: Reply = holder.world.call("openid_configuration", call).await.into();
    assert_eq!(document.json.get("dpop_signing_alg_values_supported"), None);
}
