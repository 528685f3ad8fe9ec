//! Many at once: exactly one wins, and the log says so once.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use grantor_eventsourcing::{Envelope, Position};
use grantor_ports::{ClientCommand, ClientKind};
use grantor_store::{Log, Store};
use grantor_testkit::{AuthorizeUrl, Browser, Pkce, Role, Tokens, World, hidden};
use grantor_tests_isolation::redeem;
use serde_json::{Value, json};

const MANY: usize = 64;

/// All events of a type. On PostgreSQL a transaction of anybody, even in another test's database,
/// holds readers of a log back while it is open.
async fn events(store: &Store, kind: &str) -> Vec<Envelope> {
    let (head, started) = (store.head(Log::Events), Instant::now());
    let all = loop {
        let all = store.read_log(Log::Events, Position::START, 10_000).await.expect("the log");
        if all.last().is_some_and(|last| last.position >= head) {
            break all;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "the log does not reach {head:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    all.into_iter().filter(|event| event.event_type == kind).collect()
}

/// A client of a developer, waiting for the operator; its `client_id`.
async fn pending(world: &World, tenant: &grantor_testkit::PartnerTenant) -> String {
    let person = world.person(tenant, "dev@example.com").await;
    let mut browser = Browser::new();
    let page = browser.get(&format!("{}/login?next=create_client", tenant.issuer)).await;
    let page = browser.follow(page).await;
    let typed = [("username", person.email.as_str()), ("password", person.password.as_str())];
    let entered = browser.press(&page, "login", &typed).await;
    let form = browser.follow(entered).await;
    let csrf = hidden(&form.body, "csrf").expect("a form");
    let fields = [
        ("csrf", csrf.as_str()),
        ("name", "Buddy"),
        ("website", "https://buddy.example"),
        ("kind", "confidential"),
        ("redirect_uris", "https://buddy.example/cb"),
        ("scopes", "openid"),
        ("accept_terms", "1"),
        ("create", "create"),
    ];
    let made = browser.post(&format!("{}/oauth/create_client", tenant.issuer), &fields).await;
    assert_eq!(made.status, 200, "{}", made.body);
    world.settle().await;
    let (_, found) =
        world.admin("GET", &format!("/admin/v1/tenants/{}/clients?state=pending", tenant.slug), None).await;
    found["items"][0]["client_id"].as_str().expect("a pending client").to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_approved_by_many_is_approved_once() {
    let world = World::start().await;
    let tenant = world.tenant("financefeast").await;
    let client = pending(&world, &tenant).await;
    let path = format!("/admin/v1/tenants/{}/clients/{client}/approve", tenant.slug);
    let answers = join_all((0..MANY).map(|_| world.admin("POST", &path, None))).await;
    for (status, answer) in &answers {
        assert!(matches!(status, 200 | 204 | 409), "{status} {answer}");
    }
    assert!(answers.iter().any(|(status, _)| matches!(status, 200 | 204)));
    let approved = events(world.platform.stores.of(Role::Registry), "oauth.client.approved").await;
    assert_eq!(approved.len(), 1);
    let (status, shown) = world.admin("GET", path.trim_end_matches("/approve"), None).await;
    assert_eq!((status, shown["state"].as_str()), (200, Some("approved")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_judged_both_ways_ends_in_one_state() {
    let world = World::start().await;
    let tenant = world.tenant("openid").await;
    let partner = world.partner_with(&tenant, |client| client.kind = ClientKind::Confidential).await;
    let admin = &world.platform.registry_admin;
    let meta = grantor_eventsourcing::Meta::by(grantor_eventsourcing::Actor::System);
    let suspend = || ClientCommand::Suspend { reason: "looked at".into() };
    let outcomes = join_all((0..MANY).map(|n| {
        let command = if n % 2 == 0 { suspend() } else { ClientCommand::Restore };
        admin.command_client(tenant.id, &partner.client_id, command, &meta)
    }))
    .await;
    assert!(outcomes.iter().any(Result::is_ok));
    let client =
        world.platform.registry.client(tenant.id, &partner.client_id).await.expect("a store").expect("a client");
    let stream =
        world.platform.stores.of(Role::Registry).stream(tenant.id, client.key.uuid()).await.expect("the stream");
    let versions: Vec<usize> = stream.iter().map(|event| event.version as usize).collect();
    assert_eq!(versions, (1..=stream.len()).collect::<Vec<_>>());
    let last = &stream.last().expect("events").event_type;
    assert_eq!(client.is_approved(), last != "oauth.client.suspended", "{last}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_redeemed_by_many_has_one_winner_who_loses_it_all() {
    let world = World::start().await;
    let tenant = world.tenant("openid").await;
    let (partner, person) = (world.partner(&tenant).await, world.person(&tenant, "grace@example.com").await);
    let pkce = Pkce::of("many");
    let url = AuthorizeUrl::new(&tenant, &partner, "openid offline_access").with("prompt", "consent").pkce(&pkce);
    let code = Browser::new().code(&url, &person).await;
    let answers = join_all((0..MANY).map(|_| redeem(&tenant, &partner, &code, &pkce.verifier))).await;
    let (won, lost): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!(won.len(), 1, "{lost:?}");
    for answer in lost {
        assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_grant")), "{answer:?}");
    }
    let won = won[0].json();
    let tokens = Tokens::new(&tenant, &partner);
    let token = |name: &str| won[name].as_str().expect("a token").to_owned();
    assert_eq!(tokens.introspect(&token("access_token")).await, json!({ "active": false }));
    assert_eq!(tokens.userinfo(&token("access_token")).await.0, 401);
    assert_eq!(tokens.refresh(&token("refresh_token")).await.1["error"], "invalid_grant");
    let issued = events(world.platform.stores.of(Role::Token), "oauth.authorization.revoked").await;
    assert_eq!(issued.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slug_wanted_by_many_is_one_tenants() {
    let world = World::start().await;
    let wanted = json!({
        "slug": "wanted", "name": "Wanted", "kind": "development", "preset": "openid",
        "issuer": format!("http://{}/t/wanted", world.nobodys_address())
    });
    let answers = join_all((0..MANY).map(|_| world.admin("POST", "/admin/v1/tenants", Some(wanted.clone())))).await;
    let made = answers.iter().filter(|(status, _)| *status == 201).count();
    assert_eq!(made, 1);
    for (status, answer) in answers.iter().filter(|(status, _)| *status != 201) {
        assert_eq!((*status, answer["title"].is_string()), (409, true), "{answer}");
    }
    assert_eq!(events(world.platform.stores.of(Role::Registry), "platform.tenant.created").await.len(), 1);
    let (_, listed) = world.admin("GET", "/admin/v1/tenants", None).await;
    let slugs: Vec<&Value> = listed["items"].as_array().expect("a list").iter().map(|tenant| &tenant["slug"]).collect();
    assert_eq!(slugs, ["wanted"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_registered_by_many_is_one_users() {
    let world = World::start().await;
    let tenant = world.tenant("openid").await;
    let wanted = json!({ "email": "grace@example.com", "email_verified": true });
    let path = format!("/admin/v1/tenants/{}/users", tenant.slug);
    let answers = join_all((0..MANY).map(|_| world.admin("POST", &path, Some(wanted.clone())))).await;
    assert_eq!(answers.iter().filter(|(status, _)| *status == 201).count(), 1);
    assert!(answers.iter().all(|(status, _)| matches!(status, 201 | 409)), "{answers:?}");
    world.settle().await;
    let (_, listed) = world.admin("GET", &path, None).await;
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(1));
}
