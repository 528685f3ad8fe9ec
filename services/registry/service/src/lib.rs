//! The registry: who the tenants and their clients are.
//!
//! Owns the streams of tenants and clients; answers the ports [`grantor_ports::Registry`] and
//! [`grantor_ports::RegistryAdmin`]; serves the developers' pages. Other services keep copies,
//! fed by the state records that every change writes in its own commit.

mod commands;
mod facts;
mod history;
mod http;
mod lists;
mod overview;
mod ports;
pub mod publish;
mod rows;
mod views;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use grantor_bus::Consumer;
use grantor_crypto::RootKeys;
use grantor_keyring::Keyring;
use grantor_ports::{Clock, Directory, Entropy, Sessions, Tokens, WebhookDeliveries, Webhooks};
use grantor_store::Store;
use grantor_web::{OwnEndpoints, Route};

pub use views::{client_view, tenant_view};

/// The name of this service: of its event log, and with `.facts` of its fact log.
pub const SERVICE: &str = "registry";

/// What the registry is given.
pub struct RegistryDeps {
    /// Its own database.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids and secrets.
    pub entropy: Arc<dyn Entropy>,
    /// The root keys; the tenants' keys under them are rows of the store.
    pub root: Arc<RootKeys>,
    /// Who owns a session cookie.
    pub sessions: Arc<dyn Sessions>,
    /// Who a signed-in developer is.
    pub directory: Arc<dyn Directory>,
    /// Whose token came with a call, which accounts are connected to a developer's clients, and when secrets
    /// were used.
    pub tokens: Arc<dyn Tokens>,
    /// Where partners are told what happens.
    pub webhooks: Arc<dyn Webhooks>,
    /// What became of the telling.
    pub webhook_deliveries: Arc<dyn WebhookDeliveries>,
    /// The tenants' endpoints, for the API explorer.
    pub own: OwnEndpoints,
}

/// The service.
pub struct Registry {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    keys: Keyring,
    sessions: Arc<dyn Sessions>,
    directory: Arc<dyn Directory>,
    tokens: Arc<dyn Tokens>,
    webhooks: Arc<dyn Webhooks>,
    webhook_deliveries: Arc<dyn WebhookDeliveries>,
    own: OwnEndpoints,
}

impl Registry {
    /// Puts it together.
    pub fn new(deps: RegistryDeps) -> Arc<Self> {
        let RegistryDeps {
            store,
            clock,
            entropy,
            root,
            sessions,
            directory,
            tokens,
            webhooks,
            webhook_deliveries,
            own,
        } = deps;
        let keys = Keyring::new(store.clone(), root);
        Arc::new(Self { keys, store, clock, entropy, sessions, directory, tokens, webhooks, webhook_deliveries, own })
    }

    /// The developers' pages.
    pub fn routes(self: &Arc<Self>) -> Vec<Route> {
        http::routes(self)
    }

    /// What it follows: its own log, for its lists.
    pub fn consumers(&self) -> Vec<(Arc<dyn Consumer>, &'static str)> {
        vec![
            (Arc::new(lists::Lists::new(self.store.clone())), SERVICE),
            (Arc::new(overview::Overview::new(self.store.clone())), SERVICE),
        ]
    }

    /// What runs for ever beside its consumers: nothing.
    pub fn jobs(self: &Arc<Self>) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
        Vec::new()
    }
}
