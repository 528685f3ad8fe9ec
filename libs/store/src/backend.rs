use async_trait::async_trait;
use bytes::Bytes;
use chrono::TimeDelta;
use grantor_eventsourcing::{Envelope, Position, Revision, Timestamp, Version};
use grantor_ids::TenantId;
use tokio::sync::watch;
use uuid::Uuid;

use crate::{CommitError, Committed, Leader, StoreError, Write, deliveries::Deliveries};

/// Which log of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Log {
    /// Events of aggregates.
    Events,
    /// Facts.
    Facts,
}

/// Which types of records a reader of a log wants.
pub type Wanted<'w> = &'w (dyn Fn(&str) -> bool + Send + Sync);

/// A stretch of a log, as one reader sees it.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// The records that are wanted, oldest first.
    pub records: Vec<Envelope>,
    /// Up to here, and including it, nothing else is wanted.
    pub end: Position,
    /// Whether there is likely more to read at once.
    pub more: bool,
}

/// A stream's state as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateRow {
    /// Number of events.
    pub version: Version,
    /// Number of writes.
    pub revision: Revision,
    /// JSON.
    pub state: Vec<u8>,
}

/// A keyed row as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its key.
    pub key: Vec<u8>,
    /// The stream it leads to.
    pub aggregate: Option<Uuid>,
    /// What belongs to this key.
    pub data: Vec<u8>,
    /// Number of writes; the count, for counting rows.
    pub revision: Revision,
    /// Gone after this instant of real time.
    pub expires_at: Option<Timestamp>,
}

/// A copy as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The source's version.
    pub version: Version,
    /// When the owner was last heard on it, real time.
    pub seen_at: Timestamp,
    /// JSON; `None` when the source is gone.
    pub data: Option<Bytes>,
}

/// Work that is due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueTask {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub tenant: TenantId,
    /// What to do.
    pub data: Vec<u8>,
    /// How often it failed.
    pub attempts: u32,
}

/// An event that a consumer could not handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParkedEvent {
    /// Whose log.
    pub source: String,
    /// Which record.
    pub position: Position,
    /// Of which stream; later events of it are parked too.
    pub aggregate: Uuid,
    /// Why; no payload.
    pub reason: String,
}

/// The lead of one job, such as a relay, among all processes on one database. It ends when this
/// is dropped, when the process dies, or when the database cannot be reached.
pub struct Lease {
    leader: Leader,
    held: Box<dyn Held>,
}

impl Lease {
    pub(crate) fn new(leader: Leader, held: Box<dyn Held>) -> Self {
        Self { leader, held }
    }

    /// Goes into [`crate::CursorMove::leader`], so that a lead that was lost moves no cursor.
    pub const fn leader(&self) -> Leader {
        self.leader
    }

    /// Whether it still lasts; asks the database.
    pub async fn is_held(&mut self) -> bool {
        self.held.is_held().await
    }
}

/// What keeps a lead.
#[async_trait]
pub(crate) trait Held: Send + Sync + 'static {
    async fn is_held(&mut self) -> bool;
}

/// A database engine.
#[async_trait]
pub(crate) trait Backend: Deliveries + Send + Sync + 'static {
    async fn commit(&self, write: Write) -> Result<Committed, CommitError>;
    async fn state(&self, tenant: TenantId, kind: i16, id: Uuid) -> Result<Option<StateRow>, StoreError>;
    async fn states(&self, tenants: Vec<Uuid>, kind: i16) -> Result<Vec<(TenantId, Uuid, StateRow)>, StoreError>;
    fn is_alone(&self) -> bool;
    async fn row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError>;
    async fn steady_row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError>;
    async fn row_and_state(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &[u8],
        aggregate: i16,
    ) -> Result<Option<(Row, Option<StateRow>)>, StoreError>;
    async fn next_tenant(&self, from: Uuid) -> Result<Option<Uuid>, StoreError>;
    async fn rows_of(&self, tenant: TenantId, kind: &'static str, id: Uuid) -> Result<Vec<Row>, StoreError>;
    async fn rows_of_each(
        &self,
        kind: &'static str,
        streams: Vec<(TenantId, Uuid)>,
    ) -> Result<Vec<(TenantId, Row)>, StoreError>;
    async fn rows(&self, tenant: TenantId, kind: &'static str) -> Result<Vec<Row>, StoreError>;
    async fn copy(&self, tenant: TenantId, kind: &'static str, key: &str) -> Result<Option<Copied>, StoreError>;
    async fn steady_copy(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &str,
        known: Option<Version>,
    ) -> Result<Option<Copied>, StoreError>;
    async fn list(
        &self,
        tenant: TenantId,
        list: &'static str,
        owner: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(Vec<u8>, String)>, StoreError>;
    async fn count(&self, tenant: TenantId, list: &'static str, owner: &str) -> Result<u64, StoreError>;
    async fn wait_for_reader(&self, reader: &str, source: &str, position: Position) -> bool;
    async fn read_log(&self, log: Log, after: Position, limit: u32, wanted: Wanted<'_>) -> Result<Stretch, StoreError>;
    async fn small_row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError>;
    async fn stream(&self, tenant: TenantId, id: Uuid) -> Result<Vec<Envelope>, StoreError>;
    fn head(&self, log: Log) -> watch::Receiver<Position>;
    async fn newest(&self, log: Log) -> Result<Position, StoreError>;
    async fn cursor(&self, reader: &str, source: &str) -> Result<Position, StoreError>;
    async fn in_inbox(&self, consumer: &str, event: Uuid) -> Result<bool, StoreError>;
    async fn parked(&self, consumer: &str) -> Result<Vec<ParkedEvent>, StoreError>;
    async fn due_tasks(&self, kind: &'static str, now: Timestamp, limit: u32) -> Result<Vec<DueTask>, StoreError>;
    async fn claim_tasks(
        &self,
        kind: &'static str,
        now: Timestamp,
        lease: TimeDelta,
        limit: u32,
    ) -> Result<Vec<DueTask>, StoreError>;
    async fn try_lead(&self, name: &'static str) -> Result<Option<Lease>, StoreError>;
    async fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;
    async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError>;
    async fn scrub(&self) -> Result<(), StoreError>;
}
