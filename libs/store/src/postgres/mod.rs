//! The store on PostgreSQL: group commit by one writer per process, shared point reads, a cursor
//! that no concurrent transaction can slip behind.
//!
//! Many processes may have one database open. Nothing that a request decides by is cached.

mod apply;
mod connect;
mod deliveries;
mod effects;
mod heads;
mod lead;
mod lock;
mod net;
mod open;
mod plan;
mod point;
mod read;
mod rows;
mod statement;
mod sweep;
mod writer;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use grantor_eventsourcing::{Envelope, Position, Timestamp, Version};
use grantor_ids::TenantId;
use grantor_ports::{Clock, Drilled};
use grantor_telemetry::StoreMetrics;
use sea_orm::{
    DatabaseConnection,
    sqlx::{Error, PgPool},
};
use tokio::{runtime::Handle, sync::watch, task::JoinSet};
use uuid::Uuid;

use self::{
    connect::is_lost,
    heads::Heads,
    lead::Leads,
    point::{CopyOf, RowOf, Shared, StateOf},
};
use crate::{
    CommitError, Committed, Copied, DueTask, Lease, Log, ParkedEvent, Row, StateRow, StoreError, Stretch, Wanted,
    Write, backend::Backend, lists,
};
pub(crate) use connect::Address;
pub(crate) use open::{migrate, pending};

/// How a database is opened.
#[derive(Clone)]
pub struct PostgresOptions {
    /// Its URL, with the user.
    pub url: String,
    /// The user's password, unless the URL has it.
    pub password: Option<String>,
    /// Connections for reading, at most; two more are for the writer and for leads.
    pub connections: u32,
    /// Statements for point reads that may run at once, per kind of read.
    pub readers: usize,
    /// Commands that may wait for the writer.
    pub queue: usize,
    /// Commands per commit, at most.
    pub batch: usize,
    /// Where its commits are counted.
    pub metrics: Option<StoreMetrics>,
    /// Passes the points of writes and claims.
    pub drill: Drilled,
}

impl PostgresOptions {
    /// The defaults for a database.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            password: None,
            connections: 8,
            readers: 1,
            queue: 1024,
            batch: 128,
            metrics: None,
            drill: Drilled::default(),
        }
    }
}

impl fmt::Debug for PostgresOptions {
    /// Without the URL, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresOptions").field("connections", &self.connections).finish_non_exhaustive()
    }
}

/// After a crash of the database every connection of the pool is dead, and each is found by trying.
const DEAD_CONNECTIONS: usize = 16;

/// While nobody here moves a reader, how often to look whether another process has.
const LOOK: Duration = Duration::from_millis(25);

pub(crate) struct Postgres {
    writer: writer::Handle,
    states: Shared<StateOf>,
    rows: Shared<RowOf>,
    copies: Shared<CopyOf>,
    pool: PgPool,
    orm: DatabaseConnection,
    leads: Arc<Leads>,
    heads: Arc<Heads>,
    clock: Arc<dyn Clock>,
    metrics: Option<StoreMetrics>,
    /// Connections belong to the runtime that opened the store; askers may be in another one.
    home: Handle,
    _tasks: JoinSet<()>,
}

impl Postgres {
    /// Runs a read at home; on another connection when the first one turns out to be dead.
    async fn read<T, F>(&self, query: impl Fn(PgPool) -> F + Send + 'static) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let pool = self.pool.clone();
        self.metrics.iter().for_each(|metrics| metrics.statements(1));
        let reading = self.home.spawn(async move {
            for _ in 0..DEAD_CONNECTIONS {
                match query(pool.clone()).await {
                    Err(cause) if is_lost(&cause) && !matches!(cause, Error::PoolTimedOut) => {}
                    other => return other,
                }
            }
            query(pool).await
        });
        reading.await.map_err(|_| StoreError::Failed)?.map_err(|cause| {
            tracing::error!(%cause, "a read failed");
            StoreError::Failed
        })
    }

