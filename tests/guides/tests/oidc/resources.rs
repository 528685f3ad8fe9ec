//! Userinfo and introspection.

use grantor_testkit::Tokens;
use grantor_tests_guides::Scene;
use reqwest::Method;
use serde_json::json;

const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

#[tokio::test(flavor = "multi_thread")]
async fn userinfo_answers_get_post_by_header_and_post_by_body() {
    let scene = Scene::openid().await;
    let token = scene.token("openid email").await["access_token"].as_str().expect("a token").to_owned();
    let bearer = format!("Bearer {token}");
    let header = [("authorization", bearer.as_str())];
    let body = format!("access_token={token}");
    let answers = [
        scene.send(Method::GET, "/oauth/userinfo", &header, None).await,
        scene.send(Method::POST, "/oauth/userinfo", &header, None).await,
        scene.send(Method::POST, "/oauth/userinfo", &[FORM], Some(body.clone())).await,
    ];
    for answer in &answers {
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{}", answer.body);
        assert_eq!(answer.json()["email"], "grace@example.com");
        assert!(answer.header("cache-control").contains("no-store"));
    }
    let twice = scene.send(Method::POST, "/oauth/userinfo", &[FORM, header[0]], Some(body)).await;
    assert_eq!((twice.status, twice.error().as_str()), (400, "invalid_request"));
    let bare = scene.get("/oauth/userinfo").await;
    assert_eq!((bare.status, bare.body.as_str()), (401, ""));
    assert!(!bare.header("www-authenticate").contains("error"), "{}", bare.header("www-authenticate"));
    let wrong = scene.send(Method::GET, "/oauth/userinfo", &[("authorization", "Bearer unknown")], None).await;
    assert!(wrong.status == 401 && wrong.header("www-authenticate").contains("error=\"invalid_token\""));
    let refresh = scene.token("openid offline_access").await["refresh_token"].as_str().expect("one").to_owned();
    assert_eq!(scene.tokens().userinfo(&refresh).await.0, 401, "a refresh token is no access token");
    scene.world.advance(600);
    assert_eq!(scene.tokens().userinfo(&token).await.0, 401, "expired");
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_answers_the_client_and_its_resource_server_alone() {
    let scene = Scene::openid().await;
    let answer = scene.token("openid email offline_access").await;
    let (access, refresh) =
        (answer["access_token"].as_str().expect("one"), answer["refresh_token"].as_str().expect("one"));
    let own = scene.tokens().introspect(access).await;
    let now = scene.world.now().timestamp();
    assert_eq!(
        own,
        json!({
            "active": true, "scope": "openid email offline_access", "client_id": scene.partner.client_id,
            "token_type": "Bearer", "exp": now + 600, "iat": now, "sub": scene.person.id.to_string(),
            "aud": scene.tenant.api, "iss": scene.tenant.issuer
        })
    );
    assert_eq!(scene.tokens().introspect(refresh).await["active"], true);

    let server =
        scene.world.partner_with(&scene.tenant, |client| client.resource = Some(scene.tenant.api.clone())).await;
    let server = Tokens::new(&scene.tenant, &server);
    assert_eq!(server.introspect(access).await, own, "the resource server of the audience");
    assert_eq!(server.introspect(refresh).await, json!({ "active": false }), "refresh tokens are none of its business");
    let elsewhere =
        scene.world.partner_with(&scene.tenant, |client| client.resource = Some("https://other.example".into()));
    let elsewhere = elsewhere.await;
    let stranger = scene.world.partner(&scene.tenant).await;
    for other in [&elsewhere, &stranger] {
        assert_eq!(Tokens::new(&scene.tenant, other).introspect(access).await, json!({ "active": false }));
    }
    for unknown in ["unknown", "x.y.z", "", " "] {
        let (status, body) = scene.tokens().post("/oauth/introspect", &[("token", unknown)]).await;
        assert!((status, &body) == (200, &json!({ "active": false })) || status == 400, "{unknown:?}: {status} {body}");
    }
    let nobody = scene.post("/oauth/introspect", &[("token", access)]).await;
    assert_eq!((nobody.status, nobody.error().as_str()), (401, "invalid_client"));
    scene.world.advance(600);
    assert_eq!(scene.tokens().introspect(access).await, json!({ "active": false }));
    assert_eq!(server.introspect(access).await, json!({ "active": false }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_client_may_not_introspect() {
    let scene = Scene::openid().await;
    let public =
        scene.world.partner_with(&scene.tenant, |client| client.kind = grantor_ports::ClientKind::Public).await;
    let scene = scene.as_partner(public);
    let (status, body) = scene.tokens().post("/oauth/introspect", &[("token", "x")]).await;
    assert_eq!((status, body["error"].as_str()), (401, Some("invalid_client")));
}
