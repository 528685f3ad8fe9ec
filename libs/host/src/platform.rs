use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use grantor_authorization::{Authorization, AuthorizationDeps};
use grantor_bus::{Consumer, EventSource, OwnLog, Subscription, Unruly};
use grantor_console::{Console, ConsoleDeps, Mailbox, Readiness};
use grantor_copies::Copies;
use grantor_crypto::{PasswordHasher, RootKeys};
use grantor_demo_api::DemoApi;
use grantor_directory::{Directory, DirectoryDeps};
use grantor_egress::SmtpMailer;
use grantor_ports::{
    Clock, DirectoryAdmin, Entropy, Mailer, OsEntropy, Registry as RegistryPort, RegistryAdmin, SystemClock, TokenAdmin,
};
use grantor_registry::{Registry, RegistryDeps};
use grantor_store::{Log, Store};
use grantor_telemetry::Metrics;
use grantor_token::{Token, TokenDeps};
use grantor_web::{AdminDispatcher, Proxies, TenantDispatcher};
use tokio::task::JoinSet;

use crate::{Config, DataFolder, Mode, StartError, Stores, late::Late};

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

/// One reader and the log it reads.
struct Following {
    reader: &'static str,
    source: &'static str,
    log: Store,
    of: Log,
    store: Store,
}

impl Following {
    async fn lag(&self) -> Option<u64> {
        let at = self.store.cursor(self.reader, self.source).await.ok()?;
        u64::try_from(self.log.head(self.of).0 - at.0).ok()
    }
}

