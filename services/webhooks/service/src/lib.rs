//! Webhooks: tells partners' endpoints what happened, and keeps trying.

mod endpoints;

use std::sync::Arc;

pub use endpoints::{ENDPOINT_EVENTS, EndpointCodec, Endpoints, Hearer};
use futures_util::future::BoxFuture;
use grantor_bus::Consumer;
use grantor_crypto::RootKeys;
use grantor_keyring::Keyring;
use grantor_ports::{Clock, Entropy, Registry};
use grantor_store::Store;
pub use grantor_webhooks_domain::EVENT_TYPES;

/// The name of this service: of its event log, and with `.facts` of its fact log.
pub const SERVICE: &str = "webhooks";

/// What the service is given.
pub struct WebhooksDeps {
    /// Its own database.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids, secrets and the spread of retries.
    pub entropy: Arc<dyn Entropy>,
    /// The root keys; the tenants' keys under them are rows of the store.
    pub root: Arc<RootKeys>,
    /// Who the tenants are.
    pub tenants: Arc<dyn Registry>,
}

/// The service.
pub struct Webhooks {
    endpoints: Arc<Endpoints>,
}

impl Webhooks {
    /// Puts it together.
    pub fn new(deps: WebhooksDeps) -> Arc<Self> {
        let WebhooksDeps { store, clock, entropy, root, tenants } = deps;
        let keys = Keyring::new(store.clone(), root);
        let endpoints = Endpoints::new(store, clock, entropy, keys, tenants);
        Arc::new(Self { endpoints })
    }

    /// Where partners are told what happens.
    pub fn endpoints(&self) -> Arc<Endpoints> {
        Arc::clone(&self.endpoints)
    }

    /// What it follows.
    pub fn consumers(self: &Arc<Self>) -> Vec<(Arc<dyn Consumer>, &'static str)> {
        Vec::new()
    }

    /// What runs for ever beside its consumers.
    pub fn jobs(self: &Arc<Self>) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
        Vec::new()
    }
}
