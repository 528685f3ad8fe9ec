//! What events do not say themselves: whose a grant is, with whom a person has grants, what has
//! happened to a person, and what a client is called.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::TimeDelta;
use grantor_bus::HandleError;
use grantor_contracts::{
    Message,
    registry::v1::ClientRegistered,
    token::v1::{AuthorizationCreated, AuthorizationOpened},
};
use grantor_eventsourcing::{AggregateType, Envelope, Meta, Position, Timestamp, Version};
use grantor_ids::{ClientKey, EventId, TenantId, UserId};
use grantor_ports::Registry;
use grantor_store::{OnTaken, RowChange, RowKey, Store};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{again, away, recent::Recent};

/// Grant → [`Grant`]; leads to its user.
const GRANT: &str = "grant_of";
/// Event → [`Happened`]; leads to the person it was about.
const HAPPENED: &str = "happened_to";
/// Client → its id on the wire.
const CLIENT: &str = "client_id_of";

const CREATED: &str = "oauth.authorization.created";
const OPENED: &str = "oauth.authorization.opened";
const ENDED: [&str; 2] = ["oauth.authorization.revoked", "oauth.authorization.expired"];
const REGISTERED: &str = "oauth.client.registered";
/// Its endpoints go with it.
pub(super) const CLIENT_DELETED: &str = "oauth.client.deleted";
/// A grant that has ended is remembered for so long, and what happened to a person: logs are followed
/// side by side, and the other one may come later.
const REMEMBER: TimeDelta = TimeDelta::days(7);

/// Whose a grant is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Grant {
    pub client: ClientKey,
    pub client_id: String,
    pub user: UserId,
    pub ended_at: Option<Timestamp>,
}

/// What happened to a person, for clients whose grants are heard of afterwards.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Happened {
    id: EventId,
    event: String,
    version: Version,
    at: Timestamp,
    recorded_at: Timestamp,
    meta: Meta,
}

/// What had happened to the person of a new grant, as it was written when that was asked for.
pub(super) struct Past {
    /// What was learned later is in memory.
    so_far: u64,
    /// Key and data.
    rows: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Whether a grant begins.
pub(super) fn begins(kind: &str) -> bool {
    kind == CREATED || kind == OPENED
}

/// Whether it is learned from.
pub(super) fn wants(kind: &str) -> bool {
    kind == REGISTERED || kind == CLIENT_DELETED
}

pub(super) struct Known {
    store: Store,
    recent: Recent,
    tenants: Arc<dyn Registry>,
}

impl Known {
    pub fn new(store: Store, tenants: Arc<dyn Registry>) -> Self {
        Self { store, recent: Recent::default(), tenants }
    }

    /// What an event teaches: rows to be written, which are known from now on. Learning it twice is
    /// learning it once.
    pub async fn learn(&self, event: &Envelope) -> Result<Vec<RowChange>, HandleError> {
        let rows = self.taught_by(event).await?;
        self.recent.learn(&rows);
        Ok(rows)
    }

    async fn taught_by(&self, event: &Envelope) -> Result<Vec<RowChange>, HandleError> {
        let row = match event.event_type.as_str() {
            CREATED | OPENED => {
                let created = created(event)?;
                let grant = Grant {
                    client: ClientKey::from_uuid(uuid(&created.client_key)?),
                    client_id: created.client_id,
                    user: UserId::from_uuid(uuid(&created.user_id)?),
                    ended_at: None,
                };
                row_of(event, &grant, None, OnTaken::Keep)
            }
            kind if ENDED.contains(&kind) => {
                let Some(grant) = self.grant(event.tenant, event.aggregate_id).await? else { return Ok(Vec::new()) };
                let ended = Grant { ended_at: Some(grant.ended_at.unwrap_or(event.occurred_at)), ..grant };
                let until = self.store.clock().real() + REMEMBER;
                row_of(event, &ended, Some(until), OnTaken::Replace)
            }
            REGISTERED => {
                let registered = ClientRegistered::decode(event.payload.clone()).map_err(poison)?;
                RowChange::Insert {
                    key: RowKey::new(event.tenant, CLIENT, *event.aggregate_id.as_bytes()),
                    aggregate: None,
                    data: registered.client_id.into_bytes(),
                    expires_at: None,
                    on_taken: OnTaken::Keep,
                }
            }
            _ => return Ok(Vec::new()),
        };
        Ok(vec![row])
    }

    /// Whose this grant is.
    pub async fn grant(&self, tenant: TenantId, grant: Uuid) -> Result<Option<Grant>, HandleError> {
        let data = self.row(tenant, GRANT, grant).await?;
        Ok(data.and_then(|data| serde_json::from_slice(&data).ok()))
    }

    async fn row(&self, tenant: TenantId, kind: &'static str, id: Uuid) -> Result<Option<Vec<u8>>, HandleError> {
        if let Some(data) = self.recent.row(tenant, kind, id.as_bytes()) {
            return Ok(Some(data));
        }
        let row = self.store.row(tenant, kind, id.as_bytes()).await.map_err(again)?;
        Ok(row.map(|row| row.data))
    }

    /// The clients that had a grant of this person at that moment.
    pub async fn clients_of(&self, tenant: TenantId, user: Uuid, at: Timestamp) -> Result<Vec<ClientKey>, HandleError> {
        let rows = self.rows_of(tenant, GRANT, user).await?;
        let grants = rows.into_iter().filter_map(|data| serde_json::from_slice::<Grant>(&data).ok());
        let lived = grants.filter(|grant| grant.ended_at.is_none_or(|end| end >= at));
        let mut clients: Vec<_> = lived.map(|grant| grant.client).collect();
        clients.sort();
        clients.dedup();
        Ok(clients)
    }

