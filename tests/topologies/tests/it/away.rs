//! Who goes on when a service is away.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use chrono::{TimeZone, Utc};
use grantor_crypto::InternalKeys;
use grantor_eventsourcing::{Actor, Meta};
use grantor_host::{Bound, BusKind, DataFolder, Internal, Listeners, Options, Platform, Role, Roles, Server};
use grantor_ports::{Branding, Clock, CreateTenant, FixedClock, TenantKind, Terms, UserCommand};
use grantor_profile::Profile;
use grantor_remote::Deadlines;
use grantor_testkit::{AuthorizeUrl, Browser, Partner, PartnerTenant, Person, Tokens};
use serde_json::{Value, json};
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery staple 7";

/// A deployment whose directory is a process of its own, on one clock that is moved by hand.
struct Two {
    rest: Platform,
    directory: Platform,
    directory_server: Option<Server>,
    rest_server: Option<Server>,
    clock: Arc<FixedClock>,
    tenant: PartnerTenant,
    partner: Partner,
    person: Person,
    _folder: TempDir,
}

fn meta() -> Meta {
    Meta::by(Actor::System)
}

fn roles(names: &[&str]) -> Roles {
    Roles::parse(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()).expect("roles")
}

impl Two {
    /// `bus`: how events reach the token and authorization services.
    async fn start(bus: BusKind) -> Self {
        let folder = TempDir::new().expect("a folder");
        let data = DataFolder::new(folder.path().join("data"), None);
        let root = data.create().expect("a data folder");
        let keys = InternalKeys::load(&data.internal_key()).expect("internal keys");
        let clock = Arc::new(FixedClock::at(Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).single().expect("an instant")));
        data.migrate(clock.real()).await.expect("migrations");
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let bind = |tenants: &[SocketAddr]| {
            Bound::bind(tenants, any).and_then(|bound| bound.and_internal(Some(any))).expect("free ports")
        };
        let (one, two) = (bind(&[any]), bind(&[]));
        let address = one.tenants()[0];
        let at = |bound: &Bound| format!("http://{}", bound.internal().expect("bound"));
        let peers: BTreeMap<Role, String> = [
            (Role::Registry, at(&one)),
            (Role::Authorization, at(&one)),
            (Role::Console, at(&one)),
            (Role::Token, at(&one)),
            (Role::Webhooks, at(&one)),
            (Role::Directory, at(&two)),
        ]
        .into();
        let seconds = Duration::from_secs;
        let deadlines = Deadlines { status: seconds(10), person: seconds(10), operator: seconds(10) };
        let options = |roles, bus| Options {
            clock: Arc::clone(&clock) as _,
            bus,
            roles,
            internal: Some(Internal { keys: keys.clone(), peers: peers.clone(), tls: None, deadlines }),
            ..Options::default()
        };
        let directory = options(roles(&["directory"]), BusKind::Orderly);
        let directory = Platform::open(&data, root.clone(), directory).await.expect("it opens");
        let rest = options(roles(&["registry", "authorization", "token", "console", "webhooks"]), bus);
        let rest = Platform::open(&data, root, rest).await.expect("it opens");
        let listeners = |bound| Listeners { bound, tls: None, internal_tls: None, workers: 1 };
        let directory_server = Some(Server::start(listeners(two), &directory).expect("listeners"));
        let rest_server = Some(Server::start(listeners(one), &rest).expect("listeners"));
        let (tenant, partner, person) = population(&rest, address).await;
        Self { rest, directory, directory_server, rest_server, clock, tenant, partner, person, _folder: folder }
    }

    fn tokens(&self) -> Tokens<'_> {
        Tokens::new(&self.tenant, &self.partner)
    }

    async fn code(&self) -> String {
        let url = AuthorizeUrl::new(&self.tenant, &self.partner, "openid offline_access");
        Browser::new().code(&url, &self.person).await
    }

    async fn token(&self) -> (String, String) {
        let (status, answer) = self.tokens().exchange(&self.code().await, &[]).await;
        assert_eq!(status, 200, "{answer}");
        let text = |name: &str| answer[name].as_str().expect("a token").to_owned();
        (text("access_token"), text("refresh_token"))
    }

    /// The directory's process is gone: its log and its port with it.
    async fn lose_the_directory(&mut self) {
        self.directory_server.take().expect("it was there").stop().await;
    }

    /// Until the copies have heard everything that there is to hear.
    async fn settled(&self) {
        let patience = Duration::from_secs(60);
        assert!(self.rest.settle(patience).await && self.directory.settle(patience).await, "nothing settles");
    }
}

