//! The service's process: the webhooks service as `grantor serve` puts it together, on databases
//! of its own, following the log of a token service that nobody asks anything.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write as _},
    path::Path,
    sync::Arc,
};

use async_trait::async_trait;
use futures_util::{StreamExt, TryStreamExt, stream};
use grantor_bus::{OwnLog, Subscription};
use grantor_copies::Copies;
use grantor_crypto::RootKeys;
use grantor_egress::{CallClient, Destinations};
use grantor_eventsourcing::{Actor, Meta};
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{
    AuthorityRole, Branding, ClientKind, ClientState, ClientView, Clock, Drilled, MailPassword, NewWebhook, OsEntropy,
    PortError, Registry, SystemClock, TenantKind, TenantState, TenantView, Terms, WebhookFormat, WebhookSigning,
    Webhooks as _,
};
use grantor_profile::{Lifetimes, Profile};
use grantor_store::{Log, PostgresOptions, SqliteOptions, Store};
use grantor_telemetry::{Metrics, TelemetryConfig};
use grantor_tests_postgres::{Cluster, TestDatabase};
use grantor_webhooks::{Webhooks, WebhooksDeps};
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{
    CREATED, EACH, UNLOCKED, bare, events, retries,
    wire::{Ask, Opening, Told, Used},
};
use crate::{
    Failure,
    child::{cpu_seconds, hear, say},
};

/// Endpoints that are made at a time.
const AT_ONCE: usize = 128;

/// Answers until its input ends.
pub fn run(folder: &Path, postgres: bool) -> Result<(), Failure> {
    let cluster = postgres.then(|| Cluster::private(true));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let opening: Opening = hear(&mut io::stdin().lock())?;
        let _telemetry = grantor_telemetry::init(&TelemetryConfig::default())?;
        let mut service = Service::open(folder, cluster.as_ref(), &opening).await?;
        say(&mut io::stdout(), &Told::Done)?;
        loop {
            let line = tokio::task::spawn_blocking(|| {
                let mut line = String::new();
                io::stdin().read_line(&mut line).map(|read| (read > 0).then_some(line))
            });
            let Some(line) = line.await?? else { return Ok(()) };
            let told = service.answer(serde_json::from_str(&line)?).await?;
            say(&mut io::stdout().lock(), &told)?;
            io::stdout().flush()?;
        }
    })
}

struct Service {
    webhooks: Arc<Webhooks>,
    store: Store,
    token: Store,
    calls: Arc<CallClient>,
    metrics: Metrics,
    endpoints: Vec<WebhookId>,
    dues: retries::Dues,
    running: JoinSet<()>,
    _database: Option<TestDatabase>,
}

impl Service {
    async fn open(folder: &Path, cluster: Option<&Cluster>, opening: &Opening) -> Result<Self, Failure> {
        let metrics = Metrics::new();
        let token = sqlite(&folder.join("token.db"), &metrics, "token").await?;
        let database = cluster.map(TestDatabase::empty);
        let store = match &database {
            None => sqlite(&folder.join("webhooks.db"), &metrics, "webhooks").await?,
            Some(database) => {
                let measured = Some(metrics.store("webhooks"));
                let options = PostgresOptions { metrics: measured, ..PostgresOptions::new(database.url()) };
                grantor_store::migrate_postgres(&options).await?;
                Store::open_postgres(options, Arc::new(SystemClock), Arc::new(OsEntropy)).await?
            }
        };
        let tenants = Arc::new(Everybody { profile: Arc::new(Profile::preset("openid").ok_or("a preset")?) });
        let here = Destinations::parse(&["127.0.0.0/8:0".to_owned()])?;
        let calls = Arc::new(CallClient::new(here, opening.authorities.as_deref().map(str::as_bytes))?);
        let webhooks = Webhooks::new(WebhooksDeps {
            store: store.clone(),
            clock: Arc::new(SystemClock),
            entropy: Arc::new(OsEntropy),
            root: Arc::new(RootKeys::create(&folder.join("root.key"))?),
            copies: Arc::new(Copies::new(store.clone(), tenants.clone(), None)),
            tenants,
            calls: Arc::clone(&calls),
            max_per_second: None,
            metrics: metrics.webhook(),
            drill: Drilled::default(),
        });
        let (endpoints, dues, running) = (Vec::new(), retries::Dues::new(), JoinSet::new());
        Ok(Self { webhooks, store, token, calls, metrics, endpoints, dues, running, _database: database })
    }

    async fn answer(&mut self, ask: Ask) -> Result<Told, Failure> {
        Ok(match ask {
            Ask::Endpoints { tenants, urls, each, both } => {
                let of = (0..tenants.count * each).map(|number| events::tenant(tenants.first + number / each));
                self.make(of.collect(), &urls, None, CREATED, both).await?;
                Told::Done
            }
            Ask::Audience { clients, url } => {
                let of = events::tenant(0);
                events::grants(&self.token, of, clients).await?;
                let (urls, each) = ([url], usize::try_from(EACH)?);
                for number in 0..clients {
                    self.make(vec![of; each], &urls, Some(events::client(number).0), UNLOCKED, false).await?;
                }
                Told::Done
            }
            Ask::Unlock(times) => {
                events::unlock(&self.token, events::tenant(0), times).await?;
                Told::Done
            }
            Ask::Write(events) => {
                events::write(&self.token, events).await?;
                Told::Done
            }
            Ask::Paced { events, per_second } => Told::Committed(events::paced(&self.token, events, per_second).await?),
            Ask::Start => {
                self.start();
                Told::Done
            }
            Ask::Bare { url, count, at_once } => Told::Took(bare::post(&self.calls, &url, count, at_once).await?),
            Ask::Rows => Told::Count(usize::try_from(self.store.newest_delivery().await?)?),
            Ask::Settled => Told::Settled(self.store.waiting_endpoints(Uuid::nil(), 1).await?.is_empty()),
            Ask::Dues => {
                self.dues = retries::dues(&self.store, &self.endpoints).await?;
                Told::Count(self.dues.len())
            }
            Ask::Retries => Told::Late(retries::late(&self.store, &self.dues).await?),
            Ask::Used => Told::Used(self.used()?),
        })
    }

