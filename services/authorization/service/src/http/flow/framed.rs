//! Error pages of the widget, which are in the client's frame as every other page of it (C16).

use std::sync::Arc;

use grantor_authorization_domain::Flow;
use grantor_ids::FlowId;
use grantor_ports::{ClientView, PortError, Registry};
use grantor_profile::Framing;
use grantor_web::{Call, Handler, handler};
use uuid::Uuid;

use crate::{Authorization, http::Answered};

/// Wraps an endpoint: what stops it becomes an error page that shows wherever the flow may be framed.
pub(super) fn on<F, A>(service: &Arc<Authorization>, endpoint: F) -> Handler
where
    F: Fn(Arc<Authorization>, Arc<Call>) -> A + Send + Sync + 'static,
    A: Future<Output = Answered> + Send + 'static,
{
    let service = Arc::clone(service);
    handler(move |call: Call| {
        let (service, call) = (Arc::clone(&service), Arc::new(call));
        let answer = endpoint(Arc::clone(&service), Arc::clone(&call));
        async move {
            match answer.await {
                Ok(answer) => answer,
                // A page that nobody may frame is still a page.
                Err(fault) => fault.page(&call).frame_ancestors(service.framers(&call).await.unwrap_or_default()),
            }
        }
    })
}

/// Where pages of a client may be framed.
pub(super) fn origins(call: &Call, client: &ClientView) -> Vec<String> {
    match call.tenant.profile.interaction.framing {
        Framing::RegisteredOrigins => client.origins.clone(),
        Framing::Deny => Vec::new(),
    }
}

impl Authorization {
    /// Who may frame what the call is about, as long as that can be known: an ended flow still names
    /// its client, and so does a link that is too old. The id and the link are hard to guess.
    async fn framers(&self, call: &Call) -> Result<Vec<String>, PortError> {
        let Some(flow) = self.flow_meant(call).await? else { return Ok(Vec::new()) };
        let state = self.store.load::<Flow>(call.tenant.id, flow.uuid()).await?.state;
        let Some(terms) = state.terms() else { return Ok(Vec::new()) };
        let client = self.copies.client(call.tenant.id, &terms.client_id).await?;
        Ok(client.map(|client| origins(call, &client)).unwrap_or_default())
    }

    async fn flow_meant(&self, call: &Call) -> Result<Option<FlowId>, PortError> {
        if let Ok(id) = Uuid::try_parse(call.param("id")) {
            return Ok(Some(FlowId::from_uuid(id)));
        }
        let params = call.query_params().unwrap_or_default();
        let Some(token) = params.get("token") else { return Ok(None) };
        Ok(self.genuine_link(call.tenant.id, token).await?.map(|(flow, _)| flow))
    }
}
