//! The platform as `grantor serve` runs it: every service, consumer and job, logs at `info`,
//! `synchronous=FULL`. Only the codes are made beforehand, by the token service's own command.

use std::{
    fs,
    io::{self, Write as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use grantor_eventsourcing::{Actor, Meta};
use grantor_host::{Bound, DataFolder, Listeners, Options, Platform, PostgresDatabases, Server};
use grantor_ids::UserId;
use grantor_ports::{
    Authority, AuthorityRole, Branding, Claims, ClientKind, ClientView, Clock, CreateTenant, CreateUser, EntropyExt,
    IssueCode, NewClient, OsEntropy, SystemClock, TenantKind, TenantView, Terms,
};
use grantor_profile::{DeviationId, Endpoint, Profile};
use grantor_store::PostgresOptions;
use grantor_telemetry::TelemetryConfig;
use grantor_tests_postgres::{Cluster, TestDatabase};
use secrecy::ExposeSecret;

use crate::{
    Failure,
    child::{answer_lines, hear, say},
    site::{Client, Clients, Site, Written},
};

const REDIRECT: &str = "https://client.example/oauth/callback";
/// Users that the grants are spread over.
const USERS: usize = 50;
/// Codes that are made at a time.
const AT_ONCE: usize = 256;
/// How long consumers may take with what made the codes.
const SETTLED_WITHIN: Duration = Duration::from_secs(300);
const MALFORMED: &str = "the bench's own constants";

/// Answers until its input ends.
pub fn run(folder: &Path, codes: usize, postgres: bool) -> Result<(), Failure> {
    // Durable, as in production; stopped when this process ends, however it does.
    let cluster = postgres.then(|| Cluster::private(true));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let _: String = hear(&mut io::stdin().lock())?;
        let _telemetry = grantor_telemetry::init(&TelemetryConfig::default())?;
        let (platform, bound) = open(folder, cluster.as_ref()).await?;
        let address = *bound.tenants().first().ok_or("no address")?;
        let tenant = tenant(&platform, address).await?;
        let users = users(&platform, &tenant).await?;
        let seeds = Seeds { platform: &platform, tenant: &tenant, users: &users, folder, count: codes };
        let clients = Clients {
            plain: seeds.client(&["profile", "email"], None).await?,
            openid: seeds.client(&["openid", "profile", "email"], Some("ES256")).await?,
        };
        // What follows from making the codes is not a part of what is measured.
        if !platform.settle(SETTLED_WITHIN).await {
            return Err("the consumers do not come to the end of what made the codes".into());
        }
        let path = |endpoint| tenant.profile.path_of(endpoint).map(str::to_owned).ok_or(MALFORMED);
        let site = Site { address, token: path(Endpoint::Token)?, introspect: path(Endpoint::Introspect)?, clients };
        let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let listeners = Listeners { bound, tls: None, internal_tls: None, workers };
        let server = Server::start(listeners, &platform)?;
        let metrics = platform.metrics.clone();
        say(&mut io::stdout(), &site)?;
        tokio::task::spawn_blocking(move || answer_lines(|| written(&metrics.render()))).await??;
        server.stop().await;
        Ok(())
    })
}

async fn open(folder: &Path, cluster: Option<&Cluster>) -> Result<(Platform, Bound), Failure> {
    let data = DataFolder::new(folder, None);
    let keys = data.create()?;
    let postgres =
        cluster.map(|cluster| PostgresDatabases::new(|_| PostgresOptions::new(TestDatabase::empty(cluster).url())));
    match &postgres {
        Some(postgres) => drop(postgres.migrate().await?),
        None => drop(data.migrate(SystemClock.real()).await?),
    }
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let bound = Bound::bind(&[any], any)?;
    Ok((Platform::open(&data, keys, Options { postgres, ..Options::default() }).await?, bound))
}

