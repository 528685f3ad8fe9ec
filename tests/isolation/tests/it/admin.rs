//! The operators' listener: whose things are whose, who may ask, who did it, and lists.

use std::{collections::BTreeSet, net::SocketAddr};

use grantor_eventsourcing::{Actor, Position};
use grantor_store::Log;
use grantor_testkit::{Role, World};
use grantor_tests_isolation::{Ask, Reply, Side, Twins, admin_path, send};
use grantor_web::AdminRoute;
use serde_json::{Value, json};

use crate::list::{OPERATORS, Reach};

async fn ask(world: &World, ask: Ask) -> Reply {
    let host = world.admin.trim_start_matches("http://");
    send(host.parse::<SocketAddr>().expect("an address"), &ask.host(host)).await.expect("an answer")
}

pub(crate) fn reach(route: &AdminRoute) -> Reach {
    OPERATORS.iter().find(|(name, _)| *name == route.name).expect("listed").1
}

/// The path of a route within `at`, naming the things of `of`.
pub(crate) fn path(route: &AdminRoute, at: &Side, of: &Side) -> String {
    admin_path(route, |part| match part {
        "slug" => at.tenant.slug.clone(),
        "client_id" => of.own_client.clone(),
        "user" => of.person.id.to_string(),
        "account" => of.account.clone(),
        "webhook" => of.webhook.clone(),
        other => other.to_owned(),
    })
}

/// A body that the route takes.
fn body(route: &AdminRoute, side: &Side) -> Option<Value> {
    Some(match route.name {
        "change_tenant" => json!({ "name": "Renamed" }),
        "put_profile" => serde_json::to_value(&side.profile).expect("a document"),
        "patch_profile" => json!([{ "op": "replace", "path": "/codes/ttl_seconds", "value": 30 }]),
        "set_mail_server" => {
            json!({ "host": "smtp.example", "port": 587, "security": "start_tls", "from": "login@one.example" })
        }
        "set_member" => json!({ "role": "viewer" }),
        "test_mail_server" => json!({ "to": "somebody@example.com" }),
        "advance_clock" => json!({ "seconds": 60 }),
        "create_client" => {
            json!({ "name": "New", "kind": "native", "redirect_uris": ["com.example.app:/cb"], "scopes": ["openid"] })
        }
        "change_client" => json!({ "name": "Renamed" }),
        "reject_client" | "suspend_client" => json!({ "reason": "for a test" }),
        "create_webhook" => json!({ "url": "http://127.0.0.1:1/", "events": ["oauth.authorization.revoked"] }),
        "recover_webhook" => json!({ "since": "2026-11-20T00:00:00Z" }),
        "change_webhook" => json!({ "description": "Renamed" }),
        "rotate_webhook_secret" => json!({ "overlap_seconds": 60 }),
        "create_user" => json!({ "email": "new@example.com" }),
        "change_user" => json!({ "claims": { "name": "Renamed" } }),
        "open_account" => json!({ "name": "A business", "user": side.person.id }),
        "link_account_user" => json!({ "user": side.person.id }),
        "rotate_key" => json!({ "alg": "ES256" }),
        _ => return None,
    })
}

/// The routes that a token opens; the dashboard's are opened by a session (`panel.rs`).
fn api(world: &World) -> impl Iterator<Item = &AdminRoute> {
    world.platform.admin.routes().iter().filter(|route| !route.name.starts_with("panel"))
}

/// Everything that operators can see of one tenant.
async fn all_of(world: &World, side: &Side) -> String {
    let mut seen = String::new();
    for route in api(world) {
        let shows = matches!(reach(route), Reach::Shows | Reach::Thing) && route.methods[0] == grantor_web::Method::GET;
        // There is no flow to get here (`flows.rs`), and nothing was sent to anybody.
        if shows && !["get_flow", "get_delivery"].contains(&route.name) {
            let (status, document) = world.admin("GET", &path(route, side, side), None).await;
            assert_eq!(status, 200, "{}: {document}", route.name);
            seen.push_str(&format!("{}: {document}\n", route.name));
        }
    }
    seen
}

