//! Signing keys: algorithms, and how one key follows another.

use grantor_jose::peek_header;
use grantor_testkit::Browser;
use grantor_tests_guides::{Scene, kid_of};
use serde_json::{Value, json};

use super::id_token;

async fn published(scene: &Scene) -> Vec<String> {
    let set = scene.get("/oauth/jwks").await.json();
    let keys = set["keys"].as_array().expect("keys").clone();
    keys.iter().map(|key| key["kid"].as_str().expect("a kid").to_owned()).collect()
}

async fn states(scene: &Scene, alg: &str) -> Vec<(String, String)> {
    let keys = scene.operator("GET", "/keys", None).await;
    let keys = keys["items"].as_array().or(keys.as_array()).expect("keys").clone();
    let text = |key: &Value, name: &str| key[name].as_str().expect("a member").to_owned();
    keys.iter().filter(|key| key["alg"] == alg).map(|key| (text(key, "kid"), text(key, "state"))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_algorithm_signs_id_tokens_that_hold() {
    let scene = Scene::openid().await;
    let mut scene = scene;
    for alg in ["RS256", "ES256", "EdDSA"] {
        let partner = scene.world.partner_with(&scene.tenant, |client| client.id_token_alg = Some(alg.into())).await;
        scene = scene.as_partner(partner);
        let answer = scene.token("openid").await;
        let jwt = answer["id_token"].as_str().expect("an id_token");
        assert_eq!(peek_header(jwt).expect("a header").alg, alg);
        assert_eq!(id_token(&scene, &answer).await["sub"], scene.person.id.to_string());
    }
    let set = scene.get("/oauth/jwks").await;
    assert!(set.header("cache-control").contains("max-age=300"));
    for key in set.json()["keys"].as_array().expect("keys") {
        assert_eq!(key["use"], "sig");
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "a private member in {key}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_next_key_is_published_before_it_signs_and_the_last_after() {
    let scene = Scene::openid().await;
    let mut browser = Browser::new();
    let kid = async |browser: &mut Browser| {
        let answer = scene.token_by(browser, &scene.url("openid")).await;
        id_token(&scene, &answer).await;
        kid_of(answer["id_token"].as_str().expect("an id_token"))
    };
    let first = kid(&mut browser).await;
    assert_eq!(states(&scene, "RS256").await, [(first.clone(), "active".into())]);
    let made = scene.operator("POST", "/keys", Some(json!({ "alg": "RS256" }))).await;
    let second = made["kid"].as_str().expect("a kid").to_owned();
    assert_eq!(made["state"], "pending");
    let set = published(&scene).await;
    assert!(set.contains(&first) && set.contains(&second), "{set:?}");
    assert_eq!(kid(&mut browser).await, first, "nobody's cache may lack the key that signs");
    scene.world.advance(299);
    scene.world.platform.token.as_ref().expect("it is here").run_due().await;
    assert_eq!(kid(&mut browser).await, first);
    scene.world.advance(1);
    scene.world.platform.token.as_ref().expect("it is here").run_due().await;
    assert_eq!(kid(&mut browser).await, second);
    let set = published(&scene).await;
    assert!(set.contains(&first) && set.contains(&second), "what the first has signed is still checked");
    let mut now = states(&scene, "RS256").await;
    now.sort_by_key(|(kid, _)| *kid != first);
    assert_eq!(now, [(first.clone(), "retiring".into()), (second.clone(), "active".into())]);
    scene.world.advance(86_400);
    assert!(!published(&scene).await.contains(&first));
    assert!(states(&scene, "RS256").await.contains(&(first, "retired".into())));
    assert_eq!(kid(&mut browser).await, second);
}
