//! The ports of other services.

use std::sync::Arc;

use async_trait::async_trait;
use grantor_eventsourcing::Meta;
use grantor_ids::{ClientKey, TenantId};
use grantor_ports::{
    AdminError, AuthorityRole, ClientChange, ClientCommand, ClientView, CreateTenant, HistoryEntry, HistoryOf,
    MailPassword, NewClient, NewClientSecret, Page, PageOf, PortError, RegistryAdmin, RegistryFigures, TenantChange,
    TenantFigures, TenantView,
};

use crate::{
    Registry,
    commands::{Patch, Registered},
    history, lists, overview,
    rows::{AUTHORITY, EVERYWHERE, SLUG},
    views::client_view,
};

impl Registry {
    async fn tenant_at(&self, kind: &'static str, key: &str) -> Result<Option<Arc<TenantView>>, PortError> {
        let row = self.store.row(EVERYWHERE, kind, key.as_bytes()).await?;
        match row.and_then(|row| row.aggregate) {
            Some(id) => Ok(self.tenant_now(TenantId::from_uuid(id)).await?),
            None => Ok(None),
        }
    }

    async fn tenant_or_not_found(&self, tenant: TenantId) -> Result<Arc<TenantView>, AdminError> {
        self.tenant_now(tenant).await?.ok_or(AdminError::NotFound("tenant"))
    }

    async fn tenant_and_key(
        &self,
        tenant: TenantId,
        client_id: &str,
    ) -> Result<(Arc<TenantView>, ClientKey), AdminError> {
        let view = self.tenant_or_not_found(tenant).await?;
        let key = self.key_of(tenant, client_id).await?.ok_or(AdminError::NotFound("client"))?;
        Ok((view, key))
    }
}

#[async_trait]
impl grantor_ports::Registry for Registry {
    async fn tenant_by_authority(
        &self,
        authority: &str,
    ) -> Result<Option<(Arc<TenantView>, AuthorityRole)>, PortError> {
        let view = self.tenant_at(AUTHORITY, authority).await?;
        Ok(view.and_then(|view| {
            let role = view.authorities.iter().find(|entry| entry.authority == authority)?.role;
            Some((view, role))
        }))
    }

    async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Arc<TenantView>>, PortError> {
        self.tenant_at(SLUG, slug).await
    }

    async fn tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok(self.tenant_now(tenant).await?)
    }

    async fn client(&self, tenant: TenantId, client_id: &str) -> Result<Option<Arc<ClientView>>, PortError> {
        let Some(key) = self.key_of(tenant, client_id).await? else { return Ok(None) };
        let loaded = self.client_now(tenant, key).await?;
        Ok(client_view(tenant, key, &loaded.state, loaded.version).map(Arc::new))
    }

    async fn mail_password(&self, tenant: TenantId) -> Result<Option<MailPassword>, PortError> {
        self.mail_password_of(tenant).await
    }
}

#[async_trait]
impl RegistryAdmin for Registry {
    async fn create_tenant(&self, tenant: CreateTenant, meta: &Meta) -> Result<Arc<TenantView>, AdminError> {
        self.make_tenant(tenant, meta).await
    }

    async fn change_tenant(
        &self,
        tenant: TenantId,
        change: TenantChange,
        meta: &Meta,
    ) -> Result<Arc<TenantView>, AdminError> {
        self.alter_tenant(tenant, change, meta).await
    }

    async fn tenants(&self, page: Page) -> Result<PageOf<TenantView>, AdminError> {
        Ok(lists::tenants(&self.store, page).await?)
    }

    async fn find_tenants(&self, words: &str, page: Page) -> Result<PageOf<TenantView>, AdminError> {
        overview::find_tenants(self, words, page).await
    }

    async fn waiting_clients(&self, page: Page) -> Result<PageOf<ClientView>, AdminError> {
        Ok(overview::waiting(&self.store, page).await?)
    }

    async fn history(&self, tenant: TenantId, of: HistoryOf, page: Page) -> Result<PageOf<HistoryEntry>, AdminError> {
        history::history(self, overview::NAME, tenant, of, page).await
    }

    async fn figures(&self) -> Result<RegistryFigures, AdminError> {
        Ok(overview::figures(&self.store).await?)
    }

    async fn tenant_figures(&self, tenant: TenantId) -> Result<TenantFigures, AdminError> {
        Ok(lists::tenant_figures(&self.store, tenant).await?)
    }

    async fn create_client(
        &self,
        tenant: TenantId,
        client: NewClient,
        meta: &Meta,
    ) -> Result<(Arc<ClientView>, Option<NewClientSecret>), AdminError> {
        let tenant = self.tenant_or_not_found(tenant).await?;
        let Registered { client, secret } = self.register(&tenant, client, None, meta).await?;
        Ok((client, secret))
    }

    async fn change_client(
        &self,
        tenant: TenantId,
        client_id: &str,
        change: ClientChange,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, AdminError> {
        let (tenant, key) = self.tenant_and_key(tenant, client_id).await?;
        Ok(self.update(&tenant, key, Patch { change, by_developer: false }, meta).await?)
    }

    async fn command_client(
        &self,
        tenant: TenantId,
        client_id: &str,
        command: ClientCommand,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, AdminError> {
        let (tenant, key) = self.tenant_and_key(tenant, client_id).await?;
        Ok(match command {
            ClientCommand::Approve => self.approve(&tenant, key, meta).await?,
            ClientCommand::Reject { reason } => self.reject(&tenant, key, reason, meta).await?,
            ClientCommand::Suspend { reason } => self.suspend(&tenant, key, reason, meta).await?,
            ClientCommand::Restore => self.restore(&tenant, key, meta).await?,
            ClientCommand::Delete => {
                let before = self.client_now(tenant.id, key).await?;
                self.delete(tenant.id, key, meta).await?;
                let view = client_view(tenant.id, key, &before.state, before.version);
                view.map(Arc::new).ok_or(AdminError::NotFound("client"))?
            }
        })
    }

    async fn rotate_client_secret(
        &self,
        tenant: TenantId,
        client_id: &str,
        meta: &Meta,
    ) -> Result<NewClientSecret, AdminError> {
        let (tenant, key) = self.tenant_and_key(tenant, client_id).await?;
        Ok(self.rotate(&tenant, key, meta).await?)
    }

    async fn clients(
        &self,
        tenant: TenantId,
        state: Option<&str>,
        page: Page,
    ) -> Result<PageOf<ClientView>, AdminError> {
        self.tenant_or_not_found(tenant).await?;
        Ok(lists::clients(&self.store, tenant, state, page).await?)
    }
}
