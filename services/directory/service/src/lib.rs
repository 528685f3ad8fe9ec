//! The directory: users, their passwords, and everything personal about them.
//!
//! Personal data are sealed under a key of the user's own, which is a row of this service's
//! database and is deleted when the user is erased. Other services see ids and states, by
//! `identity.user.state`, and ask for claims over the [`grantor_ports::Directory`] port.

mod client_users;
mod commands;
mod consume;
mod failure;
mod found;
mod http;
mod jobs;
mod keys;
mod mail;
mod ports;
mod profile;
mod publish;
mod requests;
mod reset;
mod rows;
mod sign_up;
mod throttle;
mod view;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use grantor_bus::Consumer;
use grantor_crypto::{PasswordHasher, RootKeys};
use grantor_ids::TenantId;
use grantor_ports::{Clock, Entropy, Mailer, PortError, Registry, TenantKind, Tokens};
use grantor_store::Store;
use grantor_telemetry::{LoginMetrics, MailMetrics, Metrics, PasswordMetrics};
use grantor_web::Route;
use tokio::sync::Notify;

pub use publish::{AccountCodec, UserCodec};
pub use sign_up::CODE_DIGITS;

/// The name of this service's event log in its readers' cursors.
pub const LOG: &str = "directory";

/// What the directory needs from the house.
pub struct DirectoryDeps {
    /// Its own database.
    pub store: Store,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness for ids and tickets; keys and nonces are drawn inside `grantor-crypto`.
    pub entropy: Arc<dyn Entropy>,
    /// The root keys; they wrap the tenants' keys, which are rows of `store`.
    pub keys: Arc<RootKeys>,
    /// Takes codes and notices to people.
    pub mailer: Arc<dyn Mailer>,
    /// Who the tenants are: their names stand in mails.
    pub tenants: Arc<dyn Registry>,
    /// Whose token came with a call, and who ends a user's tokens.
    pub tokens: Arc<dyn Tokens>,
    /// The process' one queue of passwords.
    pub hasher: PasswordHasher,
    /// Logins, passwords, mails are counted here.
    pub metrics: Metrics,
}

/// The directory service.
pub struct Directory {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    keys: keys::Keys,
    mailer: Arc<dyn Mailer>,
    tenants: Arc<dyn Registry>,
    tokens: Arc<dyn Tokens>,
    hasher: PasswordHasher,
    logins: LoginMetrics,
    passwords: PasswordMetrics,
    mails: MailMetrics,
    turns: throttle::Turns,
    mail_queued: Notify,
}

impl Directory {
    /// The service over its database.
    pub fn new(deps: DirectoryDeps) -> Arc<Self> {
        Arc::new(Self {
            keys: keys::Keys::new(deps.store.clone(), deps.keys),
            store: deps.store,
            clock: deps.clock,
            entropy: deps.entropy,
            mailer: deps.mailer,
            tenants: deps.tenants,
            tokens: deps.tokens,
            hasher: deps.hasher,
            logins: deps.metrics.login(),
            passwords: deps.metrics.password(),
            mails: deps.metrics.mail(),
            turns: throttle::Turns::default(),
            mail_queued: Notify::new(),
        })
    }

    /// What it answers to clients that manage users.
    pub fn routes(self: &Arc<Self>) -> Vec<Route> {
        http::routes(self)
    }

    /// What follows which log.
    pub fn consumers(self: &Arc<Self>) -> Vec<(Arc<dyn Consumer>, &'static str)> {
        vec![
            (Arc::new(consume::Lists::new(self.store.clone())), LOG),
            (Arc::new(consume::Revocations::new(Arc::clone(self))), "token"),
        ]
    }

    /// What runs for ever. Each may be dropped at any await; what it was doing is done again.
    pub fn jobs(self: &Arc<Self>) -> Vec<(&'static str, BoxFuture<'static, ()>)> {
        vec![
            ("directory.mail", Box::pin(jobs::mail(Arc::clone(self)))),
            ("directory.scrub", Box::pin(jobs::scrub(Arc::clone(self)))),
        ]
    }

    /// Hands over the mails that are due, once; answers how many were tried.
    pub async fn deliver_mail(&self) -> Result<usize, PortError> {
        mail::deliver_due(self).await
    }

    /// For metrics, and for the clock of a sandbox: unknown when the registry does not answer.
    async fn kind(&self, tenant: TenantId) -> Option<TenantKind> {
        let view = self.tenants.tenant(tenant).await.ok().flatten()?;
        view.tell(self.clock.as_ref());
        Some(view.kind)
    }
}
