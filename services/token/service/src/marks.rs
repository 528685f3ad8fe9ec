//! Mass revocation: one row per tenant and one per user whose revision counts, and which says
//! below which count everything (or everything of one client) is dead.
//!
//! Grants and tokens carry the counts that stood when they were made. Counters instead of
//! instants: a clock that was wrong when a grant was made cannot save it from a revocation.

use std::collections::BTreeMap;

use futures_util::future::try_join;
use grantor_ids::{ClientKey, TenantId, UserId};
use grantor_ports::PortError;
use grantor_store::{CommitError, OnTaken, RowChange, RowKey, Store, StoreError, Write};
use grantor_token_domain::Marks;
use serde::{Deserialize, Serialize};

/// Row kind.
const NOT_BEFORE: &str = "not_before";
/// Key of the tenant's row; a user's is the 16 bytes of their id.
const TENANT: &[u8] = b"tenant";
const TRIES: u32 = 5;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Least {
    #[serde(default)]
    all: u64,
    #[serde(default)]
    clients: BTreeMap<ClientKey, u64>,
}

impl Least {
    fn of(&self, client: ClientKey) -> u64 {
        self.all.max(self.clients.get(&client).copied().unwrap_or(0))
    }
}

/// Whose grants a mass revocation ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject {
    /// A user's.
    User(UserId),
    /// A user's to one client.
    UserAndClient(UserId, ClientKey),
    /// A client's.
    Client(ClientKey),
}

#[derive(Debug, Default)]
struct Counter {
    now: u64,
    least: Least,
}

async fn counter(store: &Store, tenant: TenantId, key: &[u8]) -> Result<Counter, StoreError> {
    let Some(row) = store.steady_row(tenant, NOT_BEFORE, key).await? else { return Ok(Counter::default()) };
    let least = serde_json::from_slice(&row.data).map_err(|cause| {
        tracing::error!(%cause, "a not-before row cannot be read");
        StoreError::Failed
    })?;
    Ok(Counter { now: row.revision, least })
}

async fn counters(store: &Store, tenant: TenantId, user: Option<UserId>) -> Result<(Counter, Counter), StoreError> {
    let users = async {
        match user {
            Some(user) => counter(store, tenant, user.uuid().as_bytes()).await,
            None => Ok(Counter::default()),
        }
    };
    try_join(counter(store, tenant, TENANT), users).await
}

/// The counts that stand now, for what is being made.
pub(crate) async fn current(store: &Store, tenant: TenantId, user: Option<UserId>) -> Result<Marks, StoreError> {
    let (tenants, users) = counters(store, tenant, user).await?;
    Ok(Marks { tenant: tenants.now, user: users.now })
}

/// The counts below which what a user gave to a client is dead.
pub(crate) async fn least(
    store: &Store,
    tenant: TenantId,
    user: Option<UserId>,
    client: ClientKey,
) -> Result<Marks, StoreError> {
    let (tenants, users) = counters(store, tenant, user).await?;
    Ok(Marks { tenant: tenants.least.of(client), user: users.least.of(client) })
}

/// Ends all that a subject has; durable once it returns.
pub(crate) async fn raise(store: &Store, tenant: TenantId, subject: Subject) -> Result<(), PortError> {
    let (key, client) = match subject {
        Subject::User(user) => (user.uuid().as_bytes().to_vec(), None),
        Subject::UserAndClient(user, client) => (user.uuid().as_bytes().to_vec(), Some(client)),
        Subject::Client(client) => (TENANT.to_vec(), Some(client)),
    };
    for _ in 0..TRIES {
        let Counter { now, mut least } = counter(store, tenant, &key).await?;
        match client {
            Some(client) => drop(least.clients.insert(client, now + 1)),
            None => least = Least { all: now + 1, clients: BTreeMap::new() },
        }
        let data = serde_json::to_vec(&least).map_err(|_| PortError::Unavailable)?;
        let key = RowKey::new(tenant, NOT_BEFORE, key.clone());
        let change = if now == 0 {
            RowChange::Insert { key, aggregate: None, data, expires_at: None, on_taken: OnTaken::Refuse }
        } else {
            RowChange::Update { key, expected: now, data, expires_at: None }
        };
        match store.commit(Write { rows: vec![change], ..Write::default() }).await {
            Ok(_) => return Ok(()),
            Err(CommitError::Conflict | CommitError::Taken(_)) => {}
            Err(CommitError::Store(error)) => return Err(error.into()),
        }
    }
    Err(PortError::Busy)
}
