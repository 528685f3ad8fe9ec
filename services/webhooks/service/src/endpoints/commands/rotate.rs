use chrono::TimeDelta;
use grantor_eventsourcing::{Aggregate, Meta};
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{AdminError, WebhookSecret};
use grantor_store::RowChange;
use grantor_webhooks_domain::endpoint::{DEFAULT_OVERLAP, Endpoint, Event, MAX_OVERLAP, RotateKey};

use super::{
    super::{Endpoints, rows},
    FreshKey,
};

impl Endpoints {
    /// A new key, in clear for this one time. Rows of keys that sign no more go with it.
    pub(in crate::endpoints) async fn rotate(
        &self,
        tenant: TenantId,
        id: WebhookId,
        overlap_seconds: Option<u64>,
        meta: &Meta,
    ) -> Result<WebhookSecret, AdminError> {
        self.tenant(tenant).await?;
        if self.record(tenant, id).await?.is_none() {
            return Err(AdminError::NotFound("webhook"));
        }
        let too_long = MAX_OVERLAP + TimeDelta::seconds(1);
        let overlap = overlap_seconds.map_or(DEFAULT_OVERLAP, |seconds| {
            i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds).unwrap_or(too_long)
        });
        let FreshKey { shown, kept, sealed } = self.fresh_key(tenant, id, self.clock.now(tenant)).await?;
        let previous_ends_at = kept.created_at + overlap.min(too_long);
        let command = RotateKey { key: kept, overlap };
        let rows = |state: &Endpoint| -> Vec<RowChange> {
            let event = Event::KeyRotated { key: command.key.clone(), previous_ends_at };
            let after = state.clone().evolve(&event);
            let stays = |id: &str| after.record().is_some_and(|record| record.keys.iter().any(|key| key.id == id));
            let before = state.record().map(|record| record.keys.clone()).unwrap_or_default();
            let gone = before.iter().filter(|key| !stays(&key.id)).map(|key| rows::no_key(tenant, id, &key.id));
            gone.chain([rows::key(tenant, id, &shown.id, sealed.clone())]).collect()
        };
        self.on(tenant, id, meta, |state| RotateKey::decide(state, &command), rows).await?;
        Ok(shown)
    }
}