impl Platform {
    /// Opens the databases of a folder and starts every service's consumers and jobs.
    pub async fn open(folder: &DataFolder, keys: RootKeys, options: Options) -> Result<Self, StartError> {
        let Options { clock, entropy, proxies, smtp, bus, demo_api, readers, hasher, .. } = options;
        let keys = Arc::new(keys);
        let metrics = Metrics::new();
        let stores = Stores::open(folder, &keys, readers, &metrics, &clock, &entropy).await?;
        let late_sessions: Arc<Late<dyn grantor_ports::Sessions>> = Arc::default();
        let late_directory: Arc<Late<dyn grantor_ports::Directory>> = Arc::default();

        let registry = Registry::new(RegistryDeps {
            store: stores.registry.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            sessions: Arc::clone(&late_sessions) as _,
            directory: Arc::clone(&late_directory) as _,
        });
        let registry_port: Arc<dyn RegistryPort> = registry.clone();
        let mailbox = match &smtp {
            Some(_) => None,
            None => Some(Mailbox::new(stores.console.clone(), Arc::clone(&keys))),
        };
        let mailer: Arc<dyn Mailer> = match (&smtp, &mailbox) {
            (Some(config), _) => {
                Arc::new(SmtpMailer::new(config).map_err(|cause| StartError::setting("smtp", cause.to_string()))?)
            }
            (None, Some(mailbox)) => mailbox.clone(),
            (None, None) => return Err(StartError::Inside("no way to send mail")),
        };
        let directory = Directory::new(DirectoryDeps {
            store: stores.directory.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            keys: Arc::clone(&keys),
            mailer,
            tenants: Arc::clone(&registry_port),
            hasher,
            metrics: metrics.clone(),
        });
        let copies = |store: &Store| {
            let directory: Arc<dyn grantor_ports::Directory> = directory.clone();
            Arc::new(Copies::new(store.clone(), Arc::clone(&registry_port), Some(directory)))
        };
        let token_copies = copies(&stores.token);
        let token = Token::new(TokenDeps {
            store: stores.token.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            root_keys: Arc::clone(&keys),
            copies: Arc::clone(&token_copies),
            directory: directory.clone(),
            metrics: metrics.token(),
        });
        let authorization = Authorization::new(AuthorizationDeps {
            store: stores.authorization.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            root: Arc::clone(&keys),
            copies: copies(&stores.authorization),
            directory: directory.clone(),
            tokens: token.clone(),
        });
        late_sessions.bind(authorization.clone());
        late_directory.bind(directory.clone());

        let mut wiring = Wiring {
            stores: stores.clone(),
            bus,
            metrics: metrics.clone(),
            subscriptions: Vec::new(),
            following: Vec::new(),
        };
        wiring.consumers(&stores.registry, registry.consumers())?;
        wiring.consumers(&stores.directory, directory.consumers())?;
        wiring.consumers(&stores.token, token.consumers())?;
        wiring.consumers(&stores.authorization, authorization.consumers())?;
        let following: Arc<OnceLock<Vec<Following>>> = Arc::default();

        let console = Console::new(ConsoleDeps {
            store: stores.console.clone(),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
            keys: Arc::clone(&keys),
            registry: Arc::clone(&registry_port),
            registry_admin: registry.clone(),
            directory_admin: directory.clone(),
            token_admin: token.clone(),
            metrics: metrics.clone(),
            readiness: readiness(&stores, &following),
            mailbox,
        });
        let mut routes = registry.routes();
        routes.extend(authorization.routes());
        routes.extend(token.routes());
        if demo_api {
            routes.extend(DemoApi::new(token.clone(), Arc::clone(&clock)).routes());
        }
        let tenants =
            TenantDispatcher::new(routes, token_copies.clone(), proxies, metrics.http(), Arc::clone(&entropy));
        wiring.consumers(&stores.console, console.consumers())?;
        let _ = following.set(wiring.following);
        let admin = AdminDispatcher::new(console.admin_routes(), metrics.http(), Arc::clone(&entropy));

        let mut tasks = JoinSet::new();
        for subscription in wiring.subscriptions {
            tasks.spawn(subscription.run());
        }
        let jobs = [registry.jobs(), directory.jobs(), token.jobs(), authorization.jobs()];
        for (_, job) in jobs.into_iter().flatten() {
            tasks.spawn(job);
        }
        tasks.spawn(sweep(stores.clone(), Arc::clone(&clock)));
        Ok(Self {
            tenants: Arc::new(tenants),
            admin: Arc::new(admin),
            registry_admin: registry,
            directory_admin: directory,
            token_admin: token.clone(),
            registry: registry_port,
            console,
            token,
            stores,
            metrics,
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

/// Collects subscriptions.
struct Wiring {
    stores: Stores,
    bus: BusKind,
    metrics: Metrics,
    subscriptions: Vec<Subscription>,
    following: Vec<Following>,
}

impl Wiring {
    fn consumers(
        &mut self,
        store: &Store,
        consumers: Vec<(Arc<dyn Consumer>, &'static str)>,
    ) -> Result<(), StartError> {
        for (consumer, name) in consumers {
            let (service, of) = match name.strip_suffix(".facts") {
                Some(service) => (service, Log::Facts),
                None => (name, Log::Events),
            };
            let all = self.stores.all();
            let log = all.iter().find(|(known, _)| *known == service).map(|(_, store)| (*store).clone());
            let log = log.ok_or(StartError::Inside("a consumer follows an unknown log"))?;
            let own: Arc<dyn EventSource> = Arc::new(OwnLog::new(name, log.clone(), of));
            let source = match self.bus {
                BusKind::Orderly => own,
                BusKind::Unruly(delay) => Arc::new(Unruly::new(own, delay)),
            };
            self.following.push(Following { reader: consumer.name(), source: name, log, of, store: store.clone() });
            let metrics = self.metrics.bus(consumer.name());
            self.subscriptions.push(Subscription { consumer, source, store: store.clone(), metrics });
        }
        Ok(())
    }
}

/// Records that a consumer may be behind while the process still counts as ready.
const READY_LAG: u64 = 10_000;

fn readiness(stores: &Stores, following: &Arc<OnceLock<Vec<Following>>>) -> Readiness {
    let (stores, following) = (stores.clone(), Arc::clone(following));
    Arc::new(move || {
        let (stores, following) = (stores.clone(), Arc::clone(&following));
        Box::pin(async move {
            let mut parts = Vec::new();
            for (name, store) in stores.all() {
                parts.push((format!("{name}.store"), store.meta("root_key_proof").await.is_ok()));
            }
            for following in following.get().into_iter().flatten() {
                let near = following.lag().await.is_some_and(|lag| lag <= READY_LAG);
                parts.push((format!("{} of {}", following.reader, following.source), near));
            }
            parts
        })
    })
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
