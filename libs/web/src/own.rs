use std::sync::{Arc, OnceLock, Weak};

use actix_web::http::header::HeaderMap;
use async_trait::async_trait;
use bytes::Bytes;
use grantor_ids::TenantId;
use grantor_ports::{AuthorityRole, EndpointAnswer, EndpointCall, Endpoints, PortError, TenantView};
use grantor_profile::ApiRequest;

use crate::{Answer, Call, Method, Request, TenantDispatcher};

/// A tenant's own endpoints as its pages call them: by the path that the profile gives, for the
/// tenant whose page it is, and with the visitor's address, so that every limit counts as if they
/// had called themselves. What this process does not serve is asked of the processes of its
/// deployment that may; no other host is reached.
#[derive(Clone, Default)]
pub struct OwnEndpoints {
    here: Arc<OnceLock<Weak<TenantDispatcher>>>,
    elsewhere: Vec<Arc<dyn Endpoints>>,
}

impl OwnEndpoints {
    /// Names the dispatcher that answers; the second time has no effect.
    pub fn bind(&self, dispatcher: &Arc<TenantDispatcher>) {
        let _ = self.here.set(Arc::downgrade(dispatcher));
    }

    /// The same, and those of other processes.
    pub fn and(&self, elsewhere: Vec<Arc<dyn Endpoints>>) -> Self {
        Self { here: Arc::clone(&self.here), elsewhere }
    }

    /// Sends a request to an endpoint of the tenant that is being visited; `None` when nobody who
    /// can be reached serves it.
    pub async fn send(&self, visit: &Call, role: AuthorityRole, request: &ApiRequest) -> Option<Answer> {
        let call = EndpointCall {
            base: visit.base.clone(),
            role,
            method: request.method.to_owned(),
            path: request.path.clone(),
            headers: request.headers.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
            body: request.body.clone().into(),
            peer: visit.peer,
            https: visit.https,
            id: visit.id,
        };
        let dispatcher = self.here.get()?.upgrade()?;
        if let Some(answer) = dispatcher.own(inner(Arc::clone(&visit.tenant), &call)?).await {
            return Some(answer);
        }
        for others in &self.elsewhere {
            // Whoever is away serves nothing now.
            if let Ok(Some(answer)) = others.call(visit.tenant.id, call.clone()).await {
                return Some(Answer::relayed(answer));
            }
        }
        None
    }
}

/// The call as a request of this process.
fn inner(tenant: Arc<TenantView>, call: &EndpointCall) -> Option<Call> {
    let (path, query) = call.path.split_once('?').unwrap_or((&call.path, ""));
    let mut request = Request {
        method: Method::from_bytes(call.method.as_bytes()).ok()?,
        path: path.to_owned(),
        query: query.to_owned(),
        body: Bytes::from(call.body.clone()),
        peer: call.peer,
        https: call.https,
        id: call.id,
        headers: HeaderMap::new(),
        params: Vec::new(),
    };
    for (name, value) in &call.headers {
        request.set_header(name, value);
    }
    Some(Call { tenant, base: call.base.clone(), role: call.role, request })
}

/// For the pages of other processes: of those endpoints only that this one serves itself.
#[async_trait]
impl Endpoints for OwnEndpoints {
    async fn call(&self, tenant: TenantId, call: EndpointCall) -> Result<Option<EndpointAnswer>, PortError> {
        let dispatcher = self.here.get().and_then(Weak::upgrade).ok_or(PortError::Unavailable)?;
        let Some(tenant) = dispatcher.tenant(tenant).await? else { return Ok(None) };
        let Some(call) = inner(tenant, &call) else { return Ok(None) };
        Ok(dispatcher.own(call).await.map(Answer::into_parts))
    }
}
