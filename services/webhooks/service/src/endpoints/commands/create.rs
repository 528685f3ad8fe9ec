use grantor_eventsourcing::Meta;
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{AdminError, NewWebhook, WebhookSecret, WebhookView};
use grantor_webhooks_domain::{
    Rate,
    endpoint::{CreateEndpoint, Creation, Listener, Settings},
};

use super::{
    super::{Endpoints, offered, rows, views},
    FreshKey,
};

/// How many endpoints a client, or a tenant itself, has at most.
const MAX_ENDPOINTS: usize = 20;

impl Endpoints {
    /// Makes an endpoint, with its first key.
    pub(in crate::endpoints) async fn create(
        &self,
        tenant: TenantId,
        wanted: NewWebhook,
        meta: &Meta,
    ) -> Result<(WebhookView, WebhookSecret), AdminError> {
        let view = self.tenant(tenant).await?;
        let listener = match wanted.client_id {
            None => None,
            Some(client_id) => {
                let client = self.tenants.client(tenant, &client_id).await?;
                let client = client.ok_or_else(|| AdminError::invalid("/client_id", "there is no such client"))?;
                Some(Listener { key: client.key, client_id })
            }
        };
        let owner = listener.as_ref().map(|listener| listener.key);
        if self.ids_of(tenant, owner).await?.len() >= MAX_ENDPOINTS {
            return Err(AdminError::Conflict(format!("there are {MAX_ENDPOINTS} endpoints already")));
        }
        let id = WebhookId::from_uuid(self.store.event_id().uuid());
        let now = self.clock.now(tenant);
        let FreshKey { shown, kept, sealed } = self.fresh_key(tenant, id, now).await?;
        let settings = Settings {
            url: wanted.url,
            description: wanted.description,
            events: wanted.events,
            format: views::format(wanted.format),
            signing: views::signing(wanted.signing),
            rate: Rate::per_second(wanted.max_per_second),
        };
        let events = offered(&view);
        let command = CreateEndpoint {
            creation: Creation { listener, settings, key: kept, created_at: now },
            limits: self.limits(&view, &events),
        };
        let rows = |_: &_| vec![rows::of(tenant, id, owner), rows::key(tenant, id, &shown.id, sealed.clone())];
        let done = self.on(tenant, id, meta, |state| CreateEndpoint::decide(state, &command), rows).await?;
        let record = done.state.record().ok_or(AdminError::NotFound("webhook"))?;
        Ok((views::view(id, record, done.version, now), shown))
    }
}