#[tokio::test]
async fn an_operators_word_on_one_tenant_reaches_no_other() {
    let twins = Twins::of("openid").await;
    let world = &twins.world;
    world.settle().await;
    let [a, b] = &twins.sides;
    for (here, there) in [(a, b), (b, a)] {
        let before = all_of(world, there).await;
        for foreign in [here.own_client.as_str(), &here.tenant.id.to_string(), &here.person.id.to_string(), &here.name]
        {
            assert!(!before.contains(foreign), "{foreign} is shown at {}: {before}", there.tenant.slug);
        }
        for route in api(world) {
            let method = route.methods[0].as_str();
            if reach(route) == Reach::Thing {
                // The one's thing by the other's name: nothing is there.
                let (status, answer) = world.admin(method, &path(route, there, here), body(route, here)).await;
                assert_eq!(status, 404, "{} {answer}", route.name);
            }
        }
        // There is no flow to get here: `flows.rs`.
        let destroys = [
            "delete_client",
            "delete_webhook",
            "erase_user",
            "deactivate_user",
            "get_flow",
            "get_delivery",
            "resend_delivery",
        ];
        for route in api(world) {
            if matches!(reach(route), Reach::Changes | Reach::Thing) && !destroys.contains(&route.name) {
                let (status, answer) =
                    world.admin(route.methods[0].as_str(), &path(route, here, here), body(route, here)).await;
                assert!(status < 500 && status != 404, "{} {status} {answer}", route.name);
            }
        }
        // The same `client_id`, stopped here, goes on there.
        let shared = format!("/admin/v1/tenants/{}/clients/{}/suspend", here.tenant.slug, here.partner.client_id);
        let (status, answer) = world.admin("POST", &shared, Some(json!({ "reason": "for a test" }))).await;
        assert_eq!(status / 100, 2, "{answer}");
        world.settle().await;
        assert_eq!(all_of(world, there).await, before);
        let tokens = grantor_testkit::Tokens::new(&there.tenant, &there.partner);
        assert_eq!(tokens.userinfo(&there.access).await.0, 200);
        assert_eq!(grantor_testkit::Tokens::new(&here.tenant, &here.partner).userinfo(&here.access).await.0, 401);
        let restored = shared.replace("/suspend", "/restore");
        assert_eq!(world.admin("POST", &restored, None).await.0 / 100, 2);
        if here.tenant.slug == a.tenant.slug {
            break;
        }
    }
}

#[tokio::test]
async fn nobody_but_an_operator_is_answered() {
    let world = World::start().await;
    let tenant = world.tenant("openid").await;
    // The last tells the ingress, which has no token, which service answers at a path.
    let open = [
        "health",
        "ready",
        "metrics",
        "get_openapi",
        "panel_sign_in",
        "asset",
        "brand_css",
        "mailbox_sign_in",
        "endpoint_of_path",
    ];
    for route in world.platform.admin.routes() {
        let target = admin_path(route, |part| if part == "slug" { tenant.slug.clone() } else { "x".to_owned() });
        let method = route.methods[0].as_str();
        let request =
            || Ask::new(method, target.clone()).body("application/json", if method == "GET" { "" } else { "{}" });
        let answer = ask(&world, request()).await;
        if open.contains(&route.name) {
            continue;
        }
        assert_eq!(answer.status, 401, "{}", route.name);
        assert!(answer.header("www-authenticate").starts_with("Bearer"), "{}", route.name);
        assert!(answer.header("cache-control").contains("no-store"), "{}", route.name);
        for wrong in ["Bearer", "Basic YTpi", "Bearer a b"] {
            let answer = ask(&world, request().header("authorization", wrong)).await;
            assert!(matches!(answer.status, 400 | 401), "{} {wrong}: {answer:?}", route.name);
        }
        let query = ask(&world, Ask::new(method, format!("{target}?access_token={}", world.operator_token))).await;
        assert_eq!(query.status, 401, "a token in the query is none: {}", route.name);
    }
    let wrong = Ask::new("GET", "/admin/v1/tenants").header("authorization", "Bearer gro_wrong");
    assert_eq!(ask(&world, wrong).await.status, 401);
    let at_a_tenant =
        Ask::new("GET", "/admin/v1/tenants").header("authorization", format!("Bearer {}", world.operator_token));
    let host = tenant.issuer.trim_start_matches("http://");
    let answer = send(host.parse().expect("an address"), &at_a_tenant.host(host)).await.expect("an answer");
    assert_eq!(answer.status, 404, "tenants' listeners have no admin API");
}

