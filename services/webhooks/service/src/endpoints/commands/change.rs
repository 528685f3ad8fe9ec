use grantor_eventsourcing::Meta;
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{AdminError, WebhookChange, WebhookView};
use grantor_webhooks_domain::{
    Rate,
    endpoint::{ChangeEndpoint, Endpoint, Settings},
};

use super::super::{Endpoints, offered, views};

impl Endpoints {
    /// Changes an endpoint's settings.
    pub(in crate::endpoints) async fn change(
        &self,
        tenant: TenantId,
        id: WebhookId,
        change: WebhookChange,
        meta: &Meta,
    ) -> Result<WebhookView, AdminError> {
        let view = self.tenant(tenant).await?;
        let events = offered(&view);
        let decide = |state: &Endpoint| {
            let settings = state.record().map(|record| record.settings.clone()).unwrap_or_default();
            let settings = patched(settings, &change);
            ChangeEndpoint::decide(state, &ChangeEndpoint { settings, limits: self.limits(&view, &events) })
        };
        let done = self.on(tenant, id, meta, decide, |_| Vec::new()).await?;
        let record = done.state.record().ok_or(AdminError::NotFound("webhook"))?;
        Ok(views::view(id, record, done.version, self.clock.now(tenant)))
    }
}

fn patched(old: Settings, change: &WebhookChange) -> Settings {
    Settings {
        url: change.url.clone().unwrap_or(old.url),
        description: change.description.clone().unwrap_or(old.description),
        events: change.events.clone().unwrap_or(old.events),
        format: change.format.map_or(old.format, views::format),
        signing: change.signing.map_or(old.signing, views::signing),
        rate: change.max_per_second.map_or(old.rate, Rate::per_second),
    }
}