/// The preset `openid`, with codes that live as long as the run.
async fn tenant(platform: &Platform, address: SocketAddr) -> Result<Arc<TenantView>, Failure> {
    let mut profile = Profile::preset("openid").ok_or(MALFORMED)?;
    profile.codes.ttl_seconds = 3600;
    profile.access_tokens.ttl_seconds = 3600;
    profile.acknowledged.insert(DeviationId::LongCodes);
    let wanted = CreateTenant {
        slug: "bench".into(),
        name: "Bench".into(),
        kind: TenantKind::Development,
        issuer: format!("http://{address}"),
        api: None,
        authorities: vec![Authority { role: AuthorityRole::Identity, authority: address.to_string() }],
        profile,
        branding: Branding::default(),
        contact: None,
        terms: Terms { version: "1".into(), text: "Be kind.".into() },
    };
    Ok(platform.registry_admin.create_tenant(wanted, &system()).await?)
}

async fn users(platform: &Platform, tenant: &TenantView) -> Result<Vec<UserId>, Failure> {
    let mut users = Vec::new();
    for number in 0..USERS {
        let wanted = CreateUser {
            email: format!("user{number}@example.com"),
            email_verified: true,
            password: None,
            claims: Claims::new(),
            attributes: Claims::new(),
        };
        users.push(platform.directory_admin.create_user(tenant.id, wanted, &system()).await?.id);
    }
    Ok(users)
}

/// Where clients and codes come from.
struct Seeds<'a> {
    platform: &'a Platform,
    tenant: &'a TenantView,
    users: &'a [UserId],
    folder: &'a Path,
    count: usize,
}

impl Seeds<'_> {
    /// A client of these scopes, with codes that wait for it.
    async fn client(&self, scopes: &[&str], alg: Option<&str>) -> Result<Client, Failure> {
        let wanted = NewClient {
            name: format!("Client of {}", scopes.join(" ")),
            kind: ClientKind::Confidential,
            website: Some("https://client.example".into()),
            logo_url: None,
            redirect_uris: vec![REDIRECT.into()],
            post_logout_redirect_uris: Vec::new(),
            origins: Vec::new(),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            jwks: Default::default(),
            id_token_alg: alg.map(str::to_owned),
            password_grant: false,
            lifetimes: Default::default(),
            resource: None,
        };
        let (view, secret) = self.platform.registry_admin.create_client(self.tenant.id, wanted, &system()).await?;
        let secret = secret.ok_or("a client without a secret")?.secret.expose_secret().to_owned();
        Ok(Client {
            id: view.client_id.clone(),
            secret,
            redirect_uri: REDIRECT.into(),
            codes: self.codes(&view, scopes).await?,
        })
    }

    async fn codes(&self, client: &ClientView, scopes: &[&str]) -> Result<PathBuf, Failure> {
        let issue = |number: usize| {
            let request = self.request(client, scopes, self.users[number % self.users.len()]);
            async move { self.platform.ports.tokens.issue_code(self.tenant.id, request, &system()).await }
        };
        let codes: Vec<String> = stream::iter(0..self.count).map(issue).buffer_unordered(AT_ONCE).try_collect().await?;
        let path = self.folder.join(format!("{}.codes", client.client_id));
        let mut file = io::BufWriter::new(fs::File::create(&path)?);
        for code in codes {
            writeln!(file, "{code}")?;
        }
        file.flush()?;
        Ok(path)
    }

    fn request(&self, client: &ClientView, scopes: &[&str], user: UserId) -> IssueCode {
        let now = SystemClock.real();
        IssueCode {
            client: client.key,
            client_id: client.client_id.clone(),
            user,
            session: OsEntropy.id(now),
            consent: OsEntropy.id(now),
            scope: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
            account: None,
            asked_scope: None,
            redirect_uri: Some(REDIRECT.into()),
            code_challenge: None,
            dpop_jkt: None,
            nonce: Some("0jUUjAJskDY4ivq5CgvY".into()),
            auth_time: now,
            auth_time_requested: false,
            acr: None,
            amr: vec!["pwd".into()],
            claims: None,
        }
    }
}

fn system() -> Meta {
    Meta::by(Actor::System)
}

/// What the metrics say of the token service's store.
fn written(metrics: &str) -> Written {
    let value = |name: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix("{service=\"token\"} "));
        line.and_then(|number| number.parse::<f64>().ok()).unwrap_or_default()
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and positive")]
    let whole = |name| value(name) as u64;
    Written {
        commits: whole("grantor_store_batch_size_count"),
        commands: whole("grantor_store_batch_size_sum"),
        statements: whole("grantor_store_statements_total"),
    }
}
