//! The clock itself: forward only, a sandbox's alone, on the wire, across a restart.

use std::sync::Arc;

use grantor_eventsourcing::Position;
use grantor_host::{DataFolder, Options, Platform, Role};
use grantor_ports::{Clock, FixedClock, Introspection, IntrospectionCaller, TenantKind, Tokens};
use grantor_store::Log;
use grantor_testkit::World;
use grantor_tests_guides::{Scene, claims_of, verified};
use serde_json::json;

use super::{advance, sandbox};

#[tokio::test(flavor = "multi_thread")]
async fn other_tenants_have_no_such_switch() {
    let scene = Scene::openid().await;
    let path = "/admin/v1/tenants/openid/clock/advance";
    let (status, problem) = scene.world.admin("POST", path, Some(json!({ "seconds": 60 }))).await;
    assert_eq!(status, 409, "{problem}");
    assert!(problem["detail"].as_str().expect("a text").contains("not a sandbox"), "{problem}");
    assert!(scene.operator("GET", "", None).await.get("clock").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn it_only_moves_forward() {
    let scene = sandbox("openid").await;
    for (seconds, pointer) in [(json!(0), "#/seconds"), (json!(-1), "#/seconds"), (json!(u64::MAX), "#/seconds")] {
        let path = "/admin/v1/tenants/openid/clock/advance";
        let (status, problem) = scene.world.admin("POST", path, Some(json!({ "seconds": seconds }))).await;
        assert_eq!((status, problem["errors"][0]["pointer"].as_str()), (422, Some(pointer)), "{problem}");
    }
    advance(&scene, 60).await;
    advance(&scene, 30).await;
    let clock = scene.operator("GET", "", None).await["clock"].clone();
    assert_eq!(clock["ahead_seconds"], 90, "{clock}");
    assert_eq!(clock["real"], json!(scene.world.started()), "{clock}");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sandbox_has_its_own() {
    let world = World::start().await;
    let one = world.tenant_with("one", "openid", |tenant| tenant.kind = TenantKind::Sandbox).await;
    let other = world.tenant_with("other", "openid", |tenant| tenant.kind = TenantKind::Sandbox).await;
    let scene = Scene::at(world, other).await;
    let token = scene.token("openid").await;
    let path = format!("/admin/v1/tenants/{}/clock/advance", one.slug);
    assert_eq!(scene.world.admin("POST", &path, Some(json!({ "seconds": 31_536_000 }))).await.0, 200);
    scene.world.settle().await;
    assert!(scene.is_active(token["access_token"].as_str().expect("a token")).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn unmodified_clients_accept_what_a_sandbox_says() {
    let scene = sandbox("financefeast").await;
    advance(&scene, 100 * 86_400).await;
    let real = scene.world.now().timestamp();
    let body = scene.token("openid profile").await;
    assert_eq!((&body["expires_in"], &body["expires_at"]), (&json!(864_000), &json!(real + 864_000)), "{body}");
    // As a client checks it, by a clock that knows of no sandbox.
    let id_token = body["id_token"].as_str().expect("an id_token");
    let claims = verified(&scene, id_token).await;
    assert_eq!((&claims["iat"], &claims["auth_time"]), (&json!(real), &json!(real)), "{claims}");
    let seen = scene.tokens().introspect(body["access_token"].as_str().expect("a token")).await;
    assert_eq!((&seen["iat"], &seen["exp"]), (&json!(real), &json!(real + 864_000)), "{seen}");
    // Nine days on, one is left.
    advance(&scene, 9 * 86_400).await;
    let seen = scene.tokens().introspect(body["access_token"].as_str().expect("a token")).await;
    assert_eq!(seen["exp"], real + 86_400, "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_jwt_access_token_ends_by_it_too() {
    let world = World::start().await;
    let tenant = world.tenant_with("jwt", "openid", |tenant| {
        tenant.kind = TenantKind::Sandbox;
        tenant.profile.access_tokens.format = grantor_profile::AccessTokenFormat::Jwt {};
    });
    let tenant = tenant.await;
    let scene = Scene::at(world, tenant).await;
    advance(&scene, 1_000_000).await;
    let body = scene.token("openid").await;
    let token = body["access_token"].as_str().expect("a token");
    let real = scene.world.now().timestamp();
    assert_eq!(claims_of(token)["exp"], real + 600, "as an unmodified resource server checks it");
    advance(&scene, 599).await;
    assert!(scene.is_active(token).await);
    advance(&scene, 1).await;
    assert!(!scene.is_active(token).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn grants_that_are_over_by_it_are_written_down() {
    let scene = sandbox("financefeast").await;
    scene.token("openid").await;
    scene.world.settle().await;
    advance(&scene, 864_001).await;
    let expired = async || {
        let log = scene.world.platform.stores.of(Role::Token).read_log(Log::Events, Position::START, 1000).await;
        log.expect("the log").iter().any(|event| event.event_type == "oauth.authorization.expired")
    };
    for _ in 0..400 {
        if expired().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("the grant did not end within ten seconds");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_revives_when_the_process_starts_again() {
    let scene = sandbox("financefeast").await;
    let token = scene.token("openid").await["access_token"].as_str().expect("a token").to_owned();
    advance(&scene, 864_000).await;
    assert!(!scene.is_active(&token).await);
    let (tenant, started) = (scene.tenant.clone(), scene.world.started());
    let folder = scene.world.stop().await;
    let data = DataFolder::new(folder.path(), None);
    let clock: Arc<dyn Clock> = Arc::new(FixedClock::at(started));
    let options = Options { clock, ..Options::default() };
    let platform = Platform::open(&data, data.root_keys(false).expect("the key"), options).await.expect("it opens");
    let view = platform.registry.tenant(tenant.id).await.expect("an answer").expect("a tenant");
    assert_eq!(view.clock_ahead_ms, 864_000_000);
    let caller = IntrospectionCaller::Resource(tenant.api.clone());
    let seen =
        platform.token.as_ref().expect("it is here").introspect(tenant.id, &token, caller).await.expect("an answer");
    assert_eq!(seen, Introspection::Inactive);
}

#[tokio::test(flavor = "multi_thread")]
async fn its_pages_say_that_nothing_is_real() {
    let scene = sandbox("openid").await;
    let mut browser = grantor_testkit::Browser::new();
    let visit = scene.visit(&mut browser, &scene.url("openid")).await;
    assert!(visit.body.contains("class=\"sandbox\""), "{}", visit.body);
}
