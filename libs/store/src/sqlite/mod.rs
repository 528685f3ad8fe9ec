//! The store on SQLite: one writer thread per file, group commit, one read connection per
//! worker, checkpoints on a thread of their own.

mod apply;
mod checkpoint;
mod deliveries;
mod lead;
mod open;
mod read;
mod reads;
mod steady;
mod writer;

use std::{collections::BTreeSet, path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::TimeDelta;
use grantor_eventsourcing::{Envelope, Position, Timestamp, Version};
use grantor_ids::TenantId;
use grantor_ports::{Clock, Drilled};
use grantor_telemetry::StoreMetrics;
use sea_orm::DatabaseConnection;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    CommitError, Committed, Copied, DueTask, Lease, Log, ParkedEvent, Row, StateRow, StoreError, Stretch, Wanted,
    Write, backend::Backend, lists,
};

/// How a file is opened.
#[derive(Debug, Clone)]
pub struct SqliteOptions {
    /// The file.
    pub path: PathBuf,
    /// Read connections; one per worker thread is enough.
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

impl SqliteOptions {
    /// The defaults for a file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let (metrics, drill) = (None, Drilled::default());
        Self { path: path.into(), readers: 4, queue: 1024, batch: 128, metrics, drill }
    }
}

/// Heads of the logs and positions of the readers, for those who wait.
pub(crate) struct Heads {
    events: watch::Sender<Position>,
    facts: watch::Sender<Position>,
    /// Bumped whenever a reader moved.
    readers: watch::Sender<u64>,
    /// Bumped whenever deliveries were added.
    deliveries: watch::Sender<u64>,
}

pub(crate) struct Sqlite {
    writer: writer::Handle,
    reads: reads::Reads,
    orm: DatabaseConnection,
    heads: Arc<Heads>,
    steady: Arc<steady::Steady>,
    leads: Arc<lead::Leads>,
    clock: Arc<dyn Clock>,
    _checkpointer: checkpoint::Checkpointer,
}

#[async_trait]
impl Backend for Sqlite {
    async fn commit(&self, write: Write) -> Result<Committed, CommitError> {
        self.writer.commit(write).await
    }

    async fn state(&self, tenant: TenantId, kind: i16, id: Uuid) -> Result<Option<StateRow>, StoreError> {
        self.reads.shared(move |c| read::state(c, tenant, kind, id)).await
    }

    async fn states(&self, tenants: Vec<Uuid>, kind: i16) -> Result<Vec<(TenantId, Uuid, StateRow)>, StoreError> {
        self.reads.now(|c| read::states(c, &tenants, kind))
    }

    fn is_alone(&self) -> bool {
        true
    }

    async fn row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError> {
        let (now, key) = (self.clock.real(), key.to_vec());
        self.reads.shared(move |c| read::row(c, tenant, kind, &key, now)).await
    }

    async fn steady_row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError> {
        let now = self.clock.real();
        let found =
            self.steady.rows.get(tenant, kind, key, || self.reads.now(|c| read::row(c, tenant, kind, key, now)))?;
        Ok(found.filter(|row| row.expires_at.is_none_or(|end| now < end)))
    }

    async fn small_row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError> {
        let now = self.clock.real();
        let rows = self.steady.kinds.get(tenant, kind, steady::WHOLE, || {
            let rows = self.reads.now(|c| read::rows(c, tenant, kind, None, now))?;
            Ok(Some(Arc::new(rows.into_iter().map(|row| (row.key.clone(), row)).collect())))
        })?;
        let found = rows.as_ref().and_then(|rows: &Arc<steady::Rows>| rows.get(key));
        Ok(found.filter(|row| row.expires_at.is_none_or(|end| now < end)).cloned())
    }

    async fn row_and_state(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &[u8],
        aggregate: i16,
    ) -> Result<Option<(Row, Option<StateRow>)>, StoreError> {
        let (now, key) = (self.clock.real(), key.to_vec());
        self.reads.shared(move |c| read::row_and_state(c, tenant, kind, &key, aggregate, now)).await
    }

    async fn next_tenant(&self, from: Uuid) -> Result<Option<Uuid>, StoreError> {
        self.reads.now(|c| read::next_tenant(c, from))
    }