#[tokio::test]
async fn a_disabled_operator_and_a_rotated_token_are_worth_nothing() {
    let world = World::start().await;
    let (status, made) = world.admin("POST", "/admin/v1/operators", Some(json!({ "name": "second" }))).await;
    assert_eq!(status, 201, "{made}");
    let (id, token) = (made["id"].as_str().expect("an id"), made["token"].as_str().expect("a token").to_owned());
    let with = async |token: &str| {
        ask(&world, Ask::new("GET", "/admin/v1/tenants").header("authorization", format!("Bearer {token}")))
            .await
            .status
    };
    assert_eq!(with(&token).await, 200);
    let (_, rotated) = world.admin("POST", &format!("/admin/v1/operators/{id}/rotate-token"), None).await;
    let fresh = rotated["token"].as_str().expect("a token");
    assert_eq!((with(&token).await, with(fresh).await), (401, 200));
    assert_eq!(world.admin("POST", &format!("/admin/v1/operators/{id}/disable"), None).await.0 / 100, 2);
    assert_eq!(with(fresh).await, 401);
}

#[tokio::test]
async fn the_operator_is_in_every_event_that_they_cause() {
    let world = World::start().await;
    let (_, operators) = world.admin("GET", "/admin/v1/operators", None).await;
    let me = Actor::Operator(operators["items"][0]["id"].as_str().expect("an id").parse().expect("an operator"));
    let issuer = format!("http://{}/t/bank", world.nobodys_address());
    let tenant = json!({ "slug": "bank", "name": "Bank", "kind": "sandbox", "preset": "openid", "issuer": issuer });
    let client =
        json!({ "name": "C", "kind": "confidential", "redirect_uris": ["https://c.example/cb"], "scopes": ["openid"] });
    let base = "/admin/v1/tenants/bank";
    let made = async |method: &str, path: &str, body: Option<Value>| {
        let (status, answer) = world.admin(method, path, body).await;
        assert_eq!(status / 100, 2, "{method} {path}: {answer}");
        answer
    };
    made("POST", "/admin/v1/tenants", Some(tenant)).await;
    made("PATCH", base, Some(json!({ "name": "Bank 2" }))).await;
    made("POST", &format!("{base}/clock/advance"), Some(json!({ "seconds": 60 }))).await;
    let knob = json!([{ "op": "replace", "path": "/codes/ttl_seconds", "value": 30 }]);
    made("PATCH", &format!("{base}/profile"), Some(knob)).await;
    let id =
        made("POST", &format!("{base}/clients"), Some(client)).await["client_id"].as_str().expect("an id").to_owned();
    made("PATCH", &format!("{base}/clients/{id}"), Some(json!({ "name": "D" }))).await;
    made("POST", &format!("{base}/clients/{id}/rotate-secret"), None).await;
    made("POST", &format!("{base}/clients/{id}/suspend"), Some(json!({ "reason": "r" }))).await;
    made("POST", &format!("{base}/clients/{id}/restore"), None).await;
    let user = made(
        "POST",
        &format!("{base}/users"),
        Some(json!({ "email": "a@example.com", "password": "a long password" })),
    )
    .await;
    let user = format!("{base}/users/{}", user["id"].as_str().expect("an id"));
    made("PATCH", &user, Some(json!({ "claims": { "name": "A" } }))).await;
    for word in ["lock", "unlock", "deactivate", "erase"] {
        made("POST", &format!("{user}/{word}"), None).await;
    }
    made("POST", &format!("{base}/keys"), Some(json!({ "alg": "ES256" }))).await;
    made("DELETE", &format!("{base}/clients/{id}"), None).await;
    for word in ["suspend", "restore"] {
        made("POST", &format!("{base}/{word}"), None).await;
    }
    world.settle().await;
    let stores = &world.platform.stores;
    let (mut kinds, mut others) = (BTreeSet::new(), Vec::new());
    for store in [Role::Registry, Role::Directory, Role::Token].map(|role| stores.of(role)) {
        for event in store.read_log(Log::Events, Position::START, 10_000).await.expect("the log") {
            if event.meta.actor == me {
                assert!(event.meta.correlation.is_some(), "{}", event.event_type);
                kinds.insert(event.event_type);
            } else {
                others.push((event.event_type, event.meta.actor));
            }
        }
    }
    for kind in [
        "platform.tenant.created",
        "platform.tenant.presentation_changed",
        "platform.tenant.profile_changed",
        "platform.tenant.clock_advanced",
        "platform.tenant.suspended",
        "platform.tenant.restored",
        "oauth.client.registered",
        "oauth.client.updated",
        "oauth.client.secret_rotated",
        "oauth.client.suspended",
        "oauth.client.restored",
        "oauth.client.deleted",
        "identity.user.created",
        "identity.user.profile_changed",
        "identity.user.locked",
        "identity.user.unlocked",
        "identity.user.deactivated",
        "identity.user.erased",
        "platform.signing_key.created",
    ] {
        assert!(kinds.contains(kind), "{kind} was caused by nobody, or by: {others:?}");
    }
    // What only follows from that is the system's.
    assert!(others.iter().all(|(_, actor)| *actor == Actor::System), "{others:?}");
}

