//! One file per family. A family is registered once, in [`Metrics::new`]; what services hold
//! are small handles that clone cheaply. Labels are `&'static str`, so that no tenant, user or
//! path typed by a stranger can become one.

use std::sync::Arc;

use prometheus::{
    GaugeVec, HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder, core::Collector,
};

mod bus;
mod http;
mod login;
mod mail;
mod password;
mod peer;
mod relay;
mod store;
mod token;
mod webhook;

pub use bus::BusMetrics;
pub use http::HttpMetrics;
pub use login::LoginMetrics;
pub use mail::MailMetrics;
pub use password::PasswordMetrics;
pub use peer::PeerMetrics;
pub use relay::RelayMetrics;
pub use store::StoreMetrics;
pub use token::TokenMetrics;
pub use webhook::WebhookMetrics;

/// All metrics of one platform. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Families>);

#[derive(Debug)]
struct Families {
    registry: Registry,
    http: HttpMetrics,
    token: TokenMetrics,
    login: LoginMetrics,
    password: PasswordMetrics,
    mail: MailMetrics,
    peer: PeerMetrics,
    webhook: WebhookMetrics,
    store: store::StoreFamily,
    bus: bus::BusFamily,
    relay: relay::RelayFamily,
}

impl Metrics {
    /// A set of its own, everything at zero.
    pub fn new() -> Self {
        let registry = Registry::new();
        let maker = Maker(&registry);
        Self(Arc::new(Families {
            http: HttpMetrics::new(&maker),
            token: TokenMetrics::new(&maker),
            login: LoginMetrics::new(&maker),
            password: PasswordMetrics::new(&maker),
            mail: MailMetrics::new(&maker),
            peer: PeerMetrics::new(&maker),
            webhook: WebhookMetrics::new(&maker),
            store: store::StoreFamily::new(&maker),
            bus: bus::BusFamily::new(&maker),
            relay: relay::RelayFamily::new(&maker),
            registry,
        }))
    }

    /// For the web kit.
    pub fn http(&self) -> HttpMetrics {
        self.0.http.clone()
    }

    /// For the token endpoint.
    pub fn token(&self) -> TokenMetrics {
        self.0.token.clone()
    }

    /// For everything that checks who somebody is.
    pub fn login(&self) -> LoginMetrics {
        self.0.login.clone()
    }

    /// For the owner of the password hasher.
    pub fn password(&self) -> PasswordMetrics {
        self.0.password.clone()
    }

    /// For the sender of mails.
    pub fn mail(&self) -> MailMetrics {
        self.0.mail.clone()
    }

    /// For calls of other services.
    pub fn peer(&self) -> PeerMetrics {
        self.0.peer.clone()
    }

    /// For calls of partners' endpoints.
    pub fn webhook(&self) -> WebhookMetrics {
        self.0.webhook.clone()
    }

    /// For the store of one service.
    pub fn store(&self, service: &'static str) -> StoreMetrics {
        self.0.store.of(service)
    }

    /// For one consumer of the bus.
    pub fn bus(&self, consumer: &'static str) -> BusMetrics {
        self.0.bus.of(consumer)
    }

    /// For the relay of one service.
    pub fn relay(&self, service: &'static str) -> RelayMetrics {
        self.0.relay.of(service)
    }

    /// Prometheus' text format (content type `text/plain; version=0.0.4`).
    pub fn render(&self) -> String {
        let families = self.0.registry.gather();
        TextEncoder::new().encode_to_string(&families).expect("names and labels are checked when they are registered")
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

/// Makes and registers; names and labels are constants of this crate, so a failure is a bug
/// that the first test finds.
struct Maker<'r>(&'r Registry);

impl Maker<'_> {
    fn counter(&self, name: &str, help: &str, labels: &[&str]) -> IntCounterVec {
        self.registered(IntCounterVec::new(Opts::new(name, help), labels))
    }

    fn gauge(&self, name: &str, help: &str, labels: &[&str]) -> IntGaugeVec {
        self.registered(IntGaugeVec::new(Opts::new(name, help), labels))
    }

    fn seconds(&self, name: &str, help: &str, labels: &[&str]) -> GaugeVec {
        self.registered(GaugeVec::new(Opts::new(name, help), labels))
    }

    fn histogram(&self, name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
        self.registered(HistogramVec::new(HistogramOpts::new(name, help).buckets(buckets.to_vec()), labels))
    }

    fn registered<C: Collector + Clone + 'static>(&self, made: prometheus::Result<C>) -> C {
        let collector = made.expect("a valid name and valid labels");
        self.0.register(Box::new(collector.clone())).expect("a name that is not taken");
        collector
    }
}

/// Seconds, from a tenth of a millisecond to ten seconds.
const SECONDS: [f64; 15] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
