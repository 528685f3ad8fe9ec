use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use grantor_bus::{Kafka, KafkaError, check_topics};
use grantor_crypto::{PasswordHasher, RootKeys};
use grantor_egress::{CallClient, Reach};
use grantor_ports::{
    Clock, DirectoryAdmin, Drilled, Entropy, OsEntropy, Registry as RegistryPort, RegistryAdmin, SystemClock,
    TenantClocks, TokenAdmin,
};
use grantor_remote::{Gate, Role, routes};
use grantor_telemetry::Metrics;
use grantor_token::Token;
use grantor_web::{AdminDispatcher, OwnEndpoints, Proxies, TenantDispatcher, endpoint_of_path};
use tokio::task::JoinSet;

use crate::{
    Config, DataFolder, Internal, Mode, Outbound, Ports, PostgresDatabases, Roles, SERVICES, StartError, Stores,
    following::Following,
    neighbours::{Neighbours, Released},
    rotation::follow_rotation,
    services::House,
    stores::Databases,
    wiring::{OwnHealth, Wiring, feeds},
};

/// How events travel.
#[derive(Debug, Clone)]
pub enum BusKind {
    /// As soon as they can.
    Orderly,
    /// Late and twice, on purpose; for tests.
    Unruly(Duration),
    /// Over Apache Kafka.
    Kafka(Kafka),
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
    /// Where endpoints of partners may be.
    pub outbound: Outbound,
    /// Which services this process runs.
    pub roles: Roles,
    /// How it and other processes reach each other; absent when there are no others.
    pub internal: Option<Internal>,
    /// Read connections per SQLite file.
    pub readers: usize,
    /// The databases on PostgreSQL; files in the data folder when absent.
    pub postgres: Option<PostgresDatabases>,
    /// The process' one queue of passwords.
    pub hasher: PasswordHasher,
    /// Passes the points of databases, relays and followers.
    pub drill: Drilled,
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
            outbound: Outbound::default(),
            roles: Roles::default(),
            internal: None,
            readers: 4,
            postgres: None,
            hasher: PasswordHasher::new(),
            drill: Drilled::default(),
        }
    }
}

impl Options {
    /// What a configuration file says, for a process with these roles.
    pub fn of(config: &Config, folder: &DataFolder, roles: Roles) -> Result<Self, StartError> {
        let production = config.mode == Mode::Production;
        let (internal, bus) = (config.internal(folder, &roles)?, config.bus()?);
        let settings = config.database.as_ref();
        let postgres = settings.map(|settings| PostgresDatabases::of(settings, roles.databases())).transpose()?;
        let (proxies, smtp, outbound) = (config.proxies(), config.smtp()?, config.outbound()?);
        Ok(Self { production, proxies, smtp, outbound, bus, roles, internal, postgres, ..Self::default() })
    }
}

/// The services of one process. Dropping it stops them; nothing is lost by that.
pub struct Platform {
    /// Answers for the tenants.
    pub tenants: Arc<TenantDispatcher>,
    /// Answers for the operators.
    pub admin: Arc<AdminDispatcher>,
    /// Answers other processes of this deployment; nobody when it has no keys for them.
    pub internal: Arc<AdminDispatcher>,
    /// Every port, as the console sees it.
    pub ports: Ports,
    /// Tenants and clients, commanded.
    pub registry_admin: Arc<dyn RegistryAdmin>,
    /// Users, commanded.
    pub directory_admin: Arc<dyn DirectoryAdmin>,
    /// Keys, commanded.
    pub token_admin: Arc<dyn TokenAdmin>,
    /// Tenants and clients, found.
    pub registry: Arc<dyn RegistryPort>,
    /// The token service, if it is here, for what has no port: benches and drills.
    pub token: Option<Arc<Token>>,
    /// The services' databases.
    pub stores: Stores,
    /// Counters.
    pub metrics: Metrics,
    following: Arc<OnceLock<Vec<Following>>>,
    _tasks: JoinSet<()>,
    _released: Released,
}

