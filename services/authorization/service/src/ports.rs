//! Who owns a session, for the other services' pages.

use async_trait::async_trait;
use grantor_authorization_domain::{Flow, FlowEnd};
use grantor_ids::{FlowId, TenantId};
use grantor_ports::{FlowView, Flows, PortError, Registry, SessionView, Sessions, SharedAccounts};

use crate::{Authorization, secret::Secret};

#[async_trait]
impl Sessions for Authorization {
    async fn session(&self, tenant: TenantId, cookie: &str) -> Result<Option<SessionView>, PortError> {
        let Some(cookie) = Secret::parse(cookie) else { return Ok(None) };
        let Some(view) = self.copies.tenant(tenant).await? else { return Ok(None) };
        let found = self.signed_in(tenant, &view.profile, cookie).await?;
        Ok(found.map(|session| SessionView {
            id: session.id,
            user: session.user,
            auth_time: session.auth_time,
            csrf: session.csrf(),
        }))
    }
}

#[async_trait]
impl Flows for Authorization {
    async fn flow(&self, tenant: TenantId, id: FlowId) -> Result<Option<FlowView>, PortError> {
        let state = self.store.load::<Flow>(tenant, id.uuid()).await?.state;
        let (word, reason) = match &state {
            Flow::Ended { end, .. } => (
                end.as_str(),
                match end {
                    FlowEnd::Failed(reason) => Some(reason.as_str().to_owned()),
                    _ => None,
                },
            ),
            Flow::Unknown | Flow::Open(_) => ("open", None),
        };
        Ok(state.terms().map(|terms| FlowView {
            id,
            client_id: terms.client_id.clone(),
            kind: terms.kind.as_str().to_owned(),
            state: word.to_owned(),
            reason,
            language: terms.language.clone(),
            sync_period: terms.sync_period,
            expires_at: terms.expires_at,
        }))
    }

    async fn shared_accounts(&self, tenant: TenantId, id: FlowId) -> Result<Option<SharedAccounts>, PortError> {
        self.choice(tenant, id).await
    }
}
