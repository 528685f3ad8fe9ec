use std::sync::{Arc, OnceLock, Weak};

use actix_web::http::header::HeaderMap;
use bytes::Bytes;
use grantor_ports::AuthorityRole;
use grantor_profile::ApiRequest;

use crate::{Answer, Call, Method, Request, TenantDispatcher};

/// A tenant's own endpoints as pages of the same process call them: by the path that the profile
/// gives, for the tenant whose page it is, and with the visitor's address, so that every limit
/// counts as if they had called themselves. No socket is opened, and no other host is reached.
#[derive(Clone, Default)]
pub struct OwnEndpoints(Arc<OnceLock<Weak<TenantDispatcher>>>);

impl OwnEndpoints {
    /// Names the dispatcher that answers; the second time has no effect.
    pub fn bind(&self, dispatcher: &Arc<TenantDispatcher>) {
        let _ = self.0.set(Arc::downgrade(dispatcher));
    }

    /// Sends a request to an endpoint of the tenant that is being visited; `None` when this
    /// process does not serve it.
    pub async fn send(&self, visit: &Call, role: AuthorityRole, request: &ApiRequest) -> Option<Answer> {
        let dispatcher = self.0.get()?.upgrade()?;
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let mut inner = Request {
            method: Method::from_bytes(request.method.as_bytes()).ok()?,
            path: path.to_owned(),
            query: query.to_owned(),
            body: Bytes::from(request.body.clone()),
            peer: visit.peer,
            https: visit.https,
            id: visit.id,
            headers: HeaderMap::new(),
            params: Vec::new(),
        };
        for (name, value) in &request.headers {
            inner.set_header(name, value);
        }
        let call = Call { tenant: Arc::clone(&visit.tenant), base: visit.base.clone(), role, request: inner };
        dispatcher.own(call).await
    }
}
