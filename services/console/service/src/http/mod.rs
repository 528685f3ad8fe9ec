//! What the admin listener answers: the admin API, one file per resource, and the listener's own
//! pages. The table of operations is the only list: routes and the OpenAPI document are both
//! made from it.

mod accounts;
mod ask;
mod assets;
mod clients;
mod clock;
mod clone;
mod deliveries;
mod flows;
mod health;
mod mail_server;
mod mailbox_page;
mod mails;
mod members;
mod openapi;
mod operators;
mod presets;
mod problem;
mod profile;
mod profile_diff;
mod profile_patch;
mod schemas;
mod signing_keys;
mod team;
mod tenants;
mod users;
mod webhook_schemas;
mod webhooks;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use grantor_web::{AdminRoute, Answer, Method, PathSpec, Request, admin_handler};

use crate::Console;
use ask::Ask;
pub use health::health;
pub(crate) use problem::Problem;
pub(crate) use profile::read_profile;
pub(crate) use profile_diff::{differences, nearest_preset};
pub(crate) use signing_keys::ALGS;

const GET: &[Method] = &[Method::GET];
const POST: &[Method] = &[Method::POST];
const PUT: &[Method] = &[Method::PUT];
const PATCH: &[Method] = &[Method::PATCH];
const DELETE: &[Method] = &[Method::DELETE];

/// Parameters of every list.
const PAGE: &[(&str, &str)] =
    &[("after", "The `next` of the page before."), ("limit", "At most this many items, 1 to 200; 50 when absent.")];

type Outcome = Result<Answer, Problem>;

/// What carries an operation out.
type Run = fn(Arc<Console>, Ask) -> BoxFuture<'static, Outcome>;

/// One operation of the admin API.
#[derive(Clone)]
struct Operation {
    /// `operationId`, and its name in metrics and logs.
    name: &'static str,
    methods: &'static [Method],
    path: &'static str,
    summary: &'static str,
    query: &'static [(&'static str, &'static str)],
    /// Schema of the request body.
    body: Option<&'static str>,
    status: u16,
    /// Schema of the answer's body.
    answer: Option<&'static str>,
    run: Run,
}

impl Operation {
    fn new(
        name: &'static str,
        methods: &'static [Method],
        path: &'static str,
        summary: &'static str,
        run: Run,
    ) -> Self {
        Self { name, methods, path, summary, query: &[], body: None, status: 204, answer: None, run }
    }

    fn query(mut self, query: &'static [(&'static str, &'static str)]) -> Self {
        self.query = query;
        self
    }

    fn takes(mut self, schema: &'static str) -> Self {
        self.body = Some(schema);
        self
    }

    fn answers(mut self, status: u16, schema: &'static str) -> Self {
        self.status = status;
        self.answer = Some(schema);
        self
    }

    fn route(self, console: &Arc<Console>) -> AdminRoute {
        let (name, methods, path) = (self.name, self.methods, self.path);
        let console = Arc::clone(console);
        let handler = admin_handler(move |request| answer(Arc::clone(&console), self.clone(), request));
        AdminRoute { name, at: at(path), methods, handler }
    }
}

/// Whoever asks must be an operator; what is answered may be in no cache.
async fn answer(console: Arc<Console>, operation: Operation, request: Request) -> Answer {
    let outcome = match console.authenticate(&request).await {
        Ok(operator) => match Ask::new(request, operator, operation.query) {
            Ok(ask) => (operation.run)(console, ask).await,
            Err(problem) => Err(problem),
        },
        Err(denied) => Err(denied.into()),
    };
    outcome.map_or_else(Problem::into_answer, Answer::no_store)
}

fn at(path: &'static str) -> PathSpec {
    if path.contains('{') { PathSpec::Pattern(path) } else { PathSpec::Fixed(path) }
}

/// Every operation of this deployment's admin API.
fn operations(console: &Console) -> Vec<Operation> {
    let mut all = tenants::operations();
    all.extend(clone::operations());
    all.extend(clock::operations());
    all.extend(mail_server::operations());
    all.extend(team::operations());
    all.extend(profile::operations());
    all.extend(profile_patch::operations());
    all.extend(profile_diff::operations());
    all.extend(clients::operations());
    all.extend(users::operations());
    all.extend(flows::operations());
    all.extend(accounts::operations());
    all.extend(webhooks::operations());
    all.extend(deliveries::operations());
    all.extend(signing_keys::operations());
    all.extend(presets::operations());
    all.extend(operators::operations());
    if console.mailbox.is_some() {
        all.extend(mails::operations());
    }
    all
}

/// Every route of the admin listener.
pub(crate) fn routes(console: &Arc<Console>) -> Vec<AdminRoute> {
    let mut routes: Vec<_> = operations(console).into_iter().map(|operation| operation.route(console)).collect();
    routes.push(openapi::route(console));
    routes.extend(health(&console.metrics, &console.here.health));
    routes.extend(mailbox_page::routes(console));
    routes.extend(assets::routes());
    routes.extend(crate::panel::routes(console));
    routes
}