    async fn rows_of(&self, tenant: TenantId, kind: &'static str, id: Uuid) -> Result<Vec<Row>, StoreError> {
        let now = self.clock.real();
        self.reads.now(|c| read::rows(c, tenant, kind, Some(id), now))
    }

    async fn rows_of_each(
        &self,
        kind: &'static str,
        streams: Vec<(TenantId, Uuid)>,
    ) -> Result<Vec<(TenantId, Row)>, StoreError> {
        let now = self.clock.real();
        let streams: BTreeSet<_> = streams.into_iter().collect();
        self.reads.now(|c| {
            let mut all = Vec::new();
            for (tenant, id) in &streams {
                let found = read::rows(c, *tenant, kind, Some(*id), now)?;
                all.extend(found.into_iter().map(|row| (*tenant, row)));
            }
            Ok(all)
        })
    }

    async fn rows(&self, tenant: TenantId, kind: &'static str) -> Result<Vec<Row>, StoreError> {
        let now = self.clock.real();
        self.reads.now(|c| read::rows(c, tenant, kind, None, now))
    }

    async fn copy(&self, tenant: TenantId, kind: &'static str, key: &str) -> Result<Option<Copied>, StoreError> {
        self.reads.now(|c| read::copy(c, tenant, kind, key))
    }

    async fn steady_copy(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &str,
        _: Option<Version>,
    ) -> Result<Option<Copied>, StoreError> {
        self.steady.copies.get(tenant, kind, key.as_bytes(), || self.reads.now(|c| read::copy(c, tenant, kind, key)))
    }

    async fn list(
        &self,
        tenant: TenantId,
        list: &'static str,
        owner: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(Vec<u8>, String)>, StoreError> {
        lists::page(&self.orm, tenant, list, owner, after, limit).await
    }

    async fn count(&self, tenant: TenantId, list: &'static str, owner: &str) -> Result<u64, StoreError> {
        lists::count(&self.orm, tenant, list, owner).await
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
                if moved.changed().await.is_err() {
                    return false;
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(2), wait).await.unwrap_or(false)
    }

    async fn read_log(&self, log: Log, after: Position, limit: u32, wanted: Wanted<'_>) -> Result<Stretch, StoreError> {
        self.reads.now(|c| read::log(c, log, after, limit, wanted))
    }

    async fn stream(&self, tenant: TenantId, id: Uuid) -> Result<Vec<Envelope>, StoreError> {
        self.reads.now(|c| read::stream(c, tenant, id))
    }

    fn head(&self, log: Log) -> watch::Receiver<Position> {
        match log {
            Log::Events => self.heads.events.subscribe(),
            Log::Facts => self.heads.facts.subscribe(),
        }
    }

    async fn newest(&self, log: Log) -> Result<Position, StoreError> {
        Ok(*self.head(log).borrow())
    }

    async fn cursor(&self, reader: &str, source: &str) -> Result<Position, StoreError> {
        self.reads.now(|c| read::cursor(c, reader, source))
    }

    async fn in_inbox(&self, consumer: &str, event: Uuid) -> Result<bool, StoreError> {
        self.reads.now(|c| read::in_inbox(c, consumer, event))
    }

    async fn parked(&self, consumer: &str) -> Result<Vec<ParkedEvent>, StoreError> {
        self.reads.now(|c| read::parked(c, consumer))
    }

    async fn due_tasks(&self, kind: &'static str, now: Timestamp, limit: u32) -> Result<Vec<DueTask>, StoreError> {
        self.reads.now(|c| read::due_tasks(c, kind, now, limit))
    }

    async fn claim_tasks(
        &self,
        kind: &'static str,
        now: Timestamp,
        _: TimeDelta,
        limit: u32,
    ) -> Result<Vec<DueTask>, StoreError> {
        // Nobody else has the file.
        self.due_tasks(kind, now, limit).await
    }

    async fn try_lead(&self, name: &'static str) -> Result<Option<Lease>, StoreError> {
        Ok(self.leads.try_lead(name))
    }

    async fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.reads.now(|c| read::meta(c, key))
    }

    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.writer.sweep(now).await
    }

    async fn scrub(&self) -> Result<(), StoreError> {
        self.writer.scrub().await
    }
}
