//! The service with a database of its own, a clock that stands still, and two tenants with a
//! client each.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use grantor_copies::Copies;
use grantor_egress::{CallClient, Destinations};
use grantor_eventsourcing::{Actor, Codec, Meta, Timestamp, fold};
use grantor_ids::{ClientKey, OperatorId, TenantId, WebhookId};
use grantor_ports::{
    AuthorityRole, Branding, ClientKind, ClientState, ClientView, Drilled, FixedClock, MailPassword, NewWebhook,
    OsEntropy, PortError, Registry, TenantKind, TenantState, TenantView, Terms, WebhookFormat, WebhookSecret,
    WebhookSigning, WebhookView, Webhooks as _,
};
use grantor_profile::{Lifetimes, Profile};
use grantor_store::{SqliteOptions, Store};
use grantor_telemetry::Metrics;
use grantor_webhooks::{EndpointCodec, Endpoints, Rate, Webhooks, WebhooksDeps};
use grantor_webhooks_domain::endpoint::Endpoint;
use uuid::Uuid;

/// Real: only the internet is called, and every event can be heard.
pub const BANK: TenantId = TenantId::from_uuid(Uuid::from_u128(0xb1));
/// For tests, with one event.
pub const SANDBOX: TenantId = TenantId::from_uuid(Uuid::from_u128(0xb2));
/// The client of each.
pub const CLIENT: ClientKey = ClientKey::from_uuid(Uuid::from_u128(0xc1));
pub const REVOKED: &str = "oauth.authorization.revoked";

pub struct World {
    pub endpoints: Arc<Endpoints>,
    pub store: Store,
    pub clock: Arc<FixedClock>,
    pub folder: tempfile::TempDir,
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("webhooks.db");
        grantor_store::migrate(&path).await.expect("a database");
        let clock = Arc::new(FixedClock::at(start()));
        let store = Store::open_sqlite(SqliteOptions::new(path), clock.clone(), Arc::new(OsEntropy));
        let store = store.await.expect("a store");
        let key_file = folder.path().join("root.key");
        grantor_crypto::RootKeys::create(&key_file).expect("a root key");
        let root = grantor_crypto::RootKeys::load(&key_file, grantor_crypto::FileMode::MustBePrivate);
        let service = Webhooks::new(WebhooksDeps {
            store: store.clone(),
            clock: clock.clone(),
            entropy: Arc::new(OsEntropy),
            root: Arc::new(root.expect("a root key")),
            copies: Arc::new(Copies::new(store.clone(), Arc::new(Tenants), None)),
            tenants: Arc::new(Tenants),
            calls: Arc::new(CallClient::new(Destinations::default(), None).expect("a client")),
            max_per_second: Rate::per_second(50),
            metrics: Metrics::new().webhook(),
            drill: Drilled::default(),
        });
        Self { endpoints: service.endpoints(), store, clock, folder }
    }

    /// An endpoint of the client at the bank.
    pub async fn endpoint(&self) -> (WebhookView, WebhookSecret) {
        self.endpoints.create_webhook(BANK, wanted("https://partner.example/hooks"), &operator()).await.expect("one")
    }

    /// The state row of an endpoint, and the fold of its events.
    pub async fn row_and_fold(&self, tenant: TenantId, id: WebhookId) -> (Endpoint, Endpoint) {
        let row = self.store.load::<Endpoint>(tenant, id.uuid()).await.expect("a row").state;
        let stream = self.store.stream(tenant, id.uuid()).await.expect("a stream");
        let events: Vec<_> = stream.iter().map(|event| EndpointCodec::decode(event).expect("readable")).collect();
        (row, fold(&events))
    }

    /// The types of an endpoint's events.
    pub async fn events(&self, id: WebhookId) -> Vec<String> {
        let stream = self.store.stream(BANK, id.uuid()).await.expect("a stream");
        stream.into_iter().map(|event| event.event_type).collect()
    }
}

pub fn start() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")
}

pub fn operator() -> Meta {
    Meta::by(Actor::Operator(OperatorId::from_uuid(Uuid::from_u128(1))))
}

pub fn wanted(url: &str) -> NewWebhook {
    NewWebhook {
        client_id: Some("app_1".into()),
        url: url.into(),
        description: "Ours".into(),
        events: vec![REVOKED.into()],
        format: WebhookFormat::Tenant,
        signing: WebhookSigning::V1,
        max_per_second: 0,
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
        let (kind, preset) = match tenant {
            BANK => (TenantKind::Production, "openid"),
            SANDBOX => (TenantKind::Development, "finexer"),
            _ => return Ok(None),
        };
        Ok(Some(Arc::new(TenantView {
            id: tenant,
            slug: "bank".into(),
            name: "The bank".into(),
            kind,
            state: TenantState::Active,
            issuer: "https://bank.example".into(),
            api: "https://bank.example".into(),
            authorities: Vec::new(),
            profile: Arc::new(Profile::preset(preset).expect("a preset")),
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
        if client_id != "app_1" {
            return Ok(None);
        }
        Ok(Some(Arc::new(ClientView {
            key: CLIENT,
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
            created_at: start(),
            version: 1,
        })))
    }
    async fn mail_password(&self, _: TenantId) -> Result<Option<MailPassword>, PortError> {
        Ok(None)
    }
}