impl Platform {
    /// Opens the databases of a folder that the roles need, and starts their consumers and jobs.
    pub async fn open(folder: &DataFolder, keys: RootKeys, options: Options) -> Result<Self, StartError> {
        let Options { clock, entropy, production, proxies, smtp, bus, roles, .. } = options;
        let Options { internal, readers, postgres, hasher, drill, outbound, .. } = options;
        let keys = Arc::new(keys);
        let clock: Arc<dyn Clock> = Arc::new(TenantClocks::over(clock));
        let metrics = Metrics::new();
        if let BusKind::Kafka(kafka) = &bus {
            let services: Vec<_> = roles.iter().map(Role::name).filter(|name| SERVICES.contains(name)).collect();
            match check_topics(kafka, &services).await {
                // As when it goes away later: whoever was killed meanwhile has to come back.
                Err(KafkaError::Away(problem)) => {
                    tracing::warn!(problem, "bus.kafka.brokers: events wait in the tables until a broker answers");
                }
                checked => checked?,
            }
        }
        let neighbours = Neighbours::new(&roles, smtp.is_none(), internal.as_ref(), &metrics.peer())?;
        let databases = match &postgres {
            Some(postgres) => Databases::Postgres { postgres, drill: &drill },
            None => Databases::Sqlite { folder, readers, drill: &drill },
        };
        let stores = Stores::open(&databases, &roles, &keys, &metrics, &clock, &entropy).await?;
        if production && stores.hold_demo().await? {
            return Err(StartError::setting("mode", "production mode refuses a data folder that holds the demo"));
        }
        let following: Arc<OnceLock<Vec<Following>>> = Arc::default();
        let health = OwnHealth::of(&stores, &following);
        let own_endpoints = OwnEndpoints::default();
        let reach = if production { Reach::Public } else { Reach::Anywhere };
        let patience = internal.as_ref().map(|internal| internal.deadlines).unwrap_or_default().status;
        let client = CallClient::new(outbound.destinations, outbound.authorities.as_deref())
            .map_err(|cause| StartError::setting("webhooks.authorities", cause.to_string()))?;
        let (calls, drill) = (Arc::new(client), drill.clone());
        let house = House {
            reach,
            calls,
            max_per_second: outbound.max_per_second,
            drill: drill.clone(),
            stores,
            keys,
            clock,
            entropy,
            metrics,
            neighbours,
            patience,
            own_endpoints,
        };
        let services = house.services(hasher, smtp.as_ref(), &roles, &health)?;

        let mut wiring = Wiring::new(&house.stores, &house.neighbours, bus, house.metrics.clone(), drill);
        services.follow(&mut wiring)?;
        let mut tasks = JoinSet::new();
        let _ = following.set(wiring.start(&mut tasks));
        services.jobs().into_iter().for_each(|(_, job)| drop(tasks.spawn(job)));
        tasks.spawn(follow_rotation(house.stores.clone(), Arc::clone(&house.keys)));
        tasks.spawn(sweep(house.stores.clone(), Arc::clone(&house.clock)));

        let ports = house.neighbours.seen_by(Role::Console);
        let (http, entropy) = (house.metrics.http(), Arc::clone(&house.entropy));
        let found_in = services.tenants.clone().unwrap_or_else(|| Arc::clone(&ports.registry));
        let tenants = TenantDispatcher::new(services.routes(), found_in, proxies, http.clone(), Arc::clone(&entropy));
        let tenants = Arc::new(tenants);
        house.own_endpoints.bind(&tenants);
        let mut admin = match &services.console {
            Some(console) => console.admin_routes(),
            None => grantor_console::health(&house.metrics, &health),
        };
        if let Some(registry) = &services.registry {
            admin.push(endpoint_of_path(registry.clone()));
        }
        let mut calls = Vec::new();
        if let Some(internal) = internal {
            let gate = Gate::new(internal.keys, Arc::new(SystemClock));
            calls = routes(services.answers(&house.neighbours.own, &house.own_endpoints, &health), &gate);
            calls.extend(feeds(&house.stores, &gate));
        }
        Ok(Self {
            tenants,
            admin: Arc::new(AdminDispatcher::new(admin, http.clone(), Arc::clone(&entropy))),
            internal: Arc::new(AdminDispatcher::internal(calls, http, entropy)),
            registry_admin: Arc::clone(&ports.registry_admin),
            directory_admin: Arc::clone(&ports.directory_admin),
            token_admin: Arc::clone(&ports.token_admin),
            registry: Arc::clone(&ports.registry),
            ports,
            token: services.token,
            stores: house.stores,
            metrics: house.metrics,
            following,
            _tasks: tasks,
            _released: Released(house.neighbours.own),
        })
    }

    /// Waits until every consumer has read every log to its end; whether that was in time.
    pub async fn settle(&self, patience: Duration) -> bool {
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
        tokio::time::timeout(patience, settled).await.is_ok()
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
