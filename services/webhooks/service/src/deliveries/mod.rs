//! What was delivered, and what is to be: the port [`grantor_ports::WebhookDeliveries`].

mod ports;
mod recover;
mod test_event;
mod views;

use std::sync::Arc;

use grantor_ids::{EventId, TenantId, WebhookId};
use grantor_ports::{AdminError, Clock, Entropy, PortError, Registry};
use grantor_store::{DeliveryChange, DeliveryKey, Store, Write, not_written};
use grantor_webhooks_domain::endpoint::Record;

use crate::{Endpoints, dispatch::Nudges};

/// Deliveries of every endpoint.
pub struct Deliveries {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tenants: Arc<dyn Registry>,
    endpoints: Arc<Endpoints>,
    nudges: Arc<Nudges>,
}

impl Deliveries {
    pub(crate) fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        tenants: Arc<dyn Registry>,
        endpoints: Arc<Endpoints>,
        nudges: Arc<Nudges>,
    ) -> Arc<Self> {
        Arc::new(Self { store, clock, entropy, tenants, endpoints, nudges })
    }

    /// The endpoint, if this tenant has it.
    async fn known(&self, tenant: TenantId, id: WebhookId) -> Result<Record, AdminError> {
        self.endpoints.record(tenant, id).await?.ok_or(AdminError::NotFound("webhook"))
    }

    /// Sends a delivery once more, now.
    async fn resend(&self, tenant: TenantId, id: WebhookId, message: &str) -> Result<(), AdminError> {
        self.known(tenant, id).await?;
        let key = key(id, message).ok_or(AdminError::NotFound("delivery"))?;
        let found = self.store.delivery(key).await?.filter(|found| found.tenant == tenant);
        let found = found.ok_or(AdminError::NotFound("delivery"))?;
        let message = self.store.messages(vec![(key.message, found.form)]).await?;
        if message.is_empty() {
            return Err(AdminError::Conflict("the event is too old to be sent again".into()));
        }
        let again = DeliveryChange::Again { key, why: "resend", due_at: self.clock.real() };
        self.write(Write { deliveries: vec![again], ..Write::default() }).await?;
        self.nudges.nudge(tenant, id);
        Ok(())
    }

    async fn write(&self, write: Write) -> Result<(), PortError> {
        self.store.commit(write).await.map(drop).map_err(not_written)
    }
}

/// `evt_…` of this endpoint.
fn key(endpoint: WebhookId, message: &str) -> Option<DeliveryKey> {
    let message: EventId = message.parse().ok()?;
    Some(DeliveryKey { endpoint: endpoint.uuid(), message: message.uuid() })
}
