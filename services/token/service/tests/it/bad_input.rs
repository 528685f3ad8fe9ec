//! Every endpoint against bad input: a clear 4xx, never a 5xx, nothing lost.

use grantor_web::{CallBuilder, Method};

use crate::world::*;

const FORMS: [&str; 4] = ["token", "revoke", "introspect", "userinfo"];

#[tokio::test]
async fn no_endpoint_answers_bad_input_with_a_5xx() {
    let world = World::new().await;
    let long = format!("token={0}&code={0}&refresh_token={0}&grant_type=refresh_token", "x".repeat(9000));
    let many = "a=1&".repeat(65);
    let bodies: [&[u8]; 10] = [
        b"",
        b"&&&",
        b"grant_type",
        b"grant_type=authorization_code&grant_type=refresh_token",
        b"token=a&token=b",
        b"token=%zz",
        b"token=%ff&code=%ff&access_token=%ff",
        b"\xff\xfe",
        long.as_bytes(),
        many.as_bytes(),
    ];
    for route in FORMS {
        for body in bodies {
            for content_type in ["application/x-www-form-urlencoded", "application/json", "text/plain", ""] {
                let call = CallBuilder::new(world.tenant(OPEN), "/?%ff").post(content_type, body.to_vec());
                let answer = world.call(route, call.build()).await;
                assert!((400..500).contains(&answer.status()), "{route} {content_type} {body:?}: {}", answer.status());
                assert_eq!(answer.header_values("cache-control"), ["no-store"], "{route}");
            }
        }
    }
    for route in ["jwks", "openid_configuration", "oauth_authorization_server"] {
        let call = CallBuilder::new(world.tenant(OPEN), "/?%ff&a=1&a=2").header("authorization", "Basic x").build();
        assert_eq!(world.call(route, call).await.status(), 200);
    }
}

#[tokio::test]
async fn each_mistake_has_the_rfcs_error() {
    let world = World::new().await;
    let code = world.code(OPEN, "openid").await;
    for (form, status, error) in [
        ("code=x", 400, "invalid_request"),
        ("grant_type=authorization_code", 400, "invalid_request"),
        ("grant_type=password&username=a&password=b", 400, "unsupported_grant_type"),
        ("grant_type=urn:ietf:params:oauth:grant-type:device_code", 400, "unsupported_grant_type"),
        ("grant_type=refresh_token", 400, "invalid_request"),
        ("grant_type=client_credentials&scope=%22", 400, "invalid_scope"),
        (
            "grant_type=authorization_code&code=unknown&redirect_uri=https://client.example/callback",
            400,
            "invalid_grant",
        ),
        ("grant_type=client_credentials&client_id=two", 400, "invalid_request"),
        ("grant_type=client_credentials&client_assertion=x", 400, "invalid_request"),
    ] {
        world.post_as(OPEN, "one", "token", form).await.is_error(status, error);
    }
    world.post(OPEN, "token", "grant_type=client_credentials").await.is_error(401, "invalid_client");
    world.post_as(OPEN, "nobody", "token", "grant_type=client_credentials").await.is_error(401, "invalid_client");
    world.post_as(OPEN, "one", "introspect", "x=1").await.is_error(400, "invalid_request");
    world.post_as(OPEN, "one", "revoke", "x=1").await.is_error(400, "invalid_request");
    assert_eq!(world.exchange(OPEN, &code).await.status, 200, "nothing of that lost anything");
}

#[tokio::test]
async fn basic_and_body_cannot_be_used_at_once() {
    let world = World::new().await;
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("one:{SECRET}"));
    let call = |form: String| {
        let call = CallBuilder::new(world.tenant(OPEN), "/").form(form);
        world.call("token", call.header("authorization", &format!("Basic {encoded}")).build())
    };
    assert_eq!(call("grant_type=client_credentials".into()).await.status(), 200);
    assert_eq!(call(format!("grant_type=client_credentials&client_secret={SECRET}")).await.status(), 400);
    let broken = CallBuilder::new(world.tenant(OPEN), "/").form("grant_type=client_credentials");
    let broken: Reply = world.call("token", broken.header("authorization", "Basic ???").build()).await.into();
    broken.is_error(401, "invalid_client");
    assert!(broken.header("www-authenticate").unwrap().starts_with("Basic "));
}

#[tokio::test]
async fn routes_answer_only_the_methods_they_have() {
    let world = World::new().await;
    for route in world.token.routes() {
        let gets = ["userinfo", "jwks", "openid_configuration", "oauth_authorization_server", "platform_accounts"]
            .contains(&route.name);
        assert_eq!(route.methods.contains(&Method::GET), gets, "{}", route.name);
        assert_eq!(route.methods.contains(&Method::POST), FORMS.contains(&route.name), "{}", route.name);
    }
}
