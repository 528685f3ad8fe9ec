//! C14: clients that sign who they are (RFC 7523), with keys that they registered.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use futures_util::future::join_all;
use grantor_jose::{Alg, Jwk, KeySet, PrivateKey, Typ};
use grantor_testkit::Partner;
use grantor_tests_guides::Scene;
use grantor_tests_prover::Prover;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A tenant's client with one key, and its assertions.
struct Signer {
    scene: Scene,
    key: PrivateKey,
}

fn set(key: &PrivateKey) -> KeySet {
    KeySet::try_from(json!({ "keys": [Jwk::from(key.public_key())] })).expect("a set of keys")
}

impl Signer {
    async fn at(preset: &str, alg: Alg) -> Self {
        let (scene, key) = (Scene::of(preset).await, PrivateKey::generate(alg).expect("a key"));
        let keys = set(&key);
        let partner = scene.world.partner_with(&scene.tenant, |client| client.jwks = keys).await;
        assert_eq!(partner.secret, "", "who has keys needs no secret");
        Self { scene: scene.as_partner(partner), key }
    }

    fn partner(&self) -> &Partner {
        &self.scene.partner
    }

    fn claims(&self, jti: &str) -> Value {
        let (client, now) = (&self.partner().client_id, self.scene.world.now().timestamp());
        json!({ "iss": client, "sub": client, "aud": self.scene.tenant.issuer, "iat": now, "exp": now + 60, "jti": jti })
    }

    fn sign(&self, claims: &Value) -> String {
        self.key.sign(Typ::ClientAssertion, claims).expect("a signature")
    }

    /// The error of a client credentials request with this assertion; empty when it is answered.
    async fn ask(&self, assertion: &str, more: &[(&str, &str)]) -> String {
        let own = [("grant_type", "client_credentials")];
        let proof = [("client_assertion_type", KIND), ("client_assertion", assertion)];
        let answer = self.scene.post("/oauth/token", &[&own[..], &proof, more].concat()).await;
        match answer.status {
            200 => String::new(),
            _ => answer.error(),
        }
    }