async fn population(platform: &Platform, address: SocketAddr) -> (PartnerTenant, Partner, Person) {
    let ports = &platform.ports;
    let issuer = format!("http://{address}/t/one");
    let wanted = CreateTenant {
        slug: "one".into(),
        name: "One".into(),
        kind: TenantKind::Development,
        issuer: issuer.clone(),
        api: None,
        authorities: Vec::new(),
        profile: Profile::preset("openid").expect("a preset"),
        branding: Branding::default(),
        contact: None,
        terms: Terms::default(),
    };
    let made = ports.registry_admin.create_tenant(wanted, &meta()).await.expect("a tenant");
    let tenant = PartnerTenant {
        id: made.id,
        slug: "one".into(),
        issuer: issuer.clone(),
        api: issuer,
        authorize: "/oauth/authorize".into(),
        widget: String::new(),
    };
    let wanted = json!({
        "name": "App", "kind": "confidential", "redirect_uris": ["https://a.example/cb"],
        "scopes": ["openid", "offline_access"]
    });
    let wanted = serde_json::from_value(wanted).expect("a client");
    let (client, secret) = ports.registry_admin.create_client(made.id, wanted, &meta()).await.expect("a client");
    let secret = secret.map(|made| secrecy::ExposeSecret::expose_secret(&made.secret).to_owned()).expect("a secret");
    let partner =
        Partner { client_id: client.client_id.clone(), secret, redirect_uri: "https://a.example/cb".to_owned() };
    let email = "grace@example.com";
    let wanted = json!({ "email": email, "email_verified": true, "password": PASSWORD });
    let wanted = serde_json::from_value(wanted).expect("a user");
    let user = ports.directory_admin.create_user(made.id, wanted, &meta()).await.expect("a user");
    (tenant, partner, Person { id: user.id, email: email.into(), password: PASSWORD.into() })
}

impl Drop for Two {
    fn drop(&mut self) {
        for server in [self.rest_server.take(), self.directory_server.take()].into_iter().flatten() {
            tokio::spawn(server.stop());
        }
    }
}

/// A refresh as it is on the wire: status, whether there is a `Retry-After`, body.
async fn refresh(two: &Two, token: &str) -> (u16, bool, Value) {
    let (id, secret) = (two.partner.client_id.as_str(), two.partner.secret.as_str());
    let body = format!("grant_type=refresh_token&refresh_token={token}&client_id={id}&client_secret={secret}");
    let http = reqwest::Client::builder().no_proxy().build().expect("a client");
    let request = http.post(format!("{}/oauth/token", two.tenant.issuer)).body(body);
    let answer = request.header("content-type", "application/x-www-form-urlencoded").send().await.expect("an answer");
    let retry = answer.headers().contains_key("retry-after");
    (answer.status().as_u16(), retry, answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_bus_the_owner_is_asked_and_nothing_fails() {
    // The next event comes in an hour, which is to say: never.
    let two = Two::start(BusKind::Unruly(Duration::from_secs(3600))).await;
    two.clock.advance_seconds(600);
    let (access, first) = two.token().await;
    let (status, _, answer) = refresh(&two, &first).await;
    assert_eq!(status, 200, "{answer}");
    assert_eq!(two.tokens().introspect(&access).await["active"], true);
    let next = answer["refresh_token"].as_str().expect("its successor").to_owned();
    // The owner's word counts at once.
    let lock = UserCommand::Lock;
    two.rest.ports.directory_admin.command_user(two.tenant.id, two.person.id, lock, &meta()).await.expect("locked");
    let (status, _, answer) = refresh(&two, &next).await;
    assert_eq!((status, &answer["error"]), (400, &json!("invalid_grant")), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_bus_and_owner_refreshing_waits_after_thirty_seconds_and_the_rest_goes_on() {
    let mut two = Two::start(BusKind::Orderly).await;
    let (access, first) = two.token().await;
    let code = two.code().await;
    two.settled().await;
    two.lose_the_directory().await;
    two.clock.advance_seconds(29);
    let (status, _, answer) = refresh(&two, &first).await;
    assert_eq!(status, 200, "a copy of 29 seconds is good: {answer}");
    let next = answer["refresh_token"].as_str().expect("its successor").to_owned();
    two.clock.advance_seconds(3);
    let (status, retry, answer) = refresh(&two, &next).await;
    assert_eq!((status, retry), (503, true), "{answer}");
    assert_eq!(two.tokens().introspect(&access).await["active"], true, "introspection goes on");
    let (status, answer) = two.tokens().exchange(&code, &[]).await;
    assert_eq!(status, 200, "codes are redeemed: {answer}");
    assert_eq!(two.tokens().revoke(&next).await, 200, "and grants revoked");
    // Who has to say who they are has to wait.
    let url = AuthorizeUrl::new(&two.tenant, &two.partner, "openid");
    let visit = Browser::new().authorize(&url, &two.person).await;
    assert_eq!(visit.status, 503, "{}", visit.body);
    assert!(!visit.header("retry-after").is_empty());
}
