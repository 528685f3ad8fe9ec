use std::{
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{TimeZone, Utc};
use grantor_eventsourcing::{Actor, Meta};
use grantor_host::{Bound, BusKind, DataFolder, Listeners, Options, Platform, Role, Roles, Server, TlsSettings};
use grantor_ids::{TenantId, UserId};
use grantor_ports::{
    Authority, AuthorityRole, Branding, Claims, ClientKind, Clock, CreateTenant, CreateUser, Entropy, FixedClock,
    NewClient, OsEntropy, SystemClock, TenantKind, Terms,
};
use grantor_profile::Profile;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::databases::Databases;

/// Authorities that tenants of one world can have.
const SOCKETS: usize = 32;

/// Where the services' databases are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Files in the world's folder.
    Sqlite,
    /// Databases of its own on the PostgreSQL that the tests share.
    Postgres,
}

impl Engine {
    /// What `GRANTOR_TEST_ENGINE` says (`postgres`); files without it.
    pub fn of_run() -> Self {
        match std::env::var("GRANTOR_TEST_ENGINE").as_deref() {
            Err(_) | Ok("" | "sqlite") => Self::Sqlite,
            Ok("postgres") => Self::Postgres,
            Ok(other) => panic!("GRANTOR_TEST_ENGINE is neither sqlite nor postgres but {other}"),
        }
    }
}

/// How a world differs from the usual one.
pub struct Settings {
    /// Where its databases are.
    pub engine: Engine,
    /// Whether time stands still until it is moved.
    pub fixed_clock: bool,
    /// How events travel.
    pub bus: BusKind,
    /// Whether production's rules apply.
    pub production: bool,
    /// Proxies whose forwarded headers count.
    pub proxies: Vec<String>,
    /// Certificate and key of the tenants' listeners; http without.
    pub tls: Option<TlsSettings>,
    /// Randomness; the system's when absent.
    pub entropy: Option<Arc<dyn Entropy>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            engine: Engine::of_run(),
            fixed_clock: true,
            bus: BusKind::Unruly(Duration::from_millis(2)),
            production: false,
            proxies: Vec::new(),
            tls: None,
            entropy: None,
        }
    }
}

/// A running platform. Dropping it closes it and removes its folder.
pub struct World {
    /// The services.
    pub platform: Platform,
    /// The first operator's token.
    pub operator_token: String,
    /// Base URL of the admin listener.
    pub admin: String,
    clock: Option<Arc<FixedClock>>,
    folder: TempDir,
    addresses: Vec<SocketAddr>,
    taken: AtomicUsize,
    server: Option<Server>,
    started: grantor_eventsourcing::Timestamp,
    /// Last, for they are removed once nobody uses them.
    _databases: Option<Databases>,
}

/// A tenant with two authorities of its own.
#[derive(Debug, Clone)]
pub struct PartnerTenant {
    /// Its id.
    pub id: TenantId,
    /// Its slug.
    pub slug: String,
    /// Its issuer, also the base URL of its identity host.
    pub issuer: String,
    /// Base URL of its API host.
    pub api: String,
    /// Base URL of its widget's host; empty where it has none.
    pub widget: String,
    /// The path where a flow starts; empty where none does.
    pub authorize: String,
}

/// An approved client.
#[derive(Debug, Clone)]
pub struct Partner {
    /// Its `client_id`.
    pub client_id: String,
    /// Its secret; empty for a public client.
    pub secret: String,
    /// Its redirect URI.
    pub redirect_uri: String,
}

/// A user.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who.
    pub id: UserId,
    /// The address they log in with.
    pub email: String,
    /// Their password.
    pub password: String,
}

impl World {
    /// The usual one: a clock that stands still at 2026-11-21T08:00:00Z, a bus that delivers
    /// late and twice.
    pub async fn start() -> Self {
        Self::with(Settings::default()).await
    }

