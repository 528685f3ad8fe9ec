//! Webhooks: tells partners' endpoints what happened, and keeps trying.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use grantor_bus::Consumer;
use grantor_crypto::RootKeys;
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
    _deps: WebhooksDeps,
}

impl Webhooks {
    /// Puts it together.
    pub fn new(deps: WebhooksDeps) -> Arc<Self> {
        Arc::new(Self { _deps: deps })
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
