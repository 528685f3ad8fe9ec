//! The console: operators and their tokens, the admin API, the listener's own pages, and the
//! mailbox of a deployment without a mail server.
//!
//! It commands the other services over their admin ports and keeps nothing of theirs. Every
//! command carries the operator who gave it into the events that it causes.

mod access;
mod commands;
mod consume;
mod failure;
mod http;
mod keys;
mod mailbox;
mod panel;
mod publish;
mod rows;
mod token;

use std::sync::Arc;

use grantor_bus::Consumer;
use grantor_crypto::RootKeys;
use grantor_ids::TenantId;
use grantor_keyring::Keyring;
use grantor_ports::{
    Clock, DirectoryAdmin, Entropy, Flows, Health, Mailer, Registry, RegistryAdmin, TokenAdmin, Tokens,
    WebhookDeliveries, Webhooks,
};
use grantor_store::Store;
use grantor_telemetry::Metrics;
use grantor_web::AdminRoute;
use uuid::Uuid;

pub use commands::{FirstOperator, FirstOperatorRefusal, first_operator};
pub use http::health;
pub use mailbox::{KeptMail, MOST_MAILS, Mailbox};
pub use publish::{EVENT_TYPES, OperatorCodec};

/// The name of this service's event log in its readers' cursors.
pub const LOG: &str = "console";

/// Operators belong to no tenant: their streams and rows stand under the nil tenant.
pub const DEPLOYMENT: TenantId = TenantId::from_uuid(Uuid::nil());

/// A process of this deployment, as the dashboard shows it.
#[derive(Clone)]
pub struct Process {
    /// The services that run in it.
    pub services: Vec<&'static str>,
    /// How it does.
    pub health: Arc<dyn Health>,
}

/// What the console needs from the house.
pub struct ConsoleDeps {
    /// Its own database.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids, operators' tokens and sessions.
    pub entropy: Arc<dyn Entropy>,
    /// The root keys; they wrap keys that are rows of `store`.
    pub keys: Arc<RootKeys>,
    /// Tenants and clients, read.
    pub registry: Arc<dyn Registry>,
    /// … and commanded.
    pub registry_admin: Arc<dyn RegistryAdmin>,
    /// Users, commanded.
    pub directory_admin: Arc<dyn DirectoryAdmin>,
    /// Keys and grants, commanded.
    pub token_admin: Arc<dyn TokenAdmin>,
    /// What users gave to clients, seen and ended.
    pub tokens: Arc<dyn Tokens>,
    /// Flows of the widget, read.
    pub flows: Arc<dyn Flows>,
    /// Where partners are told what happens.
    pub webhooks: Arc<dyn Webhooks>,
    /// What became of the telling.
    pub webhook_deliveries: Arc<dyn WebhookDeliveries>,
    /// Takes test mails to whoever takes a tenant's mails.
    pub mailer: Arc<dyn Mailer>,
    /// What `/metrics` shows.
    pub metrics: Metrics,
    /// This process, which `/ready` tells of.
    pub here: Process,
    /// The others that the console asks, for the dashboard.
    pub elsewhere: Vec<Process>,
    /// The mails that were kept instead of being sent; `None` where a mail server is set up.
    pub mailbox: Option<Arc<Mailbox>>,
}

/// The console service.
pub struct Console {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    keys: Keyring,
    registry: Arc<dyn Registry>,
    registry_admin: Arc<dyn RegistryAdmin>,
    directory_admin: Arc<dyn DirectoryAdmin>,
    token_admin: Arc<dyn TokenAdmin>,
    tokens: Arc<dyn Tokens>,
    flows: Arc<dyn Flows>,
    webhooks: Arc<dyn Webhooks>,
    webhook_deliveries: Arc<dyn WebhookDeliveries>,
    mailer: Arc<dyn Mailer>,
    metrics: Metrics,
    here: Process,
    elsewhere: Vec<Process>,
    mailbox: Option<Arc<Mailbox>>,
}

impl Console {
    /// The service over its database.
    pub fn new(deps: ConsoleDeps) -> Arc<Self> {
        Arc::new(Self {
            keys: Keyring::new(deps.store.clone(), deps.keys),
            store: deps.store,
            clock: deps.clock,
            entropy: deps.entropy,
            registry: deps.registry,
            registry_admin: deps.registry_admin,
            directory_admin: deps.directory_admin,
            token_admin: deps.token_admin,
            tokens: deps.tokens,
            flows: deps.flows,
            webhooks: deps.webhooks,
            webhook_deliveries: deps.webhook_deliveries,
            mailer: deps.mailer,
            metrics: deps.metrics,
            here: deps.here,
            elsewhere: deps.elsewhere,
            mailbox: deps.mailbox,
        })
    }

    /// Everything that the admin listener answers.
    pub fn admin_routes(self: &Arc<Self>) -> Vec<AdminRoute> {
        http::routes(self)
    }

    /// What follows which log.
    pub fn consumers(self: &Arc<Self>) -> Vec<(Arc<dyn Consumer>, &'static str)> {
        vec![(Arc::new(consume::Operators::new(self.store.clone())), LOG)]
    }
}
