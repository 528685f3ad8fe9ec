use grantor_ids::{EventId, TenantId, WebhookId};
use grantor_ports::{AdminError, EntropyExt};
use grantor_store::{Delivered, DeliveryChange, DeliveryKey, NewDelivery, NewMessage, Write};
use grantor_webhooks_domain::{
    body::{Datum, Notice},
    endpoint::Status,
};

use super::Deliveries;
use crate::{
    dispatch::TEST,
    ingest::{KEEP, body},
};

/// The name of an event that tells of nothing.
const EVENT: &str = "webhook.test";

impl Deliveries {
    /// Sends an event that tells of nothing, once; answers its id.
    pub(super) async fn send_test(&self, tenant: TenantId, id: WebhookId) -> Result<String, AdminError> {
        let record = self.known(tenant, id).await?;
        if record.status != Status::Active {
            return Err(AdminError::Conflict("an endpoint that is not called cannot be tested".into()));
        }
        let view = self.tenants.tenant(tenant).await?.ok_or(AdminError::NotFound("tenant"))?;
        let now = self.clock.real();
        let message: EventId = self.entropy.id(now);
        let notice = Notice {
            id: message.to_string(),
            event: EVENT.to_owned(),
            at: now,
            subject: Some(id.to_string()),
            sequence: None,
            trace: None,
            data: vec![("webhook_id", Datum::Text(id.to_string()))],
        };
        let form = record.settings.format;
        let message = NewMessage {
            id: message.uuid(),
            form: form.as_str(),
            tenant,
            event_type: EVENT.to_owned(),
            trace: None,
            body: body(form, &notice, &view),
            expires_at: now + KEEP,
        };
        let delivery = NewDelivery {
            key: DeliveryKey { endpoint: id.uuid(), message: message.id },
            tenant,
            form: form.as_str(),
            event_type: EVENT.to_owned(),
            occurred_at: now,
            urgent: true,
            state: Delivered::NotYet,
            why: TEST,
            due_at: now,
        };
        let deliveries = vec![DeliveryChange::Add(delivery)];
        self.write(Write { messages: vec![message], deliveries, ..Write::default() }).await?;
        Ok(notice.id)
    }
}
