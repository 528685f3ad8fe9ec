use async_trait::async_trait;
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{
    AdminError, DeliveryDetail, DeliveryState, DeliveryView, FailingWebhook, HistoryEntry, NewWebhook, Page, PageOf,
    PortError, WebhookChange, WebhookCommand, WebhookDeliveries, WebhookHealth, WebhookSecret, WebhookView, Webhooks,
};

/// Nobody is told anything here.
pub struct NoWebhooks;

const NONE: AdminError = AdminError::NotFound("webhook");

#[async_trait]
impl Webhooks for NoWebhooks {
    async fn webhook_events(&self, _: TenantId) -> Result<Vec<String>, PortError> {
        Ok(Vec::new())
    }

    async fn webhooks(&self, _: TenantId, _: Option<&str>) -> Result<Vec<WebhookView>, PortError> {
        Ok(Vec::new())
    }

    async fn webhook(&self, _: TenantId, _: WebhookId) -> Result<Option<WebhookView>, PortError> {
        Ok(None)
    }

    async fn webhook_history(&self, _: TenantId, _: WebhookId) -> Result<Vec<HistoryEntry>, PortError> {
        Ok(Vec::new())
    }

    async fn create_webhook(
        &self,
        _: TenantId,
        _: NewWebhook,
        _: &Meta,
    ) -> Result<(WebhookView, WebhookSecret), AdminError> {
        Err(NONE)
    }

    async fn change_webhook(
        &self,
        _: TenantId,
        _: WebhookId,
        _: WebhookChange,
        _: &Meta,
    ) -> Result<WebhookView, AdminError> {
        Err(NONE)
    }

    async fn command_webhook(
        &self,
        _: TenantId,
        _: WebhookId,
        _: WebhookCommand,
        _: &Meta,
    ) -> Result<WebhookView, AdminError> {
        Err(NONE)
    }

    async fn rotate_webhook_secret(
        &self,
        _: TenantId,
        _: WebhookId,
        _: Option<u64>,
        _: &Meta,
    ) -> Result<WebhookSecret, AdminError> {
        Err(NONE)
    }

    async fn reveal_webhook_secret(&self, _: TenantId, _: WebhookId, _: &Meta) -> Result<WebhookSecret, AdminError> {
        Err(NONE)
    }
}

#[async_trait]
impl WebhookDeliveries for NoWebhooks {
    async fn webhook_health(&self, _: TenantId, _: WebhookId) -> Result<WebhookHealth, PortError> {
        Ok(WebhookHealth::default())
    }

    async fn failing_webhooks(&self, _: u32) -> Result<Vec<FailingWebhook>, PortError> {
        Ok(Vec::new())
    }

    async fn test_webhook(&self, _: TenantId, _: WebhookId, _: &Meta) -> Result<String, AdminError> {
        Err(NONE)
    }

    async fn webhook_deliveries(
        &self,
        _: TenantId,
        _: WebhookId,
        _: Option<DeliveryState>,
        _: Page,
    ) -> Result<PageOf<DeliveryView>, PortError> {
        Ok(PageOf { items: Vec::new(), next: None })
    }

    async fn webhook_delivery(&self, _: TenantId, _: WebhookId, _: &str) -> Result<Option<DeliveryDetail>, PortError> {
        Ok(None)
    }

    async fn resend_webhook(&self, _: TenantId, _: WebhookId, _: &str, _: &Meta) -> Result<(), AdminError> {
        Err(NONE)
    }

    async fn recover_webhook(
        &self,
        _: TenantId,
        _: WebhookId,
        _: Timestamp,
        _: Timestamp,
        _: &Meta,
    ) -> Result<u64, AdminError> {
        Err(NONE)
    }
}
