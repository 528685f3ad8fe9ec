//! Discovery lists what works, and no more: everything in it is tried.

use std::collections::BTreeSet;

use grantor_testkit::{Browser, World};
use grantor_tests_guides::{Answer, Scene};
use serde_json::{Value, json};

fn list(document: &Value, name: &str) -> BTreeSet<String> {
    let items = document[name].as_array().unwrap_or_else(|| panic!("no {name} in {document}"));
    items.iter().map(|item| item.as_str().expect("text").to_owned()).collect()
}

fn set(items: &[&str]) -> BTreeSet<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

async fn document(scene: &Scene) -> Value {
    let answer = scene.get("/.well-known/openid-configuration").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"));
    answer.json()
}

/// The members that some test tries, by name. A member that is not here fails the test below.
const TRIED: &[&str] = &[
    "issuer",
    // `every_endpoint_answers`
    "authorization_endpoint",
    "token_endpoint",
    "revocation_endpoint",
    "introspection_endpoint",
    "jwks_uri",
    "userinfo_endpoint",
    "end_session_endpoint",
    // `what_is_listed_works`
    "grant_types_supported",
    "response_types_supported",
    "response_modes_supported",
    "code_challenge_methods_supported",
    "token_endpoint_auth_methods_supported",
    "revocation_endpoint_auth_methods_supported",
    "introspection_endpoint_auth_methods_supported",
    "scopes_supported",
    "claims_supported",
    "prompt_values_supported",
    "display_values_supported",
    "ui_locales_supported",
    "acr_values_supported",
    // `pushed.rs`
    "pushed_authorization_request_endpoint",
    "require_pushed_authorization_requests",
    // `attacks/assertions.rs`
    "token_endpoint_auth_signing_alg_values_supported",
    "revocation_endpoint_auth_signing_alg_values_supported",
    "introspection_endpoint_auth_signing_alg_values_supported",
    // `attacks/dpop.rs`
    "dpop_signing_alg_values_supported",
    // `keys.rs`, `claims.rs`, `requests.rs`, `tokens.rs`, `front_channel.rs`
    "id_token_signing_alg_values_supported",
    "subject_types_supported",
    "claim_types_supported",
    "claims_parameter_supported",
    "request_parameter_supported",
    "request_uri_parameter_supported",
    "require_request_uri_registration",
    "authorization_response_iss_parameter_supported",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_member_is_tried_by_a_test() {
    for preset in ["openid", "strict", "financefeast"] {
        let document = document(&Scene::of(preset).await).await;
        let members = document.as_object().expect("an object");
        let untried: Vec<&String> = members.keys().filter(|name| !TRIED.contains(&name.as_str())).collect();
        assert!(untried.is_empty(), "{preset}: {untried:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_endpoint_answers() {
    let scene = Scene::openid().await;
    let document = document(&scene).await;
    let at = |name: &str| {
        let url = document[name].as_str().unwrap_or_else(|| panic!("no {name}"));
        url.strip_prefix(&scene.tenant.issuer).unwrap_or_else(|| panic!("{url} is elsewhere")).to_owned()
    };
    let asks = |answer: Answer, status: u16, error: &str| {
        assert_eq!((answer.status, answer.error().as_str()), (status, error), "{}", answer.body);
    };
    asks(scene.post(&at("token_endpoint"), &[]).await, 400, "invalid_request");
    asks(scene.post(&at("revocation_endpoint"), &[("token", "x")]).await, 401, "invalid_client");
    asks(scene.post(&at("introspection_endpoint"), &[("token", "x")]).await, 401, "invalid_client");
    assert_eq!(scene.get(&at("userinfo_endpoint")).await.status, 401);
    assert_eq!(scene.get(&at("end_session_endpoint")).await.status, 303);
    assert_eq!(scene.get(&at("authorization_endpoint")).await.status, 400);
    let keys = scene.get(&at("jwks_uri")).await;
    assert_eq!((keys.status, keys.json()["keys"].as_array().map(Vec::len)), (200, Some(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_listed_works() {
    let scene = Scene::openid().await;
    let document = document(&scene).await;
    assert_eq!(
        list(&document, "grant_types_supported"),
        set(&["authorization_code", "refresh_token", "client_credentials"])
    );
    assert_eq!(list(&document, "response_types_supported"), set(&["code"]));
    assert_eq!(list(&document, "response_modes_supported"), set(&["query", "form_post"]));
    assert_eq!(list(&document, "code_challenge_methods_supported"), set(&["S256"]));
    assert_eq!(list(&document, "id_token_signing_alg_values_supported"), set(&["RS256", "ES256", "EdDSA"]));
    assert_eq!(list(&document, "subject_types_supported"), set(&["public"]));
    let methods = set(&["private_key_jwt", "client_secret_basic", "client_secret_post", "none"]);
    assert_eq!(list(&document, "token_endpoint_auth_methods_supported"), methods);
    assert_eq!(list(&document, "revocation_endpoint_auth_methods_supported"), methods);
    let proving = set(&["private_key_jwt", "client_secret_basic", "client_secret_post"]);
    assert_eq!(list(&document, "introspection_endpoint_auth_methods_supported"), proving);

    // Every scope, display, locale, class and prompt leads to a code or to a page.
    let mut browser = Browser::new();
    let scopes = list(&document, "scopes_supported").into_iter().collect::<Vec<_>>().join(" ");
    let answer = scene.token_by(&mut browser, &scene.url(&scopes)).await;
    assert_eq!(answer["scope"].as_str().map(|scope| scope.split(' ').count()), Some(6));
    let (_, info) = scene.tokens().userinfo(answer["access_token"].as_str().expect("a token")).await;
    let id_token = super::id_token(&scene, &answer).await;
    let listed = list(&document, "claims_supported");
    let had = |name: &str| info.get(name).is_some() || id_token.get(name).is_some();
    for claim in
        ["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "acr", "name", "email", "phone_number", "address"]
    {
        assert!(listed.contains(claim) && had(claim), "{claim}");
    }
    for claim in info.as_object().expect("claims").keys() {
        assert!(listed.contains(claim), "{claim} is answered but not listed");
    }
    for (parameter, member) in [
        ("display", "display_values_supported"),
        ("ui_locales", "ui_locales_supported"),
        ("acr_values", "acr_values_supported"),
    ] {
        for value in list(&document, member) {
            let visit = scene.visit(&mut browser, &scene.url("openid").with(parameter, &value)).await;
            assert!(visit.returned("code").is_some(), "{parameter}={value}");
        }
    }
    for (prompt, button) in [("login", "login"), ("consent", "approve"), ("select_account", "continue")] {
        let visit = scene.visit(&mut browser, &scene.url("openid").with("prompt", prompt)).await;
        assert!(visit.has_button(button), "{prompt}");
    }
    assert_eq!(list(&document, "prompt_values_supported"), set(&["none", "login", "consent", "select_account"]));
    let silent = browser.get(&scene.url("openid").with("prompt", "none").url()).await;
    assert!(silent.returned("code").is_some());
    // The same for every kind of client authentication, at all three endpoints.
    for path in ["/oauth/introspect", "/oauth/revoke"] {
        let pair = (scene.partner.client_id.as_str(), scene.partner.secret.as_str());
        let request =
            reqwest::Client::new().post(format!("{}{path}", scene.tenant.issuer)).basic_auth(pair.0, Some(pair.1));
        let form = request.header("content-type", "application/x-www-form-urlencoded").body("token=x");
        assert_eq!(form.send().await.expect("an answer").status(), 200, "{path}");
        let fields = [("token", "x"), ("client_id", pair.0), ("client_secret", pair.1)];
        assert_eq!(scene.post(path, &fields).await.status, 200, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_issuer_answers_both_well_known_forms() {
    let world = World::start().await;
    let base = format!("http://{}", world.nobodys_address());
    let issuer = format!("{base}/t/paths");
    let tenant = world.tenant_with("paths", "openid", |tenant| {
        tenant.issuer.clone_from(&issuer);
        tenant.api = Some(issuer.clone());
        tenant.authorities = Vec::new();
    });
    let tenant = tenant.await;
    let scene = Scene::at(world, tenant).await;
    let mut documents = Vec::new();
    for name in ["openid-configuration", "oauth-authorization-server"] {
        for url in [format!("{base}/.well-known/{name}/t/paths"), format!("{issuer}/.well-known/{name}")] {
            let answer = scene.send(reqwest::Method::GET, &url, &[], None).await;
            assert_eq!(answer.status, 200, "{url}");
            documents.push(answer.json());
        }
    }
    assert!(documents.iter().all(|document| document == &documents[0] && document["issuer"] == json!(issuer)));
    assert_eq!(documents[0]["token_endpoint"], format!("{issuer}/oauth/token"));
    // The whole flow below the path.
    let visit = Browser::new().authorize(&scene.url("openid"), &scene.person).await;
    assert_eq!(visit.returned("iss").as_deref(), Some(issuer.as_str()));
    let (status, answer) = scene.tokens().exchange(&visit.returned("code").expect("a code"), &[]).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(super::id_token(&scene, &answer).await["iss"], issuer);
    let unknown = format!("{base}/.well-known/openid-configuration/t/nobody");
    assert_eq!(scene.send(reqwest::Method::GET, &unknown, &[], None).await.status, 404);
}
