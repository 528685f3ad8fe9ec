//! C12: attackers who have a code or a token that is bound to a key (RFC 9449), and not the key.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use grantor_ports::{ClientKind, TenantKind};
use grantor_profile::{Dpop, Profile};
use grantor_testkit::{Browser, Pkce, World};
use grantor_tests_guides::{Answer, Scene};
use grantor_tests_prover::Prover;
use reqwest::Method;
use serde_json::{Value, json};

const SCOPE: &str = "openid profile offline_access";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// A client that has a key.
struct Holder {
    scene: Scene,
    key: Prover,
}

impl Holder {
    async fn new() -> Self {
        Self { scene: Scene::openid().await, key: Prover::new() }
    }

    /// A client without a secret.
    async fn public() -> Self {
        let scene = Scene::openid().await;
        let public = scene.world.partner_with(&scene.tenant, |client| client.kind = ClientKind::Public).await;
        Self { scene: scene.as_partner(public), key: Prover::new() }
    }

    /// At a tenant of this preset with another profile.
    async fn at(preset: &str, change: impl FnOnce(&mut Profile)) -> Self {
        let world = World::start().await;
        let tenant = world.tenant_with("bound", preset, |tenant| change(&mut tenant.profile)).await;
        Self { scene: Scene::at(world, tenant).await, key: Prover::new() }
    }

    fn now(&self) -> i64 {
        self.scene.world.now().timestamp()
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.scene.tenant.issuer)
    }

    fn proof(&self) -> String {
        self.key.proof("POST", &self.url("/oauth/token"), self.now())
    }

    /// A token request with these proofs.
    async fn ask(&self, fields: &[(&str, &str)], proofs: &[&str]) -> Answer {
        let partner = &self.scene.partner;
        let mut fields = fields.to_vec();
        fields.push(("client_id", &partner.client_id));
        if !partner.secret.is_empty() {
            fields.push(("client_secret", &partner.secret));
        }
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers: Vec<_> = proofs.iter().map(|proof| ("dpop", *proof)).chain([FORM]).collect();
        self.scene.send(Method::POST, "/oauth/token", &headers, Some(body)).await
    }

    async fn own(&self, proofs: &[&str]) -> Answer {
        self.ask(&[("grant_type", "client_credentials")], proofs).await
    }

    async fn code(&self, dpop_jkt: Option<&str>) -> String {
        let mut url = self.scene.url(SCOPE).pkce(&Pkce::of("c12"));
        if let Some(jkt) = dpop_jkt {
            url = url.with("dpop_jkt", jkt);
        }
        Browser::new().code(&url, &self.scene.person).await
    }

    async fn exchange(&self, code: &str, proofs: &[&str]) -> Answer {
        let verifier = Pkce::of("c12").verifier;
        let redirect_uri = self.scene.partner.redirect_uri.as_str();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri),
            ("code_verifier", &verifier),
        ];
        self.ask(&fields, proofs).await
    }

    async fn tokens(&self) -> Value {
        let answer = self.exchange(&self.code(None).await, &[&self.proof()]).await;
        assert_eq!((answer.status, &answer.json()["token_type"]), (200, &json!("DPoP")), "{}", answer.body);
        answer.json()
    }

    async fn refresh(&self, token: &str, proofs: &[&str]) -> Answer {
        self.ask(&[("grant_type", "refresh_token"), ("refresh_token", token)], proofs).await
    }
}

async fn get(scene: &Scene, url: &str, scheme: &str, token: &str, proof: Option<&str>) -> Answer {
    let authorization = format!("{scheme} {token}");
    let mut headers = vec![("authorization", authorization.as_str())];
    headers.extend(proof.map(|proof| ("dpop", proof)));
    scene.send(Method::GET, url, &headers, None).await
}

fn text<'v>(body: &'v Value, member: &str) -> &'v str {
    body[member].as_str().unwrap_or_else(|| panic!("no {member} in {body}"))
}

