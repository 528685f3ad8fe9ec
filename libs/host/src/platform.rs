use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use grantor_console::Console;
use grantor_crypto::{PasswordHasher, RootKeys};
use grantor_demo_api::DemoApi;
use grantor_ports::{
    Clock, DirectoryAdmin, Entropy, OsEntropy, Registry as RegistryPort, RegistryAdmin, SystemClock, TokenAdmin,
};
use grantor_telemetry::Metrics;
use grantor_token::Token;
use grantor_web::{AdminDispatcher, Proxies, TenantDispatcher};
use tokio::task::JoinSet;

use crate::{
    Config, DataFolder, Mode, StartError, Stores,
    services::{House, Services},
    wiring::{Following, Wiring, readiness},
};

/// How events travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BusKind {
    /// As soon as they can.
    Orderly,
    /// Late and twice, on purpose; for tests.
    Unruly(Duration),
}

/// What a platform is made of, beside its data.
pub struct Options {
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Whether to refuse what only development may do.
    pub production: bool,
    /// Proxies whose forwarded headers count.
    pub proxies: Proxies,
    /// Where mails go; the mailbox page when absent.
    pub smtp: Option<grantor_egress::SmtpConfig>,
    /// How events travel.
    pub bus: BusKind,
    /// Whether tenants' API authorities serve the demo API.
    pub demo_api: bool,
    /// Read connections per database.
    pub readers: usize,
    /// The process' one queue of passwords.
    pub hasher: PasswordHasher,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            production: false,
            proxies: Proxies::default(),
            smtp: None,
            bus: BusKind::Orderly,
            demo_api: false,
            readers: 4,
            hasher: PasswordHasher::new(),
        }
    }
}

impl Options {
    /// What a configuration file says.
    pub fn of(config: &Config) -> Result<Self, StartError> {
        let production = config.mode == Mode::Production;
        Ok(Self { production, proxies: config.proxies(), smtp: config.smtp()?, ..Self::default() })
    }
}

/// All services in one process. Dropping it stops them; nothing is lost by that.
pub struct Platform {
    /// Answers for the tenants.
    pub tenants: Arc<TenantDispatcher>,
    /// Answers for the operators.
    pub admin: Arc<AdminDispatcher>,
    /// Tenants and clients, commanded.
    pub registry_admin: Arc<dyn RegistryAdmin>,
    /// Users, commanded.
    pub directory_admin: Arc<dyn DirectoryAdmin>,
    /// Keys, commanded.
    pub token_admin: Arc<dyn TokenAdmin>,
    /// Tenants and clients, found.
    pub registry: Arc<dyn RegistryPort>,
    /// Operators.
    pub console: Arc<Console>,
    /// The token service, for what has no port: benches and drills.
    pub token: Arc<Token>,
    /// The services' databases.
    pub stores: Stores,
    /// Counters.
    pub metrics: Metrics,
    following: Arc<OnceLock<Vec<Following>>>,
    _tasks: JoinSet<()>,
}

impl Platform {
    /// Opens the databases of a folder and starts every service's consumers and jobs.
    pub async fn open(folder: &DataFolder, keys: RootKeys, options: Options) -> Result<Self, StartError> {
        let Options { clock, entropy, production, proxies, smtp, bus, demo_api, readers, hasher } = options;
        let keys = Arc::new(keys);
        let metrics = Metrics::new();
        let stores = Stores::open(folder, &keys, readers, &metrics, &clock, &entropy).await?;
        if production && stores.hold_demo().await? {
            return Err(StartError::setting("mode", "production mode refuses a data folder that holds the demo"));
        }
        let house = House { stores, keys, clock, entropy, metrics };
        let services = house.services(hasher, smtp.as_ref())?;
        let Services { registry, directory, token, authorization, copies, .. } = &services;
        let following: Arc<OnceLock<Vec<Following>>> = Arc::default();
        let console = house.console(&services, readiness(&house.stores, &following));

        let mut wiring = Wiring::new(house.stores.clone(), bus, house.metrics.clone());
        wiring.consumers(&house.stores.registry, registry.consumers())?;
        wiring.consumers(&house.stores.directory, directory.consumers())?;
        wiring.consumers(&house.stores.token, token.consumers())?;
        wiring.consumers(&house.stores.authorization, authorization.consumers())?;
        wiring.consumers(&house.stores.console, console.consumers())?;
        let _ = following.set(wiring.following);
        let mut tasks = JoinSet::new();
        wiring.subscriptions.into_iter().for_each(|subscription| drop(tasks.spawn(subscription.run())));
        let jobs = [registry.jobs(), directory.jobs(), token.jobs(), authorization.jobs()];
        jobs.into_iter().flatten().for_each(|(_, job)| drop(tasks.spawn(job)));
        tasks.spawn(sweep(house.stores.clone(), Arc::clone(&house.clock)));

        let mut routes = [registry.routes(), authorization.routes(), token.routes()].concat();
        if demo_api {
            routes.extend(DemoApi::new(token.clone(), Arc::clone(&house.clock)).routes());
        }
        let http = house.metrics.http();
        let entropy = Arc::clone(&house.entropy);
        let tenants = TenantDispatcher::new(routes, copies.clone(), proxies, http.clone(), Arc::clone(&entropy));
        Ok(Self {
            tenants: Arc::new(tenants),
            admin: Arc::new(AdminDispatcher::new(console.admin_routes(), http, entropy)),
            registry_admin: registry.clone(),
            directory_admin: directory.clone(),
            token_admin: token.clone(),
            registry: registry.clone(),
            console,
            token: token.clone(),
            stores: house.stores,
            metrics: house.metrics,
            following,
            _tasks: tasks,
        })
    }

    /// Waits until every consumer has read every log to its end, at most ten seconds.
    pub async fn settle(&self) -> bool {
        let settled = async {
            // Effects may cause events: twice in a row everything must be read.
            let mut quiet = 0;
            while quiet < 2 {
                let mut behind = 0;
                for following in self.following.get().into_iter().flatten() {
                    behind += following.lag().await.unwrap_or(1);
                }
                quiet = if behind == 0 { quiet + 1 } else { 0 };
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), settled).await.is_ok()
    }
}

/// Deletes what has expired, a slice at a time.
async fn sweep(stores: Stores, clock: Arc<dyn Clock>) {
    loop {
        for (service, store) in stores.all() {
            while let Ok(gone) = store.sweep(clock.real()).await {
                if gone == 0 {
                    break;
                }
                tracing::debug!(service, rows = gone, "swept");
                tokio::task::yield_now().await;
            }
        }
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
}