    /// The row that remembers what happened to a person; known from now on.
    pub fn keep(&self, event: &Envelope) -> RowChange {
        let happened = Happened {
            id: event.event_id,
            event: event.event_type.clone(),
            version: event.version,
            at: event.occurred_at,
            recorded_at: event.recorded_at,
            meta: event.meta.clone(),
        };
        let row = RowChange::Insert {
            key: RowKey::new(event.tenant, HAPPENED, *event.event_id.uuid().as_bytes()),
            aggregate: Some(event.aggregate_id),
            data: serde_json::to_vec(&happened).unwrap_or_default(),
            expires_at: Some(self.store.clock().real() + REMEMBER),
            on_taken: OnTaken::Keep,
        };
        self.recent.learn(std::slice::from_ref(&row));
        row
    }

    /// What is written of the persons of these new grants, asked for once for all of them; by the grant's
    /// event. What cannot be read is left out.
    pub async fn pasts_of(&self, grants: impl Iterator<Item = &Envelope>) -> HashMap<EventId, Past> {
        let so_far = self.recent.so_far();
        let of = |grant: &Envelope| Some((grant.event_id, (grant.tenant, uuid(&created(grant).ok()?.user_id).ok()?)));
        let grants: Vec<_> = grants.filter_map(of).collect();
        let people: Vec<_> = grants.iter().map(|(_, person)| *person).collect();
        let Ok(found) = self.store.rows_of_each(HAPPENED, &people).await else { return HashMap::new() };
        let mut rows: HashMap<_, Vec<_>> = HashMap::new();
        for (tenant, row) in found {
            let person = row.aggregate.map(|person| (tenant, person));
            rows.entry(person).or_default().push((row.key, row.data));
        }
        let past =
            |(grant, person)| (grant, Past { so_far, rows: rows.get(&Some(person)).cloned().unwrap_or_default() });
        grants.into_iter().map(past).collect()
    }

    /// What happened to the person of this new grant after it was given, and was heard of before it.
    pub async fn happened_to(&self, grant: &Envelope, past: Option<Past>) -> Result<Vec<Envelope>, HandleError> {
        let user = uuid(&created(grant)?.user_id)?;
        // Both the person's event and the grant are learned before the other is looked for. What was read
        // earlier is as good as long as memory holds everything since.
        let rows = match past.filter(|past| self.recent.remembers_all_after(past.so_far)) {
            Some(past) => self.with_recent(past.rows, grant.tenant, HAPPENED, user),
            None => self.rows_of(grant.tenant, HAPPENED, user).await?,
        };
        let happened = rows.into_iter().filter_map(|data| serde_json::from_slice::<Happened>(&data).ok());
        let after = happened.filter(|happened| happened.at >= grant.occurred_at);
        let event = |Happened { id, event, version, at, recorded_at, meta }| Envelope {
            position: Position::START,
            event_id: id,
            event_type: event,
            schema_version: 1,
            tenant: grant.tenant,
            aggregate_type: AggregateType::User,
            aggregate_id: user,
            version,
            occurred_at: at,
            recorded_at,
            meta,
            payload: Default::default(),
        };
        Ok(after.map(event).collect())
    }

    /// The data of rows that lead to a stream, whether they are written or not.
    async fn rows_of(&self, tenant: TenantId, kind: &'static str, stream: Uuid) -> Result<Vec<Vec<u8>>, HandleError> {
        let written = self.store.rows_of(tenant, kind, stream).await.map_err(again)?;
        let written = written.into_iter().map(|row| (row.key, row.data)).collect();
        Ok(self.with_recent(written, tenant, kind, stream))
    }

    fn with_recent(
        &self,
        written: Vec<(Vec<u8>, Vec<u8>)>,
        tenant: TenantId,
        kind: &'static str,
        stream: Uuid,
    ) -> Vec<Vec<u8>> {
        let mut rows: BTreeMap<_, _> = written.into_iter().collect();
        rows.extend(self.recent.rows_of(tenant, kind, stream));
        rows.into_values().collect()
    }

    /// What a client is called on the wire.
    pub async fn client_id(&self, tenant: TenantId, client: Uuid) -> Result<Option<String>, HandleError> {
        let data = self.row(tenant, CLIENT, client).await?;
        Ok(data.and_then(|data| String::from_utf8(data).ok()))
    }

    /// The client that is called so on the wire.
    pub async fn client(&self, tenant: TenantId, client_id: &str) -> Result<Option<ClientKey>, HandleError> {
        Ok(self.tenants.client(tenant, client_id).await.map_err(away)?.map(|client| client.key))
    }
}

fn row_of(event: &Envelope, grant: &Grant, expires_at: Option<Timestamp>, on_taken: OnTaken) -> RowChange {
    RowChange::Insert {
        key: RowKey::new(event.tenant, GRANT, *event.aggregate_id.as_bytes()),
        aggregate: Some(grant.user.uuid()),
        data: serde_json::to_vec(grant).unwrap_or_default(),
        expires_at,
        on_taken,
    }
}

/// Both ways a grant begins.
pub(super) fn created(event: &Envelope) -> Result<AuthorizationCreated, HandleError> {
    if event.event_type == CREATED {
        return AuthorizationCreated::decode(event.payload.clone()).map_err(poison);
    }
    let opened = AuthorizationOpened::decode(event.payload.clone()).map_err(poison)?;
    opened.authorization.ok_or_else(|| HandleError::Poison("a grant without what was granted".into()))
}

pub(super) fn uuid(bytes: &[u8]) -> Result<Uuid, HandleError> {
    Uuid::from_slice(bytes).map_err(|_| HandleError::Poison("an id has another length".into()))
}

pub(super) fn poison(cause: impl std::fmt::Display) -> HandleError {
    HandleError::Poison(format!("cannot be read: {cause}"))
}
