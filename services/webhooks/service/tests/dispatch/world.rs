//! The service with a database of its own, a token service's log that it follows late and twice, and
//! receivers on loopback.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use grantor_bus::{OwnLog, Subscription, Unruly};
use grantor_contracts::{
    Message,
    token::v1::{AuthorizationCreated, AuthorizationRevoked},
};
use grantor_copies::Copies;
use grantor_egress::{CallClient, Destinations};
use grantor_eventsourcing::{Actor, AggregateType, Encoded, Meta};
use grantor_ids::{ClientKey, TenantId, UserId, WebhookId};
use grantor_ports::{
    AuthorityRole, Branding, ClientKind, ClientState, ClientView, Clock, DeliveryState, DeliveryView, Drill, Drilled,
    MailPassword, NewWebhook, OsEntropy, Page, Point, PortError, Registry, TenantKind, TenantState, TenantView, Terms,
    WebhookChange, WebhookDeliveries as _, WebhookFormat, WebhookSigning, Webhooks as _,
};
use grantor_profile::{Lifetimes, Profile};
use grantor_store::{Log, NewEvent, PostgresOptions, SqliteOptions, Store, StreamWrite, Write};
use grantor_telemetry::Metrics;
use grantor_tests_postgres::TestDatabase;
use grantor_webhooks::{Rate, Webhooks, WebhooksDeps};
use tokio::task::JoinSet;
use uuid::Uuid;

pub const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(0xb2));
/// With every event.
pub const EVERYTHING: TenantId = TenantId::from_uuid(Uuid::from_u128(0xb3));
pub const CLIENT: ClientKey = ClientKey::from_uuid(Uuid::from_u128(0xc1));
pub const USER: UserId = UserId::from_uuid(Uuid::from_u128(0xd1));
pub const REVOKED: &str = "oauth.authorization.revoked";

/// Where the service's database is.
#[derive(Clone, Copy)]
pub enum Engine {
    Sqlite,
    Postgres,
}

/// What has to be as it was made.
pub struct World {
    pub service: Arc<Webhooks>,
    pub store: Store,
    token: Store,
    clock: Arc<dyn Clock>,
    root: Arc<grantor_crypto::RootKeys>,
    metrics: Metrics,
    running: JoinSet<()>,
    jobs: JoinSet<()>,
    _folder: tempfile::TempDir,
    database: Option<TestDatabase>,
}

impl World {
    pub async fn new(engine: Engine, clock: Arc<dyn Clock>) -> Self {
        Self::with(engine, clock, &["127.0.0.0/8:0"], Drilled::default()).await
    }

    pub async fn with(engine: Engine, clock: Arc<dyn Clock>, allow: &[&str], drill: Drilled) -> Self {
        Self::limited(engine, clock, allow, drill, None).await
    }

    /// No endpoint is called faster.
    pub async fn limited(
        engine: Engine,
        clock: Arc<dyn Clock>,
        allow: &[&str],
        drill: Drilled,
        fastest: Option<Rate>,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let sqlite = async |name: &str| {
            let path = folder.path().join(name);
            grantor_store::migrate(&path).await.expect("a database");
            Store::open_sqlite(SqliteOptions::new(path), clock.clone(), Arc::new(OsEntropy)).await.expect("a store")
        };
        let token = sqlite("token.db").await;
        let metrics = Metrics::new();
        let (store, database) = match engine {
            Engine::Sqlite => (sqlite("webhooks.db").await, None),
            Engine::Postgres => {
                let migrate = |url| async move {
                    grantor_store::migrate_postgres(&PostgresOptions::new(url)).await.expect("a database");
                };
                let database = TestDatabase::of("webhooks", migrate).await;
                let mut options = PostgresOptions::new(database.url());
                options.metrics = Some(metrics.store("webhooks"));
                let store = Store::open_postgres(options, clock.clone(), Arc::new(OsEntropy)).await.expect("a store");
                (store, Some(database))
            }
        };
        let key_file = folder.path().join("root.key");
        let root = Arc::new(grantor_crypto::RootKeys::create(&key_file).expect("a root key"));
        let service = service(&store, &clock, &root, allow, drill, fastest);
        let mut world = Self {
            service,
            store,
            token,
            clock,
            root,
            metrics,
            running: JoinSet::new(),
            jobs: JoinSet::new(),
            _folder: folder,
            database,
        };
        world.start();
        world
    }