    async fn row_of(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &[u8],
        aggregate: Option<i16>,
    ) -> Result<Option<(Row, Option<StateRow>)>, StoreError> {
        let now = self.clock.real();
        let found = self.rows.ask(RowOf { tenant: tenant.uuid(), kind, key: key.to_vec(), aggregate }).await?;
        Ok(found.filter(|(row, _)| row.expires_at.is_none_or(|end| now < end)))
    }

    async fn rows_like(
        &self,
        tenant: TenantId,
        kind: &'static str,
        aggregate: Option<Uuid>,
    ) -> Result<Vec<Row>, StoreError> {
        let now = self.clock.real();
        self.read(move |pool| read::rows(pool, tenant, kind, aggregate, now)).await
    }
}

#[async_trait]
impl Backend for Postgres {
    async fn commit(&self, write: Write) -> Result<Committed, CommitError> {
        self.writer.commit(write).await
    }

    async fn state(&self, tenant: TenantId, kind: i16, id: Uuid) -> Result<Option<StateRow>, StoreError> {
        self.states.ask(StateOf(tenant.uuid(), kind, id)).await
    }

    async fn states(&self, tenants: Vec<Uuid>, kind: i16) -> Result<Vec<(TenantId, Uuid, StateRow)>, StoreError> {
        self.read(move |pool| read::states(pool, tenants.clone(), kind)).await
    }

    fn is_alone(&self) -> bool {
        false
    }

    async fn row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError> {
        Ok(self.row_of(tenant, kind, key, None).await?.map(|(row, _)| row))
    }

    async fn steady_row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError> {
        self.row(tenant, kind, key).await
    }

    async fn small_row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError> {
        self.row(tenant, kind, key).await
    }

    async fn row_and_state(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &[u8],
        aggregate: i16,
    ) -> Result<Option<(Row, Option<StateRow>)>, StoreError> {
        self.row_of(tenant, kind, key, Some(aggregate)).await
    }

    async fn next_tenant(&self, from: Uuid) -> Result<Option<Uuid>, StoreError> {
        self.read(move |pool| read::next_tenant(pool, from)).await
    }

    async fn rows_of(&self, tenant: TenantId, kind: &'static str, id: Uuid) -> Result<Vec<Row>, StoreError> {
        self.rows_like(tenant, kind, Some(id)).await
    }

    async fn rows_of_each(
        &self,
        kind: &'static str,
        streams: Vec<(TenantId, Uuid)>,
    ) -> Result<Vec<(TenantId, Row)>, StoreError> {
        let now = self.clock.real();
        self.read(move |pool| read::rows_of_each(pool, kind, streams.clone(), now)).await
    }

    async fn rows(&self, tenant: TenantId, kind: &'static str) -> Result<Vec<Row>, StoreError> {
        self.rows_like(tenant, kind, None).await
    }

    async fn copy(&self, tenant: TenantId, kind: &'static str, key: &str) -> Result<Option<Copied>, StoreError> {
        self.copies.ask(CopyOf { tenant: tenant.uuid(), kind, key: key.to_owned(), known: None }).await
    }

    async fn steady_copy(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &str,
        known: Option<Version>,
    ) -> Result<Option<Copied>, StoreError> {
        self.copies.ask(CopyOf { tenant: tenant.uuid(), kind, key: key.to_owned(), known }).await
    }

