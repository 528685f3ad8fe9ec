//! Endpoints: where partners and tenants are told what happens. Answers the port
//! [`grantor_ports::Webhooks`]; says to the rest of the service who hears what, and with which
//! keys it is signed.

mod callable;
mod commands;
mod directory;
mod ports;
mod publish;
mod rows;
mod views;

use std::{collections::HashMap, sync::Arc};

use grantor_eventsourcing::Meta;
use grantor_ids::{ClientKey, TenantId, WebhookId};
use grantor_keyring::Keyring;
use grantor_ports::{AdminError, Clock, Entropy, PortError, Registry, TenantView, WebhookCommand};
use grantor_store::{CommitError, Done, Loaded, RowChange, Step, Store, StoreError};
use grantor_webhooks_domain::{
    EVENT_TYPES, Rate,
    endpoint::{Endpoint, Limits, Record, Refusal, Verdict, Where},
    signature::SigningKey,
};
use uuid::Uuid;

pub(crate) use callable::Callable;
pub(crate) use directory::Directory;
pub use publish::{ENDPOINT_EVENTS, EndpointCodec};
pub(crate) use rows::row_of;

/// The endpoints of every tenant.
pub struct Endpoints {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    keys: Keyring,
    tenants: Arc<dyn Registry>,
    /// No endpoint is called faster.
    fastest: Option<Rate>,
    directories: directory::Directories,
}

/// Somebody who hears of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hearer {
    /// The endpoint.
    pub id: WebhookId,
    /// What is known of it; it may be paused or disabled.
    pub record: Record,
}