#[tokio::test]
async fn lists_come_in_pages_without_gaps_or_repeats() {
    let world = World::start().await;
    let tenant = world.tenant("openid").await;
    for n in 0..7 {
        world.person_with(&tenant, &format!("u{n}@example.com"), Default::default(), Default::default()).await;
        world.partner_with(&tenant, |client| client.name = format!("Client {n}")).await;
        let issuer = format!("http://{}/t/more-{n}", world.nobodys_address());
        let more = json!({ "slug": format!("more-{n}"), "name": "M", "kind": "development", "preset": "openid", "issuer": issuer });
        assert_eq!(world.admin("POST", "/admin/v1/tenants", Some(more)).await.0, 201);
    }
    world.settle().await;
    let base = "/admin/v1/tenants/openid";
    let lists = [
        ("/admin/v1/tenants".to_owned(), "slug", 8),
        (format!("{base}/clients"), "client_id", 7),
        (format!("{base}/users"), "id", 7),
    ];
    for (list, key, count) in lists {
        let (_, whole) = world.admin("GET", &list, None).await;
        let keys = |page: &Value| -> Vec<String> {
            page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|item| item[key].as_str().expect("a key").to_owned())
                .collect()
        };
        assert_eq!(keys(&whole).len(), count, "{list}");
        assert!(whole.get("next").is_none(), "{list} ends here");
        for limit in [1, 2, 3, 7, 200] {
            let (mut gathered, mut after) = (Vec::new(), String::new());
            loop {
                let (status, page) = world.admin("GET", &format!("{list}?limit={limit}{after}"), None).await;
                assert_eq!(status, 200, "{page}");
                assert!(keys(&page).len() <= limit);
                gathered.extend(keys(&page));
                let Some(next) = page["next"].as_str() else { break };
                after = format!("&after={}", url::form_urlencoded::byte_serialize(next.as_bytes()).collect::<String>());
                assert!(gathered.len() <= count, "{list} does not end");
            }
            assert_eq!(gathered, keys(&whole), "{list} by {limit}");
        }
        for wrong in ["limit=0", "limit=201", "limit=many", "limit=-1", "page=2", "limit=1&limit=2"] {
            let (status, problem) = world.admin("GET", &format!("{list}?{wrong}"), None).await;
            assert_eq!((status, problem["status"].as_u64()), (400, Some(400)), "{list}?{wrong}: {problem}");
        }
    }
}