    async fn try_claims(&self, claims: &Value) -> String {
        self.ask(&self.sign(claims), &[]).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_a_client_proves_itself_with_its_own_key_at_every_endpoint() {
    for (preset, alg) in [("strict", Alg::ES256), ("openid", Alg::RS256), ("openid", Alg::EdDSA)] {
        let signer = Signer::at(preset, alg).await;
        let document = signer.scene.get("/.well-known/openid-configuration").await.json();
        for endpoint in ["token", "revocation", "introspection"] {
            let methods = &document[format!("{endpoint}_endpoint_auth_methods_supported")];
            assert!(methods.as_array().expect("methods").contains(&json!("private_key_jwt")), "{document}");
            let algs = &document[format!("{endpoint}_endpoint_auth_signing_alg_values_supported")];
            assert_eq!(*algs, json!(["ES256", "Ed25519", "EdDSA", "RS256"]));
        }
        assert_eq!(signer.ask(&signer.sign(&signer.claims("1")), &[]).await, "");
        // The id is said by the assertion; who says it beside it says the same.
        let id = [("client_id", signer.partner().client_id.as_str())];
        assert_eq!(signer.ask(&signer.sign(&signer.claims("2")), &id).await, "");
        assert_eq!(signer.ask(&signer.sign(&signer.claims("3")), &[("client_id", "other")]).await, "invalid_request");
        let proof =
            |jti| [("client_assertion_type", KIND.to_owned()), ("client_assertion", signer.sign(&signer.claims(jti)))];
        let with = |jti, more: [(&'static str, String); 1]| [proof(jti).to_vec(), more.to_vec()].concat();
        let send = async |path: &str, fields: Vec<(&str, String)>| {
            let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
            signer.scene.post(path, &fields).await
        };
        let grant = send("/oauth/token", with("4", [("grant_type", "client_credentials".to_owned())])).await.json();
        let token = grant["access_token"].as_str().expect("a token").to_owned();
        let active = send("/oauth/introspect", with("5", [("token", token.clone())])).await.json();
        assert_eq!(active["active"], true);
        assert_eq!(send("/oauth/revoke", with("6", [("token", token.clone())])).await.status, 200);
        assert_eq!(send("/oauth/introspect", with("7", [("token", token)])).await.json(), json!({ "active": false }));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_an_attacker_who_read_an_assertion_cannot_use_it_again() {
    let signer = Signer::at("openid", Alg::ES256).await;
    let assertion = signer.sign(&signer.claims("once"));
    let tries = (0..8).map(|_| signer.ask(&assertion, &[]));
    let mut answers = join_all(tries).await;
    answers.sort();
    assert_eq!(answers, [vec![String::new()], vec!["invalid_client".to_owned(); 7]].concat());
    // The id counts, whatever else is signed beside it; another client's is another one.
    let mut again = signer.claims("once");
    again["exp"] = json!(signer.scene.world.now().timestamp() + 30);
    assert_eq!(signer.try_claims(&again).await, "invalid_client");
    let (keys, other) = (set(&signer.key), &signer.scene);
    let twin = other.world.partner_with(&other.tenant, |client| client.jwks = keys).await;
    let mut twins = signer.claims("once");
    twins["iss"] = json!(twin.client_id);
    twins["sub"] = json!(twin.client_id);
    assert_eq!(signer.try_claims(&twins).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_what_was_signed_for_somebody_else_or_another_time_is_worth_nothing() {
    let signer = Signer::at("openid", Alg::ES256).await;
    let now = signer.scene.world.now().timestamp();
    let token_endpoint = format!("{}/oauth/token", signer.scene.tenant.issuer);
    let changes = [
        ("aud", json!("https://other.example")),
        ("aud", json!(token_endpoint)),
        ("aud", json!([signer.scene.tenant.issuer])),
        ("iss", json!("other")),
        ("exp", json!(now - 61)),
        ("exp", json!(now + 7200)),
        ("exp", Value::Null),
        ("nbf", json!(now + 3600)),
        ("iat", json!(now + 3600)),
        ("jti", Value::Null),
        ("jti", json!("")),
    ];
    for (number, (name, value)) in changes.into_iter().enumerate() {
        let mut claims = signer.claims(&format!("wrong {number}"));
        claims[name] = value;
        assert_eq!(signer.try_claims(&claims).await, "invalid_client", "{claims}");
    }
    // Another tenant's assertion, of a client with the same key there.
    let other = signer.scene.world.tenant("strict").await;
    let mut foreign = signer.claims("foreign");
    foreign["aud"] = json!(other.issuer);
    assert_eq!(signer.try_claims(&foreign).await, "invalid_client");
    assert_eq!(signer.try_claims(&signer.claims("right")).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_a_signature_is_by_the_clients_own_key_and_its_algorithm() {
    let signer = Signer::at("openid", Alg::ES256).await;
    let good = signer.sign(&signer.claims("1"));
    let payload = good.split('.').nth(1).expect("claims");
    let header = |header: Value| B64.encode(header.to_string());
    let (stranger, signing) = (PrivateKey::generate(Alg::ES256).expect("a key"), Prover::new());
    let public = json!(signer.key.public_jwk());
    // No signature, the public key as a shared secret, and a key that the token brings along.
    let none = format!("{}.{payload}.", header(json!({ "alg": "none" })));
    let shared = {
        let input = format!("{}.{payload}", header(json!({ "alg": "HS256" })));
        let mut mac = Hmac::<Sha256>::new_from_slice(public.to_string().as_bytes()).expect("a key of any length");
        mac.update(input.as_bytes());
        format!("{input}.{}", B64.encode(mac.finalize().into_bytes()))
    };
    let header = json!({ "alg": "ES256", "jwk": signing.jwk() });
    let brought = signing.signed(&header, &signer.claims("0"));
    let by_stranger = stranger.sign(Typ::ClientAssertion, &signer.claims("2")).expect("a signature");
    let other_type = signer.key.sign(Typ::AccessToken, &signer.claims("3")).expect("a signature");
    for forged in [none, shared, brought, by_stranger, other_type, format!("{good}x"), "a.b.c".to_owned()] {
        assert_eq!(signer.ask(&forged, &[]).await, "invalid_client", "{forged}");
    }
    assert_eq!(signer.ask(&good, &[]).await, "", "and none of it spent the good one");
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_a_client_with_keys_cannot_be_talked_down_to_a_secret() {
    let scene = Scene::openid().await;
    let key = PrivateKey::generate(Alg::ES256).expect("a key");
    let (id, secret) = (scene.partner.client_id.clone(), scene.partner.secret.clone());
    let by_secret = async || {
        let fields = [("grant_type", "client_credentials"), ("client_id", &id), ("client_secret", &secret)];
        scene.post("/oauth/token", &fields).await.status
    };
    assert_eq!(by_secret().await, 200);
    // The client gets keys: from then on its secret opens nothing, and there is no new one.
    let path = format!("/clients/{id}");
    let changed = scene.operator("PATCH", &path, Some(json!({ "jwks": set(&key) }))).await;
    assert_eq!(changed["jwks"], json!(set(&key)));
    scene.world.settle().await;
    assert_eq!(by_secret().await, 401);
    let rotate = format!("{path}/rotate-secret");
    assert_eq!(scene.try_operator("POST", &rotate, None).await.0, 409);
    let signer = Signer { scene, key };
    assert_eq!(signer.try_claims(&signer.claims("1")).await, "");
    // Nor can one that has none sign.
    let without = signer.scene.operator("PATCH", &path, Some(json!({ "jwks": { "keys": [] } }))).await;
    assert_eq!(without["jwks"], json!({ "keys": [] }));
    signer.scene.world.settle().await;
    assert_eq!(signer.try_claims(&signer.claims("2")).await, "invalid_client");
    assert_eq!(signer.scene.operator("POST", &rotate, None).await["client_secret"].as_str().map(str::len), Some(43));
}

#[tokio::test(flavor = "multi_thread")]
async fn c14_only_public_keys_are_registered_and_only_where_they_are_of_use() {
    let scene = Scene::openid().await;
    let private =
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "AA" });
    let mut public = private.clone();
    public.as_object_mut().expect("a key").remove("d");
    let wanted = |kind: &str, keys: Value| json!({ "name": "Signer", "kind": kind, "redirect_uris": ["https://client.example/cb"], "jwks": { "keys": keys } });
    let refused = [
        wanted("confidential", json!([private])),
        wanted("confidential", json!([{ "kty": "oct", "k": "AA" }])),
        wanted("confidential", json!([public, public])),
        wanted("public", json!([public])),
    ];
    for client in refused {
        let (status, problem) = scene.try_operator("POST", "/clients", Some(client)).await;
        assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("#/jwks")), "{problem}");
    }
    let guide = Scene::of("financefeast").await;
    let (status, problem) = guide.try_operator("POST", "/clients", Some(wanted("confidential", json!([public])))).await;
    assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some("#/jwks")), "{problem}");
    let made = scene.operator("POST", "/clients", Some(wanted("confidential", json!([public])))).await;
    assert!(made.get("client_secret").is_none(), "{made}");
}
