use std::sync::Arc;

use futures_util::future::BoxFuture;
use grantor_crypto::{InternalKeys, MacKey};
use grantor_ports::Clock;
use grantor_web::{AdminRoute, Answer, Method as Verb, PathSpec, Request, admin_handler, problem};
use serde::Serialize;

use crate::{
    Role,
    call::{Given, Reply, Unreadable},
    sign::{Claim, answer_mac},
};

/// What a method answers: the bytes of a reply.
pub(crate) type Answered = BoxFuture<'static, Result<Vec<u8>, Unreadable>>;

/// One method of a port, as its owner answers it.
#[derive(Clone)]
pub struct Method {
    /// `port.method`; a metric label.
    pub name: &'static str,
    /// Its path on the internal listener.
    pub path: &'static str,
    /// Whose port it is.
    pub owner: Role,
    /// Who may call it.
    pub callers: &'static [Role],
    pub(crate) run: Arc<dyn Fn(Given) -> Answered + Send + Sync>,
}

/// A port that can be served to other processes.
pub trait Served: Send + Sync + 'static {
    /// Its methods, answered by `port`.
    fn methods(port: Arc<Self>) -> Vec<Method>;
}

/// The methods of a port.
pub fn methods<P: Served + ?Sized>(port: Arc<P>) -> Vec<Method> {
    P::methods(port)
}

/// Knows who calls.
pub struct Gate {
    keys: InternalKeys,
    clock: Arc<dyn Clock>,
}

impl Gate {
    /// With these keys; the clock is the machine's, whatever the tenants' say.
    pub fn new(keys: InternalKeys, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { keys, clock })
    }

    /// The key of a caller that is who it says and that is allowed; else the answer it gets:
    /// 401 to a stranger, 403 to a service that has no business here.
    pub(crate) fn admit(&self, request: &Request, owner: Role, callers: &[Role]) -> Result<MacKey, Box<Answer>> {
        let known = request.header("authorization").and_then(Claim::parse).and_then(|claim| {
            let key = self.keys.pair(claim.caller.name(), owner.name())?;
            let now = self.clock.real().timestamp();
            claim.holds(owner, &request.path, &request.body, now, &key).then_some((claim.caller, key))
        });
        match known {
            Some((caller, key)) if callers.contains(&caller) => Ok(key),
            Some((caller, _)) => {
                tracing::warn!(%caller, path = request.path, "a service called what is not its business");
                Err(Box::new(problem(403, "forbidden", "Forbidden", "This service may not call this.", None)))
            }
            None => {
                tracing::warn!(path = request.path, "a stranger called");
                Err(Box::new(problem(401, "unauthenticated", "Unauthenticated", "Who is calling?", None)))
            }
        }
    }
}

/// An answer that its caller can tell from anybody else's.
pub(crate) fn genuine(key: &MacKey, request: &Request, body: Vec<u8>) -> Answer {
    let mac = answer_mac(key, request.header("authorization").unwrap_or_default(), 200, &body);
    Answer::json_bytes(200, body).header("grantor-mac", &mac).no_store()
}

/// The routes of an internal listener.
pub fn routes(methods: Vec<Method>, gate: &Arc<Gate>) -> Vec<AdminRoute> {
    methods.into_iter().map(|method| route(method, Arc::clone(gate))).collect()
}

fn route(method: Method, gate: Arc<Gate>) -> AdminRoute {
    const POST: &[Verb] = &[Verb::POST];
    let (name, at) = (method.name, PathSpec::Fixed(method.path));
    let handler = admin_handler(move |request: Request| {
        let (method, gate) = (method.clone(), Arc::clone(&gate));
        async move {
            let key = match gate.admit(&request, method.owner, method.callers) {
                Ok(key) => key,
                Err(answer) => return *answer,
            };
            let unreadable = |what: &str| {
                let detail = format!("{what} cannot be read.");
                problem(400, "unreadable", "Unreadable call", &detail, None)
            };
            let Some(given) = Given::parse(&request.body) else { return unreadable("The body") };
            match (method.run)(given).await {
                Ok(body) => genuine(&key, &request, body),
                Err(Unreadable(argument)) => unreadable(&format!("The argument `{argument}`")),
            }
        }
    });
    AdminRoute { name, at, methods: POST, handler }
}

/// The bytes of an outcome.
pub(crate) fn reply<T: Serialize, E: Serialize>(outcome: Result<T, E>) -> Result<Vec<u8>, Unreadable> {
    serde_json::to_vec(&Reply::from(outcome)).map_err(|_| Unreadable("answer"))
}
