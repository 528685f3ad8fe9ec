//! Lists for pages and the admin API, fed by this service's own log. Never on a request's way:
//! point reads go to the streams.

use async_trait::async_trait;
use grantor_bus::{Consumer, HandleError};
use grantor_eventsourcing::{Actor, AggregateType, Envelope, Timestamp};
use grantor_ids::{ClientKey, TenantId, UserId};
use grantor_ports::{ClientState, ClientView, Page, PageOf, TenantFigures, TenantView};
use grantor_registry_domain::{client::Client, tenant::Tenant};
use grantor_store::{ListChange, Log, Store, StoreError, Write};
use serde::{Deserialize, Serialize};
use serde_json::{from_slice, to_vec};

use crate::{
    SERVICE,
    publish::EVENT_TYPES,
    rows::EVERYWHERE,
    views::{client_view, tenant_view},
};

const NAME: &str = "registry.lists";
/// Every tenant, by slug.
const TENANTS: &str = "tenants";
/// A tenant's clients, newest first.
const CLIENTS: &str = "clients";
/// The same, by state.
const CLIENTS_BY_STATE: &str = "clients_by_state";
/// The same, by developer.
const CLIENTS_BY_DEVELOPER: &str = "clients_by_developer";

/// What each member of a tenant's staff did, newest first.
const HISTORY: &str = "staff_history";

/// One thing that a member of the staff did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Done {
    /// When, by the tenant's clock.
    pub at: Timestamp,
    /// The event's type.
    pub event: String,
    /// The client's id, where it was about one.
    pub about: String,
}

/// How many clients a tenant has, once what was written before has been read.
pub(crate) async fn tenant_figures(store: &Store, tenant: TenantId) -> Result<TenantFigures, StoreError> {
    store.wait_until_read(NAME, SERVICE, Log::Events).await;
    Ok(TenantFigures {
        clients: store.count(tenant, CLIENTS, "").await?,
        waiting: store.count(tenant, CLIENTS_BY_STATE, word(&ClientState::Pending)).await?,
    })
}

/// Keeps the lists. Each event puts the stream's state of now in its place, so that old, late
/// and repeated events change nothing.
pub(crate) struct Lists {
    store: Store,
}

impl Lists {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    async fn tenant(&self, event: &Envelope) -> Result<Write, HandleError> {
        let loaded = self.store.load::<Tenant>(event.tenant, event.aggregate_id).await.map_err(again)?;
        let view = tenant_view(event.tenant, &loaded.state, loaded.version);
        let put = view.map(|view| ListChange::Put {
            tenant: EVERYWHERE,
            list: TENANTS,
            owner: String::new(),
            sort: view.slug.clone(),
            id: view.id.to_string(),
            version: view.version,
            data: to_vec(&view).unwrap_or_default(),
        });
        Ok(Write { lists: put.into_iter().collect(), ..Write::default() })
    }

    async fn client(&self, event: &Envelope) -> Result<Write, HandleError> {
        let key = ClientKey::from_uuid(event.aggregate_id);
        let loaded = self.store.load::<Client>(event.tenant, event.aggregate_id).await.map_err(again)?;
        let lists = match client_view(event.tenant, key, &loaded.state, loaded.version) {
            Some(view) => entries(&view),
            None => [CLIENTS, CLIENTS_BY_STATE, CLIENTS_BY_DEVELOPER]
                .map(|list| ListChange::Remove { tenant: event.tenant, list, id: key.to_string() })
                .into(),
        };
        Ok(Write { lists, ..Write::default() })
    }
}

impl Lists {
    /// What was done by somebody who belongs to the staff now.
    async fn history(&self, event: &Envelope) -> Result<Option<ListChange>, HandleError> {
        let Actor::User(user) = event.meta.actor else { return Ok(None) };
        let tenant = self.store.load::<Tenant>(event.tenant, event.tenant.uuid()).await.map_err(again)?;
        if !tenant.state.record().is_some_and(|record| record.team.contains_key(&user)) {
            return Ok(None);
        }
        let about = match event.aggregate_type {
            AggregateType::Client => {
                let client = self.store.load::<Client>(event.tenant, event.aggregate_id).await.map_err(again)?;
                client.state.record().map(|record| record.client_id.clone()).unwrap_or_default()
            }
            _ => String::new(),
        };
        let done = Done { at: event.occurred_at, event: event.event_type.clone(), about };
        let id = event.event_id.uuid();
        Ok(Some(ListChange::Put {
            tenant: event.tenant,
            list: HISTORY,
            owner: user.to_string(),
            sort: format!("{:020}-{:032x}", i64::MAX - event.occurred_at.timestamp_millis(), !id.as_u128()),
            id: id.to_string(),
            version: 1,
            data: to_vec(&done).unwrap_or_default(),
        }))
    }
}