    /// One of another kind.
    pub async fn with(settings: Settings) -> Self {
        let folder = TempDir::new().expect("a folder");
        let data = DataFolder::new(folder.path(), None);
        let keys = data.create().expect("a data folder");
        let started = Utc.with_ymd_and_hms(2026, 11, 21, 8, 0, 0).single().expect("an instant");
        let fixed = settings.fixed_clock.then(|| Arc::new(FixedClock::at(started)));
        let clock: Arc<dyn Clock> = match &fixed {
            Some(fixed) => Arc::clone(fixed) as _,
            None => Arc::new(SystemClock),
        };
        let databases = match settings.engine {
            Engine::Sqlite => {
                data.migrate(clock.real()).await.expect("migrations");
                None
            }
            Engine::Postgres => Some(Databases::make().await),
        };
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let bound = Bound::bind(&[any; SOCKETS], any).expect("free ports");
        let (addresses, admin) = (bound.tenants(), bound.admin().expect("bound"));
        let options = Options {
            clock,
            bus: settings.bus,
            roles: Roles::default().and(Role::DemoApi),
            production: settings.production,
            proxies: grantor_web::Proxies::parse(&settings.proxies).expect("proxies"),
            entropy: settings.entropy.unwrap_or_else(|| Arc::new(OsEntropy)),
            postgres: databases.as_ref().map(Databases::settings),
            ..Options::default()
        };
        let platform = Platform::open(&data, keys, options).await.expect("the platform opens");
        let operator =
            grantor_console::first_operator(platform.stores.of(Role::Console), "tests").await.expect("an operator");
        let listeners = Listeners { bound, tls: settings.tls, internal_tls: None, workers: 2 };
        let server = Server::start(listeners, &platform).expect("listeners answer");
        Self {
            platform,
            operator_token: operator.token.expose_secret().to_owned(),
            admin: format!("http://{admin}"),
            clock: fixed,
            folder,
            addresses,
            taken: AtomicUsize::new(0),
            server: Some(server),
            started,
            _databases: databases,
        }
    }

    /// Its data folder.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The instant its clock started at.
    pub fn started(&self) -> grantor_eventsourcing::Timestamp {
        self.started
    }

    /// Now, by its clock.
    pub fn now(&self) -> grantor_eventsourcing::Timestamp {
        self.clock.as_ref().map_or_else(|| SystemClock.real(), |clock| clock.real())
    }

    /// Moves its clock.
    pub fn advance(&self, seconds: i64) {
        self.clock.as_ref().expect("a clock that can be moved").advance_seconds(seconds);
    }

    /// The next address that no tenant has yet.
    pub fn address(&self) -> SocketAddr {
        self.addresses[self.taken.fetch_add(1, Ordering::SeqCst)]
    }

    /// An address where no tenant is at home: only path prefixes and host names work there.
    pub fn nobodys_address(&self) -> SocketAddr {
        self.addresses[SOCKETS - 1]
    }

    /// A development tenant from a preset.
    pub async fn tenant(&self, preset: &str) -> PartnerTenant {
        self.tenant_with(preset, preset, |_| {}).await
    }

    /// The same, changed before it is made.
    pub async fn tenant_with(&self, slug: &str, preset: &str, change: impl FnOnce(&mut CreateTenant)) -> PartnerTenant {
        let (identity, api) = (self.address(), self.address());
        let named = |role, at: SocketAddr| Authority { role, authority: at.to_string() };
        let mut wanted = CreateTenant {
            slug: slug.to_owned(),
            name: format!("The {slug} tenant"),
            kind: TenantKind::Development,
            issuer: format!("http://{identity}"),
            api: Some(format!("http://{api}")),
            authorities: vec![named(AuthorityRole::Identity, identity), named(AuthorityRole::Api, api)],
            profile: Profile::preset(preset).expect("a preset"),
            branding: Branding::default(),
            contact: Some("partners@example.com".into()),
            terms: Terms { version: "1".into(), text: "Be kind.".into() },
        };
        if wanted.profile.hosts.widget {
            wanted.authorities.push(named(AuthorityRole::Widget, self.address()));
        }
        change(&mut wanted);
        let made = self.platform.registry_admin.create_tenant(wanted, &meta()).await.expect("a tenant");
        let widget = made.authorities.iter().find(|entry| entry.role == AuthorityRole::Widget);
        let authorize = made.profile.paths.authorize.as_ref().map(|set| set.path.clone()).unwrap_or_default();
        PartnerTenant {
            id: made.id,
            slug: made.slug.clone(),
            issuer: made.issuer.clone(),
            api: made.api.clone(),
            widget: widget.map(|entry| format!("http://{}", entry.authority)).unwrap_or_default(),
            authorize,
        }
    }

    /// An approved confidential client with every scope of the tenant's catalogue.
    pub async fn partner(&self, tenant: &PartnerTenant) -> Partner {
        self.partner_with(tenant, |_| {}).await
    }