    fn start(&mut self) {
        for (_, job) in self.service.jobs() {
            self.jobs.spawn(job);
        }
        for (consumer, source) in self.service.consumers() {
            if source == "token" {
                let log = Arc::new(OwnLog::new(source, self.token.clone(), Log::Events));
                let source = Arc::new(Unruly::new(log, Duration::from_millis(2)));
                let metrics = Metrics::new().bus("webhooks.ingest");
                let subscription = Subscription { consumer, source, store: self.store.clone(), metrics };
                self.running.spawn(subscription.run());
            }
        }
    }

    /// Ends as a killed process does, and starts again on the same data.
    pub async fn die_and_start_again(&mut self) {
        self.jobs.shutdown().await;
        self.running.shutdown().await;
        self.service = service(&self.store, &self.clock, &self.root, &["127.0.0.0/8:0"], Drilled::default(), None);
        self.start();
    }

    /// Another process on the same database (PostgreSQL): stands by.
    pub async fn beside(&self) -> JoinSet<()> {
        let url = self.database.as_ref().expect("a database").url();
        let options = PostgresOptions::new(url);
        let store = Store::open_postgres(options, self.clock.clone(), Arc::new(OsEntropy)).await.expect("a store");
        let other = service(&store, &self.clock, &self.root, &["127.0.0.0/8:0"], Drilled::default(), None);
        let mut running = JoinSet::new();
        other.jobs().into_iter().for_each(|(_, job)| drop(running.spawn(job)));
        running
    }

    /// The one that leads makes no more deliveries; events go on becoming rows.
    pub async fn die(&mut self) {
        self.jobs.shutdown().await;
    }

    /// Nothing happens by itself any more.
    pub async fn be_still(&mut self) {
        self.jobs.shutdown().await;
        self.running.shutdown().await;
    }

    /// Statements that went to the service's database so far (PostgreSQL).
    pub fn statements(&self) -> u64 {
        let text = self.metrics.render();
        let line = text.lines().find(|line| line.starts_with("grantor_store_statements_total{")).expect("the metric");
        line.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
    }

    /// An endpoint of the client's for revocations.
    pub async fn endpoint(&self, url: &str) -> WebhookId {
        let wanted = NewWebhook {
            client_id: Some("app_1".into()),
            url: url.into(),
            description: String::new(),
            events: vec![REVOKED.into()],
            format: WebhookFormat::Tenant,
            signing: WebhookSigning::V1,
            max_per_second: 0,
        };
        self.service.endpoints().create_webhook(TENANT, wanted, &system()).await.expect("an endpoint").0.id
    }

    /// Limits an endpoint to so many calls in a second; 0 for none.
    pub async fn limit(&self, endpoint: WebhookId, calls: u32) {
        let change = WebhookChange { max_per_second: Some(calls), ..WebhookChange::default() };
        self.service.endpoints().change_webhook(TENANT, endpoint, change, &system()).await.expect("changed");
    }

    /// A grant is made and revoked.
    pub async fn revoke(&self, grant: u128) {
        let created = AuthorizationCreated {
            client_key: CLIENT.uuid().as_bytes().to_vec(),
            client_id: "app_1".into(),
            user_id: USER.uuid().as_bytes().to_vec(),
            scope: "customer_read".into(),
            ..AuthorizationCreated::default()
        };
        let revoked = AuthorizationRevoked {
            reason: "api".into(),
            client_id: "app_1".into(),
            scope: "customer_read".into(),
            revoked_by: "api".into(),
            ..AuthorizationRevoked::default()
        };
        let now = self.clock.real();
        let event = |event_type, payload: Vec<u8>| NewEvent {
            id: self.token.event_id(),
            encoded: Encoded { event_type, schema_version: 1, payload: payload.into() },
            occurred_at: now,
            meta: system(),
        };
        let events = vec![
            event("oauth.authorization.created", created.encode_to_vec()),
            event(REVOKED, revoked.encode_to_vec()),
        ];
        let stream = StreamWrite {
            tenant: TENANT,
            kind: AggregateType::Grant,
            id: Uuid::from_u128(grant),
            expected: 0,
            version: 0,
            events,
            state: b"{}".to_vec(),
        };
        self.token.commit(Write { stream: Some(stream), ..Write::default() }).await.expect("written");
    }

