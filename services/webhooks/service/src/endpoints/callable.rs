//! What has to be known of an endpoint to call it.

use grantor_eventsourcing::Timestamp;
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::PortError;
use grantor_webhooks_domain::{
    Rate,
    endpoint::{Key, Record},
    signature::SigningKey,
};

use super::Endpoints;

/// An endpoint, with its keys opened.
pub(crate) struct Callable {
    pub record: Record,
    /// How fast it is called.
    pub rate: Option<Rate>,
    /// Newest first.
    keys: Vec<(Key, SigningKey)>,
}

impl Callable {
    /// The keys that sign at this instant of the tenant's clock, newest first.
    pub fn keys(&self, now: Timestamp) -> impl Iterator<Item = &SigningKey> + Clone {
        self.keys.iter().filter(move |(key, _)| key.is_live(now)).map(|(_, opened)| opened)
    }
}

impl Endpoints {
    /// `None` when there is no such endpoint.
    pub(crate) async fn callable(&self, tenant: TenantId, id: WebhookId) -> Result<Option<Callable>, PortError> {
        let Some(record) = self.record(tenant, id).await? else { return Ok(None) };
        let mut keys = Vec::new();
        for key in record.live_keys(self.clock.now(tenant)) {
            let opened = self.signing_key(tenant, id, &key.id).await?;
            keys.extend(opened.map(|opened| (key.clone(), opened)));
        }
        Ok(Some(Callable { rate: self.rate_of(&record), record, keys }))
    }
}
