//! The authorization service: from a partner's link to the code that goes back.
//!
//! Owns the streams of sessions, consents and flows, and the rows of unfinished visits; answers the
//! ports [`grantor_ports::Sessions`] and [`grantor_ports::Flows`]; serves the widget and the authorize endpoint and every page between it
//! and its answer, log-out, and the page of what people gave. The rules are in the domain crate:
//! which step of a visit is due is one pure function.

mod commands;
mod consume;
mod cookies;
mod flow;
mod http;
mod interaction;
mod keys;
mod link;
mod ports;
pub mod publish;
mod pushed;
mod secret;
mod session;
mod shared;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use grantor_bus::Consumer;
use grantor_copies::{Copies, Moved, SandboxClocks};
use grantor_crypto::RootKeys;
use grantor_ports::{Banks, Clock, Directory, Entropy, Tokens};
use grantor_store::Store;
use grantor_web::Route;

use commands::expire_flows::EXPIRE;
use consume::EndedGrants;
use keys::Keys;

/// The name of this service: of its event log, and with `.facts` of its fact log.
pub const SERVICE: &str = "authorization";

/// How often rows of visits and sessions that are over are deleted.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// What the service is given.
pub struct AuthorizationDeps {
    /// Its own database.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids and secrets.
    pub entropy: Arc<dyn Entropy>,
    /// The root keys; the tenants' keys under them are rows of the store.
    pub root: Arc<RootKeys>,
    /// Its copies of tenants, clients and users.
    pub copies: Arc<Copies>,
    /// Who checks passwords and makes users.
    pub directory: Arc<dyn Directory>,
    /// Who owns codes and grants.
    pub tokens: Arc<dyn Tokens>,
    /// The way to banks.
    pub banks: Arc<dyn Banks>,
}

/// The service.
pub struct Authorization {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    keys: Keys,
    copies: Arc<Copies>,
    directory: Arc<dyn Directory>,
    tokens: Arc<dyn Tokens>,
    banks: Arc<dyn Banks>,
    moved: Arc<Moved>,
}

impl Authorization {
    /// Puts it together.
    pub fn new(deps: AuthorizationDeps) -> Arc<Self> {
        let AuthorizationDeps { store, clock, entropy, root, copies, directory, tokens, banks } = deps;
        let keys = Keys::new(store.clone(), root);
        let moved = Arc::default();
        Arc::new(Self { store, clock, entropy, keys, copies, directory, tokens, banks, moved })
    }

    /// Its endpoints and pages.
    pub fn routes(self: &Arc<Self>) -> Vec<Route> {
        http::routes(self)
    }

    /// What it follows: the state records of tenants, clients and users, the sandboxes' clocks, and
    /// the ends of grants.
    pub fn consumers(&self) -> Vec<(Arc<dyn Consumer>, &'static str)> {
        let copies: Arc<dyn Consumer> = Arc::new(self.copies.consumer());
        let (clock, moved) = (Arc::clone(&self.clock), Arc::clone(&self.moved));
        let clocks = Arc::new(SandboxClocks::new("authorization.sandbox_clocks", EXPIRE, clock, moved));
        vec![
            (Arc::clone(&copies), "registry.facts"),
            (copies, "directory.facts"),
            (clocks, "registry.facts"),
            (EndedGrants::new(self.store.clone()), "token"),
        ]
    }

    /// What runs for ever beside its consumers.
    pub fn jobs(self: &Arc<Self>) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
        let flows = Arc::clone(self);
        vec![
            ("authorization.sweep", Box::pin(sweep(Arc::clone(self)))),
            ("authorization.flows", Box::pin(async move { flows.follow_flows().await })),
        ]
    }
}

async fn sweep(service: Arc<Authorization>) {
    loop {
        tokio::time::sleep(SWEEP_EVERY).await;
        if let Err(cause) = service.store.sweep(service.clock.real()).await {
            tracing::warn!(%cause, "rows that are over could not be deleted");
        }
    }
}