    async fn list(
        &self,
        tenant: TenantId,
        list: &'static str,
        owner: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(Vec<u8>, String)>, StoreError> {
        let (orm, owner, after) = (self.orm.clone(), owner.to_owned(), after.map(str::to_owned));
        let reading = self.home.spawn(async move {
            let page = || lists::page(&orm, tenant, list, &owner, after.as_deref(), limit);
            for _ in 0..DEAD_CONNECTIONS {
                if let Ok(found) = page().await {
                    return Ok(found);
                }
            }
            page().await
        });
        reading.await.map_err(|_| StoreError::Failed)?
    }

    async fn count(&self, tenant: TenantId, list: &'static str, owner: &str) -> Result<u64, StoreError> {
        let (orm, owner) = (self.orm.clone(), owner.to_owned());
        let reading = self.home.spawn(async move {
            for _ in 0..DEAD_CONNECTIONS {
                if let Ok(found) = lists::count(&orm, tenant, list, &owner).await {
                    return Ok(found);
                }
            }
            lists::count(&orm, tenant, list, &owner).await
        });
        reading.await.map_err(|_| StoreError::Failed)?
    }

    async fn wait_for_reader(&self, reader: &str, source: &str, position: Position) -> bool {
        let mut moved = self.heads.readers.subscribe();
        let wait = async {
            loop {
                moved.borrow_and_update();
                match self.cursor(reader, source).await {
                    Ok(at) if at >= position => return true,
                    Ok(_) => {}
                    Err(_) => return false,
                }
                // Moved here, or in another process.
                let _ = tokio::time::timeout(LOOK, moved.changed()).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(2), wait).await.unwrap_or(false)
    }

    async fn read_log(&self, log: Log, after: Position, limit: u32, wanted: Wanted<'_>) -> Result<Stretch, StoreError> {
        let mut records = self.read(move |pool| read::log(pool, log, after, limit)).await?;
        let end = records.last().map_or(after, |record| record.position);
        let more = records.len() == limit as usize;
        records.retain(|record| wanted(&record.event_type));
        Ok(Stretch { records, end, more })
    }

    async fn stream(&self, tenant: TenantId, id: Uuid) -> Result<Vec<Envelope>, StoreError> {
        self.read(move |pool| read::stream(pool, tenant, id)).await
    }

    fn head(&self, log: Log) -> watch::Receiver<Position> {
        self.heads.of(log).subscribe()
    }

    async fn newest(&self, log: Log) -> Result<Position, StoreError> {
        let clock = Arc::clone(&self.clock);
        let seen = self.read(move |pool| {
            let clock = Arc::clone(&clock);
            async move { heads::look(&pool, clock.as_ref()).await }
        });
        let seen = seen.await?;
        Ok(match log {
            Log::Events => seen.events,
            Log::Facts => seen.facts,
        })
    }

    async fn cursor(&self, reader: &str, source: &str) -> Result<Position, StoreError> {
        let (reader, source) = (reader.to_owned(), source.to_owned());
        self.read(move |pool| read::cursor(pool, reader.clone(), source.clone())).await
    }

    async fn in_inbox(&self, consumer: &str, event: Uuid) -> Result<bool, StoreError> {
        let consumer = consumer.to_owned();
        self.read(move |pool| read::in_inbox(pool, consumer.clone(), event)).await
    }

    async fn parked(&self, consumer: &str) -> Result<Vec<ParkedEvent>, StoreError> {
        let consumer = consumer.to_owned();
        self.read(move |pool| read::parked(pool, consumer.clone())).await
    }

    async fn due_tasks(&self, kind: &'static str, now: Timestamp, limit: u32) -> Result<Vec<DueTask>, StoreError> {
        self.read(move |pool| read::due_tasks(pool, kind, now, limit)).await
    }

    async fn claim_tasks(
        &self,
        kind: &'static str,
        now: Timestamp,
        lease: TimeDelta,
        limit: u32,
    ) -> Result<Vec<DueTask>, StoreError> {
        // Claimed by a connection that then died: they are due again when the claim is over.
        self.read(move |pool| read::claim_tasks(pool, kind, now, lease, limit)).await
    }

    async fn try_lead(&self, name: &'static str) -> Result<Option<Lease>, StoreError> {
        let leads = Arc::clone(&self.leads);
        let asked = self.home.spawn(async move { leads.try_lead(name).await });
        asked.await.map_err(|_| StoreError::Failed)?.map_err(|cause| {
            tracing::warn!(%cause, lead = name, "a lead cannot be asked for");
            StoreError::Failed
        })
    }

    async fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let key = key.to_owned();
        self.read(move |pool| read::meta(pool, key.clone())).await
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.read(move |pool| sweep::sweep(pool, now)).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        // The files are the cluster's, and what is erased is unreadable without its deleted key
        // (docs/adr); vacuum gives the space to what is written next.
        Ok(())
    }
}
