//! Who owns a session, for the other services' pages.

use async_trait::async_trait;
use grantor_ids::TenantId;
use grantor_ports::{PortError, Registry, SessionView, Sessions};

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
