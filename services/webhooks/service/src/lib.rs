//! Webhooks: tells partners' endpoints what happened, and keeps trying.
//!
//! What happens becomes rows, in the commit that moves the cursor ([`ingest`]); rows become calls, in
//! one process at a time ([`dispatch`]). The rules are in the domain crate: when something is tried
//! again, what an answer means, how an endpoint does.

mod deliveries;
mod dispatch;
mod endpoints;
mod ingest;

use std::sync::Arc;

pub use deliveries::Deliveries;
pub use endpoints::{ENDPOINT_EVENTS, EndpointCodec, Endpoints, Hearer};
use futures_util::future::BoxFuture;
use grantor_bus::Consumer;
use grantor_copies::Copies;
use grantor_crypto::RootKeys;
use grantor_egress::CallClient;
use grantor_keyring::Keyring;
use grantor_ports::{Clock, Drilled, Entropy, Registry};
use grantor_store::Store;
use grantor_telemetry::WebhookMetrics;
pub use grantor_webhooks_domain::{EVENT_TYPES, Rate};

use dispatch::{Callables, Dispatcher, Nudges, Sender};
use ingest::Ingest;

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
    /// Its copies of tenants and clients.
    pub copies: Arc<Copies>,
    /// Who the tenants are.
    pub tenants: Arc<dyn Registry>,
    /// Makes the calls.
    pub calls: Arc<CallClient>,
    /// No endpoint is called more often than so many times in a second; `None` for as often as it can be.
    pub max_per_second: Option<Rate>,
    /// Counts them.
    pub metrics: WebhookMetrics,
    /// Passes their points.
    pub drill: Drilled,
}

/// The service.
pub struct Webhooks {
    endpoints: Arc<Endpoints>,
    deliveries: Arc<Deliveries>,
    dispatcher: Arc<Dispatcher>,
    ingest: Ingest,
    copies: Arc<Copies>,
}

impl Webhooks {
    /// Puts it together.
    pub fn new(deps: WebhooksDeps) -> Arc<Self> {
        let WebhooksDeps { store, clock, entropy, root, copies, tenants, calls, max_per_second, metrics, drill } = deps;
        let keys = Keyring::new(store.clone(), root);
        let endpoints =
            Endpoints::new(store.clone(), clock.clone(), entropy.clone(), keys, tenants.clone(), max_per_second);
        let nudges = Arc::new(Nudges::default());
        let deliveries =
            Deliveries::new(store.clone(), clock.clone(), entropy.clone(), tenants, endpoints.clone(), nudges.clone());
        let ingest = Ingest::new(store.clone(), clock.clone(), copies.clone(), endpoints.clone());
        let callables = Callables::new(store.clone(), endpoints.clone());
        let sender = Sender { clock: clock.clone(), callables, client: calls, drill };
        let dispatcher = Dispatcher {
            store,
            clock,
            entropy,
            endpoints: endpoints.clone(),
            sender: Arc::new(sender),
            nudges,
            metrics,
        };
        Arc::new(Self { endpoints, deliveries, dispatcher: Arc::new(dispatcher), ingest, copies })
    }

    /// Where partners are told what happens.
    pub fn endpoints(&self) -> Arc<Endpoints> {
        Arc::clone(&self.endpoints)
    }

    /// What was delivered, and what is to be.
    pub fn deliveries(&self) -> Arc<Deliveries> {
        Arc::clone(&self.deliveries)
    }

    /// What it follows: clients, people, grants; and the state records of tenants and clients.
    pub fn consumers(self: &Arc<Self>) -> Vec<(Arc<dyn Consumer>, &'static str)> {
        let ingest = || self.ingest.beside() as Arc<dyn Consumer>;
        vec![
            (Arc::new(self.copies.consumer()), "registry.facts"),
            (ingest(), "registry"),
            (ingest(), "directory"),
            (ingest(), "token"),
        ]
    }

    /// What runs for ever beside its consumers.
    pub fn jobs(self: &Arc<Self>) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
        vec![
            ("webhooks.dispatch", Box::pin(Arc::clone(&self.dispatcher).run())),
            ("webhooks.recover", Box::pin(Arc::clone(&self.deliveries).go_on())),
        ]
    }
}