    /// An endpoint at each of these tenants, going round the URLs.
    async fn make(
        &mut self,
        tenants: Vec<TenantId>,
        urls: &[String],
        client_id: Option<String>,
        event: &str,
        both: bool,
    ) -> Result<(), Failure> {
        let port = self.webhooks.endpoints();
        let make = |(of, url): (TenantId, &String)| {
            let port = Arc::clone(&port);
            let wanted = NewWebhook {
                client_id: client_id.clone(),
                url: url.clone(),
                description: String::new(),
                events: vec![event.to_owned()],
                format: WebhookFormat::Standard,
                signing: if both { WebhookSigning::Both } else { WebhookSigning::V1 },
                max_per_second: 0,
            };
            async move { port.create_webhook(of, wanted, &Meta::by(Actor::System)).await.map(|(view, ..)| view.id) }
        };
        let each: Vec<_> = tenants.into_iter().zip(urls.iter().cycle()).map(make).collect();
        let made = stream::iter(each).buffer_unordered(AT_ONCE);
        self.endpoints.extend(made.try_collect::<Vec<_>>().await?);
        Ok(())
    }

    fn start(&mut self) {
        for (_, job) in self.webhooks.jobs() {
            self.running.spawn(job);
        }
        let of_token = self.webhooks.consumers().into_iter().filter(|(_, source)| *source == "token");
        for (consumer, source) in of_token {
            let source = Arc::new(OwnLog::new(source, self.token.clone(), Log::Events));
            let metrics = self.metrics.bus("webhooks.ingest");
            let store = self.store.clone();
            self.running.spawn(Subscription { consumer, source, store, metrics }.run());
        }
    }

    fn used(&self) -> Result<Used, Failure> {
        let text = self.metrics.render();
        let own = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("{service=\"webhooks\"} "));
            line.and_then(|number| number.parse::<f64>().ok()).unwrap_or_default()
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and positive")]
        let whole = |name| own(name) as u64;
        let status = fs::read_to_string("/proc/self/status")?;
        let fields: BTreeMap<_, _> = status.lines().filter_map(|line| line.split_once(':')).collect();
        let mebibytes = |name| {
            let kilobytes = fields.get(name).and_then(|text| text.trim().strip_suffix(" kB"));
            kilobytes.and_then(|text| text.parse::<f64>().ok()).unwrap_or_default() / 1024.0
        };
        Ok(Used {
            cpu: cpu_seconds(std::process::id())?,
            memory: mebibytes("VmRSS"),
            most: mebibytes("VmHWM"),
            commits: whole("grantor_store_batch_size_count"),
            statements: whole("grantor_store_statements_total"),
        })
    }
}

async fn sqlite(path: &Path, metrics: &Metrics, service: &'static str) -> Result<Store, Failure> {
    grantor_store::migrate(path).await?;
    let options = SqliteOptions { metrics: Some(metrics.store(service)), ..SqliteOptions::new(path) };
    Ok(Store::open_sqlite(options, Arc::new(SystemClock), Arc::new(OsEntropy)).await?)
}

/// The registry's side: every number is a tenant.
struct Everybody {
    profile: Arc<Profile>,
}

#[async_trait]
impl Registry for Everybody {
    async fn tenant_by_authority(&self, _: &str) -> Result<Option<(Arc<TenantView>, AuthorityRole)>, PortError> {
        Ok(None)
    }

    async fn tenant_by_slug(&self, _: &str) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok(None)
    }

    async fn tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok(Some(Arc::new(TenantView {
            id: tenant,
            slug: tenant.uuid().simple().to_string(),
            name: "Bench".into(),
            kind: TenantKind::Development,
            state: TenantState::Active,
            issuer: "https://bench.example".into(),
            api: "https://bench.example".into(),
            authorities: Vec::new(),
            profile: Arc::clone(&self.profile),
            branding: Branding::default(),
            contact: None,
            terms: Terms::default(),
            mail_server: None,
            team: Default::default(),
            clock_ahead_ms: 0,
            version: 1,
        })))
    }

    async fn client(&self, tenant: TenantId, client_id: &str) -> Result<Option<Arc<ClientView>>, PortError> {
        let number = client_id.strip_prefix("app_").and_then(|number| number.parse().ok());
        let Some((client_id, key)) = number.map(events::client) else { return Ok(None) };
        Ok(Some(Arc::new(ClientView {
            key,
            tenant,
            client_id,
            state: ClientState::Approved,
            kind: ClientKind::Confidential,
            name: "Bench".into(),
            website: None,
            logo_url: None,
            contact: None,
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            origins: Vec::new(),
            scopes: Vec::new(),
            secrets: Vec::new(),
            jwks: Default::default(),
            id_token_alg: None,
            password_grant: false,
            lifetimes: Lifetimes::default(),
            resource: None,
            created_at: SystemClock.real(),
            version: 1,
        })))
    }

    async fn mail_password(&self, _: TenantId) -> Result<Option<MailPassword>, PortError> {
        Ok(None)
    }
}