    pub async fn deliveries(&self, endpoint: WebhookId) -> Vec<DeliveryView> {
        let page = Page { after: None, limit: 200 };
        self.service.deliveries().webhook_deliveries(TENANT, endpoint, None, page).await.expect("rows").items
    }

    /// Waits until so many deliveries of an endpoint are so far.
    pub async fn until(&self, endpoint: WebhookId, count: usize, state: DeliveryState) -> Vec<DeliveryView> {
        self.until_all(endpoint, |all| all.iter().filter(|one| one.state == state).count() >= count).await
    }

    /// Waits until the deliveries of an endpoint are so.
    pub async fn until_all(&self, endpoint: WebhookId, so: impl Fn(&[DeliveryView]) -> bool) -> Vec<DeliveryView> {
        for _ in 0..1500 {
            let all = self.deliveries(endpoint).await;
            if so(&all) {
                return all;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it does not come to that: {:?}", self.deliveries(endpoint).await);
    }
}

fn service(
    store: &Store,
    clock: &Arc<dyn Clock>,
    root: &Arc<grantor_crypto::RootKeys>,
    allow: &[&str],
    drill: Drilled,
    max_per_second: Option<Rate>,
) -> Arc<Webhooks> {
    let allow: Vec<String> = allow.iter().map(|word| (*word).to_owned()).collect();
    let destinations = Destinations::parse(&allow).expect("networks");
    Webhooks::new(WebhooksDeps {
        store: store.clone(),
        clock: clock.clone(),
        entropy: Arc::new(OsEntropy),
        root: root.clone(),
        copies: Arc::new(Copies::new(store.clone(), Arc::new(Tenants), None)),
        tenants: Arc::new(Tenants),
        calls: Arc::new(CallClient::new(destinations, None).expect("a client")),
        max_per_second,
        metrics: Metrics::new().webhook(),
        drill,
    })
}

pub fn system() -> Meta {
    Meta::by(Actor::System)
}

/// Holds up for ever whoever passes this point for the first time.
pub struct StopOnce(AtomicBool);

impl StopOnce {
    pub fn drill() -> Drilled {
        Drilled::from(Arc::new(Self(AtomicBool::new(false))))
    }
}

#[async_trait]
impl Drill for StopOnce {
    async fn at(&self, point: Point) {
        if point == Point::Answered && !self.0.swap(true, Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
    }
}

struct Tenants;

#[async_trait]
impl Registry for Tenants {
    async fn tenant_by_authority(&self, _: &str) -> Result<Option<(Arc<TenantView>, AuthorityRole)>, PortError> {
        Ok(None)
    }
    async fn tenant_by_slug(&self, _: &str) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok(None)
    }
    async fn tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok(Some(Arc::new(TenantView {
            id: tenant,
            slug: "bank".into(),
            name: "The bank".into(),
            kind: TenantKind::Development,
            state: TenantState::Active,
            issuer: "https://bank.example".into(),
            api: "https://bank.example".into(),
            authorities: Vec::new(),
            profile: Arc::new(
                Profile::preset(if tenant == EVERYTHING { "openid" } else { "finexer" }).expect("a preset"),
            ),
            branding: Branding::default(),
            contact: None,
            terms: Terms::default(),
            mail_server: None,
            team: Default::default(),
            clock_ahead_ms: 0,
            version: 1,
        })))
    }
    async fn client(&self, tenant: TenantId, client_id: &str) -> Result<Option<Arc<ClientView>>, PortError> {
        Ok(Some(Arc::new(ClientView {
            key: if client_id == "app_1" { CLIENT } else { ClientKey::from_uuid(Uuid::from_u128(0xc2)) },
            tenant,
            client_id: client_id.into(),
            state: ClientState::Approved,
            kind: ClientKind::Confidential,
            name: "Buddy".into(),
            website: None,
            logo_url: None,
            contact: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            origins: Vec::new(),
            scopes: Vec::new(),
            secrets: Vec::new(),
            jwks: Default::default(),
            id_token_alg: None,
            password_grant: false,
            lifetimes: Lifetimes::default(),
            resource: None,
            created_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
        })))
    }
    async fn mail_password(&self, _: TenantId) -> Result<Option<MailPassword>, PortError> {
        Ok(None)
    }
}
