//! The token service: owner of grants, codes, refresh families, access tokens and signing keys.
//!
//! `http/` parses, calls one command, renders; `commands/` load, decide, append, answer; the
//! rules are in `grantor-token-domain`.

mod access_token;
mod client_auth;
mod commands;
mod dpop;
mod http;
mod id_token;
mod marks;
mod ports;
mod publish;
mod readmodel;
mod refresh_token;
mod refused;
mod secret_use;
mod secrets;
mod signing;
mod standing;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use grantor_bus::Consumer;
use grantor_copies::{Copies, Moved, SandboxClocks};
use grantor_crypto::RootKeys;
use grantor_ports::{Clock, Directory, Entropy};
use grantor_store::Store;
use grantor_telemetry::TokenMetrics;
use grantor_web::Route;

use crate::{commands::EXPIRE, secrets::Secrets, signing::SigningKeys};

pub use publish::{GrantCodec, KeyCodec};
pub use readmodel::GrantList;

/// The name of this service, of its event log, and (with `.facts`) of its fact log.
pub const NAME: &str = "token";

/// What the service is made of.
pub struct TokenDeps {
    /// Its own database.
    pub store: Store,
    /// The tenants' clocks, and the real one.
    pub clock: Arc<dyn Clock>,
    /// Randomness for codes and tokens.
    pub entropy: Arc<dyn Entropy>,
    /// The root keys: they wrap the tenants' keys in its own database.
    pub root_keys: Arc<RootKeys>,
    /// Its copies of tenants, clients and users.
    pub copies: Arc<Copies>,
    /// Claims for userinfo and ID tokens.
    pub directory: Arc<dyn Directory>,
    /// What the token endpoint answered.
    pub metrics: TokenMetrics,
}

/// The service. Shared by its routes, ports and jobs.
pub struct Token {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    secrets: Arc<Secrets>,
    signing: SigningKeys,
    copies: Arc<Copies>,
    directory: Arc<dyn Directory>,
    metrics: TokenMetrics,
    noted: secret_use::Noted,
    seen: dpop::Seen,
    moved: Arc<Moved>,
}

impl Token {
    /// Puts it together. Nothing is read before the first request.
    pub fn new(deps: TokenDeps) -> Arc<Self> {
        let TokenDeps { store, clock, entropy, root_keys, copies, directory, metrics } = deps;
        let secrets = Arc::new(Secrets::new(store.clone(), root_keys));
        let signing = SigningKeys::new(store.clone(), Arc::clone(&clock), Arc::clone(&entropy), Arc::clone(&secrets));
        let (noted, seen, moved) = (secret_use::Noted::default(), dpop::Seen::default(), Arc::default());
        Arc::new(Self { store, clock, entropy, secrets, signing, copies, directory, metrics, noted, seen, moved })
    }

    /// What it answers.
    pub fn routes(self: &Arc<Self>) -> Vec<Route> {
        http::routes(self)
    }

    /// What it follows, and whose log.
    pub fn consumers(&self) -> Vec<(Arc<dyn Consumer>, &'static str)> {
        let copies = Arc::new(self.copies.consumer());
        let (clock, moved) = (Arc::clone(&self.clock), Arc::clone(&self.moved));
        vec![
            (Arc::clone(&copies) as Arc<dyn Consumer>, "registry.facts"),
            (copies, "directory.facts"),
            (Arc::new(SandboxClocks::new("token.sandbox_clocks", EXPIRE, clock, moved)), "registry.facts"),
            (Arc::new(GrantList), NAME),
        ]
    }

    /// What it does by itself. Each runs for ever and may be dropped at any await.
    pub fn jobs(self: &Arc<Self>) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
        let (keys, grants) = (Arc::clone(self), Arc::clone(self));
        vec![
            ("token.activate_signing_keys", Box::pin(async move { keys.follow_key_tasks().await })),
            ("token.expire_grants", Box::pin(async move { grants.follow_expiries().await })),
        ]
    }

    /// Does once what the jobs do for ever: what is due now. For tests that move the clock.
    pub async fn run_due(&self) {
        if let Err(cause) = self.activate_due_keys().await {
            tracing::warn!(%cause, "signing keys could not be activated");
        }
        if let Err(cause) = self.expire_due().await {
            tracing::warn!(%cause, "grants could not be expired");
        }
    }
}