fn again(error: StoreError) -> HandleError {
    HandleError::Again(error.to_string())
}

fn entries(view: &ClientView) -> Vec<ListChange> {
    let data = to_vec(view).unwrap_or_default();
    let put = |list, owner: String| ListChange::Put {
        tenant: view.tenant,
        list,
        owner,
        sort: newest_first(view.created_at, view.key),
        id: view.key.to_string(),
        version: view.version,
        data: data.clone(),
    };
    let mut entries = vec![put(CLIENTS, String::new()), put(CLIENTS_BY_STATE, word(&view.state).to_owned())];
    entries.extend(view.contact.map(|user| put(CLIENTS_BY_DEVELOPER, user.to_string())));
    entries
}

const fn word(state: &ClientState) -> &'static str {
    match state {
        ClientState::Draft => "draft",
        ClientState::Pending => "pending",
        ClientState::Approved => "approved",
        ClientState::Rejected { .. } => "rejected",
        ClientState::Suspended { .. } => "suspended",
    }
}

/// Lists are read in ascending order, so the sort key falls as time rises.
fn newest_first(created_at: Timestamp, key: ClientKey) -> String {
    format!("{:020}-{:032x}", i64::MAX - created_at.timestamp_millis(), !key.uuid().as_u128())
}

#[async_trait]
impl Consumer for Lists {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wants(&self, event_type: &str) -> bool {
        EVENT_TYPES.contains(&event_type)
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        let mut write = match event.aggregate_type {
            AggregateType::Tenant => self.tenant(event).await?,
            AggregateType::Client => self.client(event).await?,
            _ => return Ok(Write::default()),
        };
        write.lists.extend(self.history(event).await?);
        Ok(write)
    }
}

/// One page of all tenants.
pub(crate) async fn tenants(store: &Store, page: Page) -> Result<PageOf<TenantView>, StoreError> {
    read(store, EVERYWHERE, TENANTS, "", page).await
}

/// One page of a tenant's clients.
pub(crate) async fn clients(
    store: &Store,
    tenant: TenantId,
    state: Option<&str>,
    page: Page,
) -> Result<PageOf<ClientView>, StoreError> {
    match state {
        Some(state) => read(store, tenant, CLIENTS_BY_STATE, state, page).await,
        None => read(store, tenant, CLIENTS, "", page).await,
    }
}

/// One page of what a member of the staff did.
pub(crate) async fn history_of(
    store: &Store,
    tenant: TenantId,
    member: UserId,
    page: Page,
) -> Result<PageOf<Done>, StoreError> {
    read(store, tenant, HISTORY, &member.to_string(), page).await
}

/// One page of a developer's clients.
pub(crate) async fn clients_of(
    store: &Store,
    tenant: TenantId,
    developer: UserId,
    page: Page,
) -> Result<PageOf<ClientView>, StoreError> {
    read(store, tenant, CLIENTS_BY_DEVELOPER, &developer.to_string(), page).await
}

async fn read<T: serde::de::DeserializeOwned>(
    store: &Store,
    tenant: TenantId,
    list: &'static str,
    owner: &str,
    page: Page,
) -> Result<PageOf<T>, StoreError> {
    read_from(store, NAME, tenant, list, owner, page).await
}

/// Reads a list once its reader shows everything that was written before it was asked for.
pub(crate) async fn read_from<T: serde::de::DeserializeOwned>(
    store: &Store,
    reader: &'static str,
    tenant: TenantId,
    list: &'static str,
    owner: &str,
    page: Page,
) -> Result<PageOf<T>, StoreError> {
    if !store.wait_until_read(reader, SERVICE, Log::Events).await {
        tracing::warn!(list, "a list is behind its log");
    }
    let limit = page.limit.clamp(1, 200);
    let mut rows = store.list(tenant, list, owner, page.after.as_deref(), limit + 1).await?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = if more { rows.last().map(|(_, cursor)| cursor.clone()) } else { None };
    let items = rows.iter().map(|(data, _)| from_slice(data)).collect::<Result<_, _>>().map_err(|cause| {
        tracing::error!(list, %cause, "a list row cannot be read");
        StoreError::Failed
    })?;
    Ok(PageOf { items, next })
}
