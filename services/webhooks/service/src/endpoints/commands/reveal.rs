use grantor_eventsourcing::Meta;
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{AdminError, WebhookSecret};
use grantor_webhooks_domain::endpoint::RevealKey;

use super::{super::Endpoints, shown};

impl Endpoints {
    /// The newest key once more; the event is there before the key is shown.
    pub(in crate::endpoints) async fn reveal(
        &self,
        tenant: TenantId,
        id: WebhookId,
        meta: &Meta,
    ) -> Result<WebhookSecret, AdminError> {
        let done = self.on(tenant, id, meta, |state| RevealKey::decide(state, &RevealKey), |_| Vec::new()).await?;
        let newest = done.state.record().and_then(|record| record.keys.first());
        let name = newest.map(|key| key.id.clone()).ok_or(AdminError::NotFound("webhook"))?;
        let key = self.signing_key(tenant, id, &name).await?.ok_or(AdminError::NotFound("secret"))?;
        Ok(shown(&name, &key))
    }
}
