//! How another process does. One port that every service has: each has a path of its own for it,
//! and answers for its whole process.

use std::sync::Arc;

use async_trait::async_trait;
use grantor_ports::{Check, Health, PortError};

use crate::{
    Caller, Method, Role,
    call::{Arguments, Given, Kind},
    serve::reply,
};

/// The services that the console asks, and where.
const OWNERS: [(Role, &str, &str); 5] = [
    (Role::Registry, "registry-health.checks", "/internal/registry-health/checks"),
    (Role::Directory, "directory-health.checks", "/internal/directory-health/checks"),
    (Role::Authorization, "authorization-health.checks", "/internal/authorization-health/checks"),
    (Role::Token, "token-health.checks", "/internal/token-health/checks"),
    (Role::Webhooks, "webhooks-health.checks", "/internal/webhooks-health/checks"),
];

/// The health of the process that runs a service.
pub struct RemoteHealth {
    caller: Caller,
    path: &'static str,
}

impl RemoteHealth {
    /// That of the process that runs `owner`, whom `caller` calls; `None` for a service that is not asked.
    pub fn of(owner: Role, caller: Caller) -> Option<Self> {
        let (_, _, path) = OWNERS.into_iter().find(|(role, ..)| *role == owner)?;
        Some(Self { caller, path })
    }
}

#[async_trait]
impl Health for RemoteHealth {
    async fn checks(&self) -> Result<Vec<Check>, PortError> {
        // A database that is away is waited for, and that must not look like a peer that is.
        self.caller.call(Kind::List, self.path, Arguments::default()).await?
    }
}

/// The method by which the console asks how the process of this service does.
pub fn health(owner: Role, own: Arc<dyn Health>) -> Option<Method> {
    let (owner, name, path) = OWNERS.into_iter().find(|(role, ..)| *role == owner)?;
    let run = Arc::new(move |_: Given| -> crate::serve::Answered {
        let own = Arc::clone(&own);
        Box::pin(async move { reply(own.checks().await) })
    });
    Some(Method { name, path, owner, callers: &[Role::Console], run })
}