impl Endpoints {
    /// Puts them together.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        keys: Keyring,
        tenants: Arc<dyn Registry>,
        fastest: Option<Rate>,
    ) -> Arc<Self> {
        Arc::new(Self { store, clock, entropy, keys, tenants, fastest, directories: Default::default() })
    }

    /// Who hears of an event of these clients: their own endpoints and the tenant's, paused and disabled
    /// ones as well.
    pub async fn hearers(
        &self,
        tenant: TenantId,
        clients: &[ClientKey],
        event: &str,
    ) -> Result<Vec<Arc<Hearer>>, StoreError> {
        Ok(self.directory(tenant).await?.hearers(clients, event))
    }

    /// The endpoints of a tenant as they are now.
    pub(crate) async fn directory(&self, tenant: TenantId) -> Result<Arc<Directory>, StoreError> {
        Ok(self.directories_of(&[tenant]).await?.remove(&tenant).unwrap_or_default())
    }

    /// The same, of several tenants, each named once.
    pub(crate) async fn directories_of(
        &self,
        tenants: &[TenantId],
    ) -> Result<HashMap<TenantId, Arc<Directory>>, StoreError> {
        self.directories.of(&self.store, tenants).await
    }

    /// The endpoints of a client go with it; again when some are gone is no error.
    pub async fn delete_all_of(&self, tenant: TenantId, client: ClientKey, meta: &Meta) -> Result<(), AdminError> {
        for id in self.ids_of(tenant, Some(client)).await? {
            match self.command(tenant, id, WebhookCommand::Delete, meta).await {
                Ok(_) | Err(AdminError::NotFound(_)) => {}
                Err(cause) => return Err(cause),
            }
        }
        Ok(())
    }

    /// What is known of an endpoint now.
    pub async fn record(&self, tenant: TenantId, id: WebhookId) -> Result<Option<Record>, StoreError> {
        let loaded: Loaded<Endpoint> = self.store.load(tenant, id.uuid()).await?;
        Ok(loaded.state.record().cloned())
    }

    /// The keys that sign for an endpoint at this moment, newest first.
    pub async fn signing_keys(&self, tenant: TenantId, id: WebhookId) -> Result<Vec<SigningKey>, PortError> {
        let Some(record) = self.record(tenant, id).await? else { return Ok(Vec::new()) };
        let mut keys = Vec::new();
        for key in record.live_keys(self.clock.now(tenant)) {
            keys.extend(self.signing_key(tenant, id, &key.id).await?);
        }
        Ok(keys)
    }

    async fn signing_key(&self, tenant: TenantId, id: WebhookId, key: &str) -> Result<Option<SigningKey>, PortError> {
        let row = rows::of_key(id, key);
        let Some(found) = self.store.row(tenant, rows::KEY, &row).await? else { return Ok(None) };
        let plain = self.keys.of(tenant).await?.open(rows::KEY, &row, &found.data)?;
        Ok(SigningKey::from_bytes(&plain).ok())
    }

    /// The endpoints of a client, or those that hear of a whole tenant.
    async fn ids_of(&self, tenant: TenantId, client: Option<ClientKey>) -> Result<Vec<WebhookId>, StoreError> {
        let owner = client.map_or(Uuid::nil(), ClientKey::uuid);
        let rows = self.store.rows_of(tenant, rows::OF, owner).await?;
        Ok(rows.into_iter().filter_map(|row| rows::endpoint(&row.key)).collect())
    }

    /// Disables an endpoint that is gone or has answered nothing good for days.
    pub async fn disable(&self, tenant: TenantId, id: WebhookId, reason: &str, meta: &Meta) -> Result<(), AdminError> {
        let command = grantor_webhooks_domain::endpoint::DisableEndpoint { reason: reason.to_owned() };
        self.on(
            tenant,
            id,
            meta,
            |state| grantor_webhooks_domain::endpoint::DisableEndpoint::decide(state, &command),
            |_| Vec::new(),
        )
        .await
        .map(drop)
    }

    /// Runs a rule on one endpoint; `rows` go with its events.
    async fn on(
        &self,
        tenant: TenantId,
        id: WebhookId,
        meta: &Meta,
        mut decide: impl FnMut(&Endpoint) -> Verdict + Send,
        rows: impl Fn(&Endpoint) -> Vec<RowChange> + Send + Sync,
    ) -> Result<Done<(), Refusal, Endpoint>, AdminError> {
        let now = self.clock.now(tenant);
        let done = self
            .store
            .execute::<EndpointCodec, _, _>(tenant, id.uuid(), meta, now, |loaded| {
                let verdict = decide(&loaded.state);
                let rows = if verdict.events.is_empty() { Vec::new() } else { rows(&loaded.state) };
                Step::from(verdict).rows(rows)
            })
            .await
            .map_err(|error| match error {
                CommitError::Store(error) => AdminError::from(error),
                CommitError::Conflict | CommitError::Taken(_) => StoreError::Contended.into(),
            })?;
        let Done { outcome, state, version, position } = done;
        outcome.map_err(refused)?;
        Ok(Done { outcome: Ok(()), state, version, position })
    }

    /// How fast this endpoint is called: as it says, within what there is for all.
    pub(crate) fn rate_of(&self, record: &Record) -> Option<Rate> {
        let both = record.settings.rate.into_iter().chain(self.fastest);
        both.min()
    }

    fn limits<'a>(&self, tenant: &TenantView, events: &'a [&'a str]) -> Limits<'a> {
        let place = if tenant.kind.is_for_tests() { Where::Tests } else { Where::Internet };
        Limits { place, events, rate: self.fastest.unwrap_or(Rate::HIGHEST) }
    }

    async fn tenant(&self, tenant: TenantId) -> Result<Arc<TenantView>, AdminError> {
        let view = self.tenants.tenant(tenant).await?.ok_or(AdminError::NotFound("tenant"))?;
        view.tell(self.clock.as_ref());
        Ok(view)
    }
}

/// The events that a tenant's endpoints can ask for.
fn offered(tenant: &TenantView) -> Vec<&'static str> {
    EVENT_TYPES.iter().map(|known| known.name).filter(|name| tenant.profile.webhooks.offers(name)).collect()
}

fn refused(refusal: Refusal) -> AdminError {
    match refusal {
        Refusal::Unknown => AdminError::NotFound("webhook"),
        Refusal::Settings(flaw) => AdminError::invalid(flaw.pointer(), flaw.to_string()),
        Refusal::Overlap => AdminError::invalid("/overlap_seconds", refusal.to_string()),
        Refusal::Exists | Refusal::Disabled => AdminError::Conflict(refusal.to_string()),
    }
}
