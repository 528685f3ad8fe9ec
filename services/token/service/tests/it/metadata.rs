//! Discovery documents and the key set.

use grantor_web::CallBuilder;

use crate::world::*;

async fn get(world: &World, route: &str) -> Reply {
    world.call(route, CallBuilder::new(world.tenant(OPEN), "/").build()).await.into()
}

#[tokio::test]
async fn both_documents_name_the_stored_issuer_and_only_what_works() {
    let world = World::new().await;
    let openid = get(&world, "openid_configuration").await;
    assert_eq!(openid.json, get(&world, "oauth_authorization_server").await.json);
    let issuer = &world.tenant(OPEN).issuer;
    assert_eq!(openid.text("issuer"), issuer);
    assert_eq!(openid.text("token_endpoint"), format!("{issuer}/oauth/token"));
    assert_eq!(openid.json["id_token_signing_alg_values_supported"], serde_json::json!(["RS256", "ES256", "EdDSA"]));
    assert_eq!(openid.json["request_parameter_supported"], false);
}

#[tokio::test]
async fn the_key_set_has_a_key_for_every_algorithm_on_offer_and_no_private_half() {
    let world = World::new().await;
    let keys = get(&world, "jwks").await;
    assert_eq!(keys.header("cache-control"), Some("public, max-age=300"));
    let mut algs: Vec<&str> = keys.json["keys"].as_array().unwrap().iter().filter_map(|k| k["alg"].as_str()).collect();
    algs.sort_unstable();
    assert_eq!(algs, ["ES256", "EdDSA", "RS256"]);
    for key in keys.json["keys"].as_array().unwrap() {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert_eq!(key.get(private), None);
        }
    }
    assert_eq!(get(&world, "jwks").await.body, keys.body, "and they stay");
}