#[track_caller]
fn refused(answer: &Answer, status: u16, error: &str) {
    assert_eq!((answer.status, answer.error().as_str()), (status, error), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_a_thief_of_an_access_token_gains_nothing_without_its_key() {
    let holder = Holder::new().await;
    let (scene, tokens, now) = (&holder.scene, holder.tokens().await, holder.now());
    let (token, thief) = (text(&tokens, "access_token"), Prover::new());
    let userinfo = holder.url("/oauth/userinfo");
    let data = format!("{}/data/eod", scene.tenant.api);
    for url in [&userinfo, &data] {
        let asked = format!("{url}?ticker=air.nz");
        let good = holder.key.proof_with("GET", url, now, token);
        // Down to a bearer token, with or without a proof beside it.
        refused(&get(scene, &asked, "Bearer", token, None).await, 401, "invalid_token");
        refused(&get(scene, &asked, "Bearer", token, Some(&good)).await, 401, "invalid_token");
        // With a key of the thief's own.
        let forged = thief.proof_with("GET", url, now, token);
        refused(&get(scene, &asked, "DPoP", token, Some(&forged)).await, 401, "invalid_token");
        // With the holder's key named, but not at hand.
        let header = json!({ "typ": "dpop+jwt", "alg": "ES256", "jwk": holder.key.jwk() });
        let claims = thief.claims("GET", url, now);
        let named = thief.signed(&header, &claims);
        refused(&get(scene, &asked, "DPoP", token, Some(&named)).await, 401, "invalid_dpop_proof");
        // With proofs that were seen elsewhere: of another call, of another token, an old one.
        for seen in [
            holder.key.proof_with("POST", url, now, token),
            holder.key.proof_with("GET", &holder.url("/oauth/introspect"), now, token),
            holder.key.proof_with("GET", "https://evil.example/data/eod", now, token),
            holder.key.proof_with("GET", url, now, "another token"),
            holder.key.proof_with("GET", url, now - 61, token),
            holder.key.proof("GET", url, now),
            holder.proof(),
        ] {
            refused(&get(scene, &asked, "DPoP", token, Some(&seen)).await, 401, "invalid_dpop_proof");
        }
        // The holder is served, once for each proof.
        let served = get(scene, &asked, "DPoP", token, Some(&good)).await;
        assert_eq!(served.status, 200, "{url}: {}", served.body);
        let replayed = get(scene, &asked, "DPoP", token, Some(&good)).await;
        refused(&replayed, 401, "invalid_dpop_proof");
        let challenge = replayed.header("www-authenticate");
        assert!(
            challenge.starts_with("DPoP ") && challenge.contains(r#"algs="ES256 Ed25519 EdDSA RS256""#),
            "{challenge}"
        );
    }
    // What others who check tokens are told.
    let seen = scene.tokens().introspect(token).await;
    assert_eq!((&seen["token_type"], &seen["cnf"]), (&json!("DPoP"), &json!({ "jkt": holder.key.thumbprint() })));
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_a_thief_of_a_refresh_token_gains_nothing_without_its_key() {
    let holder = Holder::public().await;
    let tokens = holder.tokens().await;
    let stolen = text(&tokens, "refresh_token");
    let forged = Prover::new().proof("POST", &holder.url("/oauth/token"), holder.now());
    refused(&holder.refresh(stolen, &[]).await, 400, "invalid_grant");
    refused(&holder.refresh(stolen, &[&forged]).await, 400, "invalid_grant");
    let proof = holder.proof();
    let next = holder.refresh(stolen, &[&proof]).await;
    assert_eq!(next.status, 200, "{}", next.body);
    let next = next.json();
    // Whoever has seen the holder's request can send it again, for nothing.
    refused(&holder.refresh(text(&next, "refresh_token"), &[&proof]).await, 400, "invalid_dpop_proof");
    assert_eq!(holder.refresh(text(&next, "refresh_token"), &[&holder.proof()]).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_a_thief_of_a_code_gains_nothing_without_the_key_it_is_bound_to() {
    let holder = Holder::public().await;
    let jkt = holder.key.thumbprint();
    let code = holder.code(Some(&jkt)).await;
    let forged = Prover::new().proof("POST", &holder.url("/oauth/token"), holder.now());
    refused(&holder.exchange(&code, &[&forged]).await, 400, "invalid_grant");
    refused(&holder.exchange(&code, &[&holder.proof()]).await, 400, "invalid_grant");
    let code = holder.code(Some(&jkt)).await;
    assert_eq!(holder.exchange(&code, &[&holder.proof()]).await.json()["token_type"], "DPoP");
    let url = holder.scene.url(SCOPE).pkce(&Pkce::of("c12")).with("dpop_jkt", "no thumbprint");
    let visit = Browser::new().get(&url.url()).await;
    assert_eq!(visit.returned("error").as_deref(), Some("invalid_request"));
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_a_proof_cannot_be_made_up() {
    let holder = Holder::new().await;
    let key = &holder.key;
    let claims = || key.claims("POST", &holder.url("/oauth/token"), holder.now());
    let header = |change: fn(&mut Value)| {
        let mut header = key.header();
        change(&mut header);
        header
    };
    let unsigned = |header: &Value| format!("{}.{}.", B64.encode(header.to_string()), B64.encode(claims().to_string()));
    let none = header(|header| header["alg"] = json!("none"));
    let shared = header(|header| {
        header["alg"] = json!("HS256");
        header["jwk"] = json!({ "kty": "oct", "k": "c2VjcmV0" });
    });
    let bad = [
        unsigned(&none),
        key.signed(&none, &claims()),
        key.signed(&shared, &claims()),
        key.signed(&header(|header| header["alg"] = json!("HS256")), &claims()),
        key.signed(&header(|header| header["alg"] = json!("RS256")), &claims()),
        key.signed(&header(|header| header["jwk"]["d"] = json!("c2VjcmV0")), &claims()),
        key.signed(&header(|header| header["typ"] = json!("JWT")), &claims()),
        key.signed(&header(|header| header["crit"] = json!(["b64"])), &claims()),
        key.signed(&header(|header| drop(header.as_object_mut().unwrap().remove("jwk"))), &claims()),
        key.signed(&header(|header| header["jwk"] = Prover::new().jwk()), &claims()),
        "a".repeat(7000),
    ];
    for proof in &bad {
        refused(&holder.own(&[proof]).await, 400, "invalid_dpop_proof");
    }
    let (one, other) = (holder.proof(), holder.proof());
    refused(&holder.own(&[&one, &other]).await, 400, "invalid_dpop_proof");
    assert_eq!(holder.own(&[&one]).await.json()["token_type"], "DPoP");
    refused(&holder.own(&[&one]).await, 400, "invalid_dpop_proof");
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_where_proofs_are_required_nobody_gets_a_bearer_token() {
    let holder = Holder::at("openid", |profile| profile.access_tokens.dpop = Dpop::Required).await;
    refused(&holder.own(&[]).await, 400, "invalid_dpop_proof");
    let code = holder.code(None).await;
    refused(&holder.exchange(&code, &[]).await, 400, "invalid_dpop_proof");
    let tokens = holder.exchange(&code, &[&holder.proof()]).await.json();
    let refresh = text(&tokens, "refresh_token");
    refused(&holder.refresh(refresh, &[]).await, 400, "invalid_dpop_proof");
    assert_eq!(holder.refresh(refresh, &[&holder.proof()]).await.json()["token_type"], "DPoP");
    let profile = holder.scene.operator("GET", "/profile", None).await;
    assert_eq!(profile["access_tokens"]["dpop"], "required", "{profile}");
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_the_other_apis_refuse_a_bound_token_as_a_bearer_token_too() {
    let holder = Holder::at("finapi", |profile| profile.access_tokens.dpop = Dpop::Optional).await;
    let scene = &holder.scene;
    let token = holder.own(&[&holder.proof()]).await.json();
    assert_eq!(token["token_type"], "DPoP", "{token}");
    let token = text(&token, "access_token");
    for path in ["/users", "/clientConfiguration"] {
        let url = holder.url(path);
        let bearer = get(scene, &url, "Bearer", token, None).await;
        assert_eq!(bearer.status, 401, "{path}: {}", bearer.body);
        let proof = holder.key.proof_with("GET", &url, holder.now(), token);
        let served = get(scene, &url, "DPoP", token, Some(&proof)).await;
        assert_ne!(served.status, 401, "{path}: {}", served.body);
        let replayed = get(scene, &url, "DPoP", token, Some(&proof)).await;
        assert_eq!(replayed.status, 401, "{path}: {}", replayed.body);
        assert!(replayed.header("www-authenticate").contains(r#"error="invalid_dpop_proof""#), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c12_proofs_are_of_real_time_where_a_sandbox_is_ahead() {
    let world = World::start().await;
    let tenant = world.tenant_with("ahead", "openid", |tenant| tenant.kind = TenantKind::Sandbox).await;
    let holder = Holder { scene: Scene::at(world, tenant).await, key: Prover::new() };
    holder.scene.operator("POST", "/clock/advance", Some(json!({ "seconds": 864_000 }))).await;
    holder.scene.world.settle().await;
    let tokens = holder.tokens().await;
    let (token, url) = (text(&tokens, "access_token"), holder.url("/oauth/userinfo"));
    let early = holder.key.proof_with("GET", &url, holder.now() + 864_000, token);
    refused(&get(&holder.scene, &url, "DPoP", token, Some(&early)).await, 401, "invalid_dpop_proof");
    let good = holder.key.proof_with("GET", &url, holder.now(), token);
    assert_eq!(get(&holder.scene, &url, "DPoP", token, Some(&good)).await.status, 200);
}
