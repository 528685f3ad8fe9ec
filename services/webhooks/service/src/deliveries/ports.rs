//! The port of other services.

use async_trait::async_trait;
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{TenantId, WebhookId};
use grantor_keyring::not_read;
use grantor_ports::{
    AdminError, DeliveryDetail, DeliveryState, DeliveryView, FailingWebhook, Page, PageOf, PortError,
    WebhookDeliveries, WebhookHealth, WebhookState, Webhooks,
};
use grantor_store::{DeliveryQuery, ListChange, Write};

use super::{Deliveries, key, views};
use crate::dispatch::{EVERYWHERE, LEFT_ALONE, health_of};

/// Deliveries that wait are counted no further.
const MOST_COUNTED: u32 = 100_000;

#[async_trait]
impl WebhookDeliveries for Deliveries {
    async fn webhook_health(&self, tenant: TenantId, id: WebhookId) -> Result<WebhookHealth, PortError> {
        if self.endpoints.record(tenant, id).await?.is_none() {
            return Ok(WebhookHealth::default());
        }
        let health = health_of(&self.store, tenant, id).await?;
        let pending = self.store.count_waiting(id.uuid(), MOST_COUNTED).await?;
        Ok(views::health(&health, pending, self.clock.real()))
    }

    async fn failing_webhooks(&self, limit: u32) -> Result<Vec<FailingWebhook>, PortError> {
        let listed = self.store.list(EVERYWHERE, LEFT_ALONE, "", None, limit.clamp(1, 200)).await?;
        let mut found = Vec::new();
        for (data, _) in listed {
            let read: Result<(TenantId, WebhookId), _> = serde_json::from_slice(&data);
            let (tenant, id) = read.map_err(not_read("place in the list"))?;
            let Some(endpoint) = self.endpoints.webhook(tenant, id).await? else {
                // It was deleted while a call was on its way.
                let gone = ListChange::Remove { tenant: EVERYWHERE, list: LEFT_ALONE, id: id.to_string() };
                self.write(Write { lists: vec![gone], ..Write::default() }).await?;
                continue;
            };
            // One that was stopped or disabled meanwhile is nobody's worry.
            if endpoint.state != WebhookState::Active {
                continue;
            }
            let health = self.webhook_health(tenant, id).await?;
            // Somebody may have let it be called again.
            if health.next_probe_at.is_some() {
                found.push(FailingWebhook { tenant, id, url: endpoint.url, health });
            }
        }
        Ok(found)
    }

    async fn test_webhook(&self, tenant: TenantId, id: WebhookId, _: &Meta) -> Result<String, AdminError> {
        self.send_test(tenant, id).await
    }

    async fn webhook_deliveries(
        &self,
        tenant: TenantId,
        id: WebhookId,
        state: Option<DeliveryState>,
        page: Page,
    ) -> Result<PageOf<DeliveryView>, PortError> {
        if self.endpoints.record(tenant, id).await?.is_none() {
            return Ok(PageOf { items: Vec::new(), next: None });
        }
        // A place that is none begins at the beginning.
        let before = page.after.as_deref().and_then(|after| after.parse().ok());
        let limit = page.limit.clamp(1, 200);
        let query = DeliveryQuery { state: state.map(views::stored), before, limit, ..DeliveryQuery::default() };
        let found = self.store.deliveries(id.uuid(), query).await?;
        let whole = found.len() == limit as usize;
        let next = found.last().filter(|_| whole).map(|last| last.seq.to_string());
        Ok(PageOf { items: found.iter().map(views::delivery).collect(), next })
    }

    async fn webhook_delivery(
        &self,
        tenant: TenantId,
        id: WebhookId,
        message_id: &str,
    ) -> Result<Option<DeliveryDetail>, PortError> {
        let Some(key) = key(id, message_id) else { return Ok(None) };
        let found = self.store.delivery(key).await?.filter(|found| found.tenant == tenant);
        let Some(found) = found else { return Ok(None) };
        let attempts = self.store.attempts(key).await?;
        let message = self.store.messages(vec![(key.message, found.form.clone())]).await?.pop();
        let body = message.map(|message| String::from_utf8_lossy(&message.body).into_owned()).unwrap_or_default();
        let attempts = attempts.iter().map(views::attempt).collect();
        Ok(Some(DeliveryDetail { delivery: views::delivery(&found), body, attempts }))
    }

    async fn resend_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
        message_id: &str,
        _: &Meta,
    ) -> Result<(), AdminError> {
        self.resend(tenant, id, message_id).await
    }

    async fn recover_webhook(
        &self,
        tenant: TenantId,
        id: WebhookId,
        since: Timestamp,
        until: Timestamp,
        _: &Meta,
    ) -> Result<u64, AdminError> {
        self.recover(tenant, id, since, until).await
    }
}
