//! A console of its own for every test.

use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use grantor_bus::{OwnLog, Subscription};
use grantor_console::{Console, ConsoleDeps, FirstOperator, LOG, Mailbox, Process, first_operator};
use grantor_crypto::RootKeys;
use grantor_ports::{Check, FixedClock, Health, OsEntropy, PortError};
use grantor_store::{Log, SqliteOptions, Store};
use grantor_telemetry::Metrics;
use grantor_web::{Answer, CallBuilder, Method, PathSpec, Request};
use secrecy::ExposeSecret;
use serde_json::Value;
use tempfile::TempDir;

use crate::ports::{Others, tenant};

pub struct House {
    pub console: Arc<Console>,
    pub others: Arc<Others>,
    pub store: Store,
    pub clock: Arc<FixedClock>,
    pub mailbox: Arc<Mailbox>,
    pub first: FirstOperator,
    pub folder: TempDir,
}

/// A process that says this of itself.
struct Told(Result<Vec<Check>, PortError>);

#[async_trait]
impl Health for Told {
    async fn checks(&self) -> Result<Vec<Check>, PortError> {
        self.0.clone()
    }
}

/// A store on a file of its own.
pub async fn store(folder: &TempDir, clock: Arc<FixedClock>) -> Store {
    let path = folder.path().join("console.db");
    grantor_store::migrate(&path).await.expect("a database");
    let options = SqliteOptions::new(path);
    Store::open_sqlite(options, clock, Arc::new(OsEntropy)).await.unwrap()
}

pub fn clock() -> Arc<FixedClock> {
    Arc::new(FixedClock::at("2026-03-04T10:00:00Z".parse().unwrap()))
}

impl House {
    pub async fn new() -> Self {
        Self::with(true, vec![("registry", true), ("token", true)]).await
    }

    pub async fn with(mailbox_on: bool, ready: Vec<(&'static str, bool)>) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = clock();
        let store = store(&folder, Arc::clone(&clock)).await;
        let keys = Arc::new(RootKeys::create(&folder.path().join("root.key")).unwrap());
        let first = first_operator(&store, "desk").await.unwrap();
        let others = Arc::new(Others::default());
        let mailbox = Mailbox::new(store.clone(), Arc::clone(&keys));
        let ready: Vec<_> = ready
            .into_iter()
            .map(|(name, ready)| Check { name: name.to_owned(), ready, aside: 0, note: None })
            .collect();
        let here = Process { services: vec!["registry", "console"], health: Arc::new(Told(Ok(ready))) };
        let away = Process { services: vec!["token"], health: Arc::new(Told(Err(PortError::Unavailable))) };
        let console = Console::new(ConsoleDeps {
            store: store.clone(),
            clock: Arc::clone(&clock) as _,
            entropy: Arc::new(OsEntropy),
            keys,
            registry: Arc::clone(&others) as _,
            registry_admin: Arc::clone(&others) as _,
            directory_admin: Arc::clone(&others) as _,
            token_admin: Arc::clone(&others) as _,
            tokens: Arc::new(grantor_tests_nobody::NoTokens),
            flows: Arc::clone(&others) as _,
            webhooks: Arc::new(grantor_tests_nobody::NoWebhooks),
            webhook_deliveries: Arc::new(grantor_tests_nobody::NoWebhooks),
            mailer: Arc::clone(&mailbox) as _,
            metrics: Metrics::new(),
            here,
            elsewhere: vec![away],
            mailbox: mailbox_on.then(|| Arc::clone(&mailbox)),
        });
        for (consumer, source) in console.consumers() {
            assert_eq!(source, LOG);
            let source = Arc::new(OwnLog::new(source, store.clone(), Log::Events));
            tokio::spawn(
                Subscription { consumer, source, store: store.clone(), metrics: Metrics::new().bus(LOG) }.run(),
            );
        }
        Self { console, others, store, clock, mailbox, first, folder }
    }

    pub fn token(&self) -> String {
        self.first.token.expose_secret().to_owned()
    }

    /// Asks as the first operator.
    pub async fn ask(&self, method: &str, path: &str) -> Answer {
        self.send(self.request(method, path, &self.token()).build().request).await
    }

    /// Asks as the first operator, with a JSON body.
    pub async fn ask_with(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = self.request("POST", path, &self.token()).post("application/json", body.to_owned());
        self.send(request.method(method.parse().unwrap()).build().request).await
    }

    pub fn request(&self, method: &str, path: &str, token: &str) -> CallBuilder {
        bare(method, path).header("authorization", &format!("Bearer {token}"))
    }

    /// What the route of this request answers.
    pub async fn send(&self, mut request: Request) -> Answer {
        for route in self.console.admin_routes().iter().filter(|route| route.methods.contains(&request.method)) {
            let (PathSpec::Fixed(pattern) | PathSpec::Pattern(pattern)) = route.at else { continue };
            if let Some(params) = captured(pattern, &request.path) {
                let mut builder = CallBuilder::new(tenant(), "/");
                for (name, value) in params {
                    builder = builder.param(name, value);
                }
                request = with_params(request, builder);
                return (route.handler)(request).await;
            }
        }
        panic!("no route for {} {}", request.method, request.path);
    }
}

pub fn bare(method: &str, path: &str) -> CallBuilder {
    let method: Method = method.parse().unwrap();
    CallBuilder::new(tenant(), path).method(method).peer(IpAddr::from([192, 0, 2, 7]))
}

fn captured<'a>(pattern: &'static str, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
    let (pattern, path): (Vec<_>, Vec<_>) = (pattern.split('/').collect(), path.split('/').collect());
    if pattern.len() != path.len() {
        return None;
    }
    let mut params = Vec::new();
    for (wanted, found) in pattern.into_iter().zip(path) {
        match wanted.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
            Some(name) => params.push((name, found)),
            None if wanted != found => return None,
            None => {}
        }
    }
    Some(params)
}

/// The request, with the path's parts of another: they can only be set by a builder.
fn with_params(request: Request, builder: CallBuilder) -> Request {
    let mut builder = builder.method(request.method.clone());
    for name in ["authorization", "content-type", "cookie", "accept-language", "if-match"] {
        for value in request.headers_all(name) {
            builder = builder.header(name, value);
        }
    }
    let mut made = builder.build().request;
    made.path = request.path;
    made.query = request.query;
    made.body = request.body;
    made.peer = request.peer;
    made.https = request.https;
    made
}

pub fn document(answer: &Answer) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

/// Pointers of what was wrong.
pub fn pointers(answer: &Answer) -> Vec<String> {
    let document = document(answer);
    let errors = document["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect()
}