    /// The same, changed before it is made.
    pub async fn partner_with(&self, tenant: &PartnerTenant, change: impl FnOnce(&mut NewClient)) -> Partner {
        let view = self.platform.registry.tenant(tenant.id).await.expect("an answer").expect("a tenant");
        let redirect_uri = "https://client.example/oauth/callback".to_owned();
        let mut wanted = NewClient {
            name: "Portfolio Planner".into(),
            kind: ClientKind::Confidential,
            website: Some("https://client.example".into()),
            logo_url: None,
            redirect_uris: vec![redirect_uri],
            post_logout_redirect_uris: vec!["https://client.example/bye".into()],
            origins: Vec::new(),
            scopes: view.profile.scopes.catalogue.iter().map(|entry| entry.name.to_string()).collect(),
            jwks: Default::default(),
            id_token_alg: None,
            password_grant: false,
            lifetimes: Default::default(),
            resource: None,
        };
        change(&mut wanted);
        let redirect_uri = wanted.redirect_uris.first().cloned().unwrap_or_default();
        let made = self.platform.registry_admin.create_client(tenant.id, wanted, &meta()).await;
        let (client, secret) = made.expect("a client");
        let secret = secret.map(|secret| secret.secret.expose_secret().to_owned()).unwrap_or_default();
        Partner { client_id: client.client_id.clone(), secret, redirect_uri }
    }

    /// A user with all standard claims and a plan.
    pub async fn person(&self, tenant: &PartnerTenant, email: &str) -> Person {
        let claims = json!({
            "name": "Grace Hopper", "given_name": "Grace", "family_name": "Hopper", "locale": "en-US",
            "phone_number": "+1 555 0100", "phone_number_verified": true, "birthdate": "1906-12-09",
            "address": { "formatted": "1 Navy Way", "country": "US" }
        });
        self.person_with(tenant, email, object(claims), object(json!({ "plan": { "name": "premium" } }))).await
    }

    /// A user with these claims and attributes.
    pub async fn person_with(&self, tenant: &PartnerTenant, email: &str, claims: Claims, attributes: Claims) -> Person {
        let password = "correct horse battery staple".to_owned();
        let wanted = CreateUser {
            email: email.to_owned(),
            email_verified: true,
            password: Some(SecretString::from(password.clone())),
            claims,
            attributes,
        };
        let made = self.platform.directory_admin.create_user(tenant.id, wanted, &meta()).await.expect("a user");
        Person { id: made.id, email: email.to_owned(), password }
    }

    /// Waits until every event has reached every consumer.
    pub async fn settle(&self) {
        // Long: on PostgreSQL a transaction of any other test holds back what is read of a log.
        assert!(self.platform.settle(Duration::from_secs(60)).await, "events still travel after a minute");
    }

    /// A call of the admin API: status and document.
    pub async fn admin(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let method = reqwest::Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request =
            reqwest::Client::new().request(method, format!("{}{path}", self.admin)).bearer_auth(&self.operator_token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// The newest mail to an address, once it is there.
    pub async fn mail_to(&self, address: &str) -> Value {
        for _ in 0..400 {
            let (_, found) = self.admin("GET", &format!("/admin/v1/mails?to={address}"), None).await;
            if let Some(mail) = found["items"].get(0) {
                return mail.clone();
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("no mail to {address} after ten seconds");
    }

    /// Stops the listeners and waits until the databases are closed; answers the folder they are in.
    ///
    /// # Panics
    /// When a database is still open after a minute.
    pub async fn stop(self) -> TempDir {
        let Self { folder, server, platform, .. } = self;
        if let Some(server) = server {
            server.stop().await;
        }
        drop(platform);
        let started = std::time::Instant::now();
        while has_open_databases(&folder.path().join("db")) {
            assert!(started.elapsed() < Duration::from_secs(60), "the databases do not close");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        folder
    }
}

/// Whether a database in this folder has a write-ahead log, which the last to close it removes.
fn has_open_databases(folder: &Path) -> bool {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name()).any(|name| name.to_string_lossy().ends_with("-wal"))
}

/// The same profile with every weak knob acknowledged, and nothing else.
pub fn acknowledged(mut profile: Profile) -> Profile {
    let weak = profile.security_delta().into_iter().filter(grantor_profile::Deviation::must_be_acknowledged);
    profile.acknowledged = weak.map(|deviation| deviation.id).collect();
    profile
}

fn meta() -> Meta {
    Meta::by(Actor::System)
}

fn object(value: Value) -> Claims {
    value.as_object().cloned().unwrap_or_default()
}
