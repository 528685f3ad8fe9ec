//! A tenant's endpoints in another process, for the pages of this one. One port that several
//! services own: each has a path of its own for it.

use std::sync::Arc;

use async_trait::async_trait;
use grantor_ids::TenantId;
use grantor_ports::{EndpointAnswer, EndpointCall, Endpoints, PortError};

use crate::{
    Caller, Method, Role,
    call::{Arguments, Given, Kind},
    serve::reply,
};

/// The services whose endpoints the registry's pages call, and where.
const OWNERS: [(Role, &str, &str); 2] = [
    (Role::Token, "token-endpoints.call", "/internal/token-endpoints/call"),
    (Role::Directory, "directory-endpoints.call", "/internal/directory-endpoints/call"),
];

/// The endpoints of a service in another process.
pub struct RemoteEndpoints {
    caller: Caller,
    path: &'static str,
}

impl RemoteEndpoints {
    /// Those of `owner`, whom `caller` calls; `None` for a service that pages do not call.
    pub fn of(owner: Role, caller: Caller) -> Option<Self> {
        let (_, _, path) = OWNERS.into_iter().find(|(role, ..)| *role == owner)?;
        Some(Self { caller, path })
    }
}

#[async_trait]
impl Endpoints for RemoteEndpoints {
    async fn call(&self, tenant: TenantId, call: EndpointCall) -> Result<Option<EndpointAnswer>, PortError> {
        let mut arguments = Arguments::default();
        arguments.add("tenant", &tenant)?;
        arguments.add("call", &call)?;
        // Somebody's password may have to be hashed for it.
        self.caller.call(Kind::Command, self.path, arguments).await?
    }
}

/// The method by which the registry's pages call the endpoints of a service of this process.
pub fn endpoints(owner: Role, own: Arc<dyn Endpoints>) -> Option<Method> {
    let (owner, name, path) = OWNERS.into_iter().find(|(role, ..)| *role == owner)?;
    let run = Arc::new(move |mut given: Given| -> crate::serve::Answered {
        let own = Arc::clone(&own);
        Box::pin(async move {
            let (tenant, call) = (given.take("tenant")?, given.take("call")?);
            reply(own.call(tenant, call).await)
        })
    });
    Some(Method { name, path, owner, callers: &[Role::Registry], run })
}
