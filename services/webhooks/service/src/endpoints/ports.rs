//! The port of other services.

use async_trait::async_trait;
use grantor_eventsourcing::Meta;
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{
    AdminError, HistoryEntry, NewWebhook, PortError, WebhookChange, WebhookCommand, WebhookSecret, WebhookView,
    Webhooks,
};
use grantor_webhooks_domain::endpoint::Endpoint;

use super::{Endpoints, offered, rows, views};

/// Events that an endpoint's history shows.
const MOST_HISTORY: usize = 200;

impl Endpoints {
    async fn view(&self, tenant: TenantId, id: WebhookId) -> Result<Option<WebhookView>, PortError> {
        let loaded = self.store.load::<Endpoint>(tenant, id.uuid()).await?;
        let now = self.clock.now(tenant);
        Ok(loaded.state.record().map(|record| views::view(id, record, loaded.version, now)))
    }
}

#[async_trait]
impl Webhooks for Endpoints {
    async fn webhook_events(&self, tenant: TenantId) -> Result<Vec<String>, PortError> {
        let Some(tenant) = self.tenants.tenant(tenant).await? else { return Ok(Vec::new()) };
        Ok(offered(&tenant).into_iter().map(str::to_owned).collect())
    }

    async fn webhooks(&self, tenant: TenantId, client_id: Option<&str>) -> Result<Vec<WebhookView>, PortError> {
        let ids = match client_id {
            None => {
                let rows = self.store.rows(tenant, rows::OF).await?;
                rows.into_iter().filter_map(|row| rows::endpoint(&row.key)).collect()
            }
            Some(client_id) => match self.tenants.client(tenant, client_id).await? {
                Some(client) => self.ids_of(tenant, Some(client.key)).await?,
                None => Vec::new(),
            },
        };
        let mut views = Vec::with_capacity(ids.len());
        for id in ids {
            views.extend(self.view(tenant, id).await?);
        }
        views.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| b.id.cmp(&a.id)));
        Ok(views)
    }

    async fn webhook(&self, tenant: TenantId, id: WebhookId) -> Result<Option<WebhookView>, PortError> {
        self.view(tenant, id).await
    }

    async fn webhook_history(&self, tenant: TenantId, id: WebhookId) -> Result<Vec<HistoryEntry>, PortError> {
        let stream = self.store.stream(tenant, id.uuid()).await?;
        Ok(stream.into_iter().rev().take(MOST_HISTORY).map(HistoryEntry::from).collect())
    }

    async fn create_webhook(
        &self,
        tenant: TenantId,
        webhook: NewWebhook,
        meta: &Meta,
    ) -> Result<(WebhookView, WebhookSecret), AdminError> {
        self.create(tenant, webhook, meta).await
    }

    async fn change_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
        change: WebhookChange,
        meta: &Meta,
    ) -> Result<WebhookView, AdminError> {
        self.change(tenant, id, change, meta).await
    }

    async fn command_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
        command: WebhookCommand,
        meta: &Meta,
    ) -> Result<WebhookView, AdminError> {
        self.command(tenant, id, command, meta).await
    }

    async fn rotate_webhook_secret(
        &self,
        tenant: TenantId,
        id: WebhookId,
        overlap_seconds: Option<u64>,
        meta: &Meta,
    ) -> Result<WebhookSecret, AdminError> {
        self.rotate(tenant, id, overlap_seconds, meta).await
    }

    async fn reveal_webhook_secret(
        &self,
        tenant: TenantId,
        id: WebhookId,
        meta: &Meta,
    ) -> Result<WebhookSecret, AdminError> {
        self.reveal(tenant, id, meta).await
    }
}
