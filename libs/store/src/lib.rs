//! The event store of one service: events, state rows, keyed rows, facts, copies and lists,
//! all written in one group-committed transaction; read by primary key.
//!
//! Principles (ARCHITECTURE.md, "Event sourcing"): the state row is a same-transaction fold of
//! the log; every change is conditional on the revision that was read before; expected refusals
//! are data, so one command never fails its neighbours; secrets never enter events.

mod backend;
mod deliveries;
mod error;
mod execute;
mod lists;
mod postgres;
mod schema;
mod sqlite;
mod write;

use std::sync::Arc;

use chrono::TimeDelta;
use grantor_eventsourcing::{Aggregate, Envelope, Position, Timestamp, Version};
use grantor_ids::TenantId;
use grantor_ports::{Clock, Drilled, Entropy, Point};
use uuid::Uuid;

pub use backend::{Copied, DueTask, Lease, Log, ParkedEvent, Row, StateRow, Stretch, Wanted};
pub use deliveries::{
    Attempt, Attempted, Delivered, Delivery, DeliveryChange, DeliveryKey, DeliveryQuery, Message, NewDelivery,
    NewMessage,
};
pub use error::{CommitError, OpenError, StoreError, not_written};
pub use execute::{Change, Done, Loaded, Step};
pub use postgres::PostgresOptions;
pub use schema::{migrate, migrate_postgres, pending_migrations, pending_postgres_migrations};
pub use sqlite::SqliteOptions;
pub use write::{
    Committed, CopyChange, CursorMove, Leader, ListChange, NewEvent, NewFact, NewTask, OnTaken, RowChange, RowKey,
    StreamWrite, TaskChange, Write,
};

/// One service's own database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn backend::Backend>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    drill: Drilled,
}

impl Store {
    /// Opens a SQLite file whose migrations have run. Starts its writer and checkpoint threads.
    pub async fn open_sqlite(
        options: SqliteOptions,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        let drill = options.drill.clone();
        let backend = sqlite::Sqlite::open(options, Arc::clone(&clock)).await?;
        Ok(Self { backend: Arc::new(backend), clock, entropy, drill })
    }

    /// Opens a PostgreSQL database whose migrations have run. Starts its batcher on the current
    /// runtime, which has to outlive the store.
    pub async fn open_postgres(
        options: PostgresOptions,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        let drill = options.drill.clone();
        let backend = postgres::Postgres::open(options, Arc::clone(&clock), entropy.as_ref()).await?;
        Ok(Self { backend: Arc::new(backend), clock, entropy, drill })
    }

    /// The clock it was opened with.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// The randomness it was opened with.
    pub fn entropy(&self) -> &Arc<dyn Entropy> {
        &self.entropy
    }

    /// Writes; returns once it is durable.
    pub async fn commit(&self, write: Write) -> Result<Committed, CommitError> {
        self.drill.reached(Point::Append).await;
        let committed = self.backend.commit(write).await;
        if committed.is_ok() {
            self.drill.reached(Point::Committed).await;
        }
        committed
    }

    /// The state row of a stream.
    pub async fn state(&self, tenant: TenantId, kind: i16, id: Uuid) -> Result<Option<StateRow>, StoreError> {
        self.backend.state(tenant, kind, id).await
    }

    /// All streams of one type of these tenants, by tenant and id; for small sets.
    pub async fn states(&self, tenants: &[TenantId], kind: i16) -> Result<Vec<(TenantId, Uuid, StateRow)>, StoreError> {
        self.backend.states(tenants.iter().map(|tenant| tenant.uuid()).collect(), kind).await
    }

    /// Whether no other process writes to this database: then [`Store::head`] is never behind a write
    /// that was acknowledged.
    pub fn is_alone(&self) -> bool {
        self.backend.is_alone()
    }

    /// A keyed row, unless it has expired by real time.
    pub async fn row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError> {
        self.backend.row(tenant, kind, key).await
    }

    /// The same, of a kind whose rows hardly ever change: kept in memory until they do.
    pub async fn steady_row(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &[u8],
    ) -> Result<Option<Row>, StoreError> {
        self.backend.steady_row(tenant, kind, key).await
    }

    /// The same, of a kind of which a tenant has few rows at a time: whether one is there is known
    /// without a read, as long as none of them changes.
    pub async fn small_row(&self, tenant: TenantId, kind: &'static str, key: &[u8]) -> Result<Option<Row>, StoreError> {
        self.backend.small_row(tenant, kind, key).await
    }

    /// A keyed row as [`Store::row`] and, in the same read, the stream it leads to.
    pub async fn row_and_stream<A: Aggregate>(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &[u8],
    ) -> Result<Option<(Row, Option<Loaded<A>>)>, StoreError> {
        let Some((row, state)) = self.backend.row_and_state(tenant, kind, key, A::TYPE.code()).await? else {
            return Ok(None);
        };
        let stream = row.aggregate.map(|id| Loaded::of(id, state)).transpose()?;
        Ok(Some((row, stream)))
    }

    /// All live rows of a kind that point to one stream; for small sets.
    pub async fn rows_of(&self, tenant: TenantId, kind: &'static str, id: Uuid) -> Result<Vec<Row>, StoreError> {
        self.backend.rows_of(tenant, kind, id).await
    }

    /// The same, of several streams, asked for together: each row with the tenant whose stream it leads to.
    pub async fn rows_of_each(
        &self,
        kind: &'static str,
        streams: &[(TenantId, Uuid)],
    ) -> Result<Vec<(TenantId, Row)>, StoreError> {
        if streams.is_empty() {
            return Ok(Vec::new());
        }
        self.backend.rows_of_each(kind, streams.to_vec()).await
    }

    /// All live rows of a kind of one tenant; for small sets, such as signing keys.
    pub async fn rows(&self, tenant: TenantId, kind: &'static str) -> Result<Vec<Row>, StoreError> {
        self.backend.rows(tenant, kind).await
    }

    /// The next tenant after another, or the first, of those that have rows here; the deployment's own
    /// rows are those of the nil tenant.
    pub async fn next_tenant(&self, after: Option<TenantId>) -> Result<Option<TenantId>, StoreError> {
        let from = match after {
            None => Uuid::nil(),
            Some(tenant) => match tenant.uuid().as_u128().checked_add(1) {
                Some(next) => Uuid::from_u128(next),
                None => return Ok(None),
            },
        };
        Ok(self.backend.next_tenant(from).await?.map(TenantId::from_uuid))
    }

    /// A copy of another service's state.
    pub async fn copy(&self, tenant: TenantId, kind: &'static str, key: &str) -> Result<Option<Copied>, StoreError> {
        self.backend.copy(tenant, kind, key).await
    }

    /// The same, of what hardly ever changes. Whoever has the data of a version says so (`known`):
    /// when it is still that one, the data may be left out.
    pub async fn steady_copy(
        &self,
        tenant: TenantId,
        kind: &'static str,
        key: &str,
        known: Option<Version>,
    ) -> Result<Option<Copied>, StoreError> {
        self.backend.steady_copy(tenant, kind, key, known).await
    }

    /// One page of a list, in the order of its sort key: `(data, cursor)` each.
    /// `after` is the cursor of the last item seen.
    pub async fn list(
        &self,
        tenant: TenantId,
        list: &'static str,
        owner: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(Vec<u8>, String)>, StoreError> {
        self.backend.list(tenant, list, owner, after, limit).await
    }

    /// How many items a list has; reads its index, so only for lists that stay small enough.
    pub async fn count(&self, tenant: TenantId, list: &'static str, owner: &str) -> Result<u64, StoreError> {
        self.backend.count(tenant, list, owner).await
    }

    /// Waits until a reader of a log (such as the list projection) is at `position`, at most
    /// two seconds; a command's answer carries its position, so people see what they just did.
    pub async fn wait_for_reader(&self, reader: &str, source: &str, position: Position) -> bool {
        self.backend.wait_for_reader(reader, source, position).await
    }

    /// Records after a position, oldest first.
    pub async fn read_log(&self, log: Log, after: Position, limit: u32) -> Result<Vec<Envelope>, StoreError> {
        Ok(self.backend.read_log(log, after, limit, &|_| true).await?.records)
    }

    /// Those of a log's records after a position that somebody wants, by their type.
    pub async fn read_wanted(
        &self,
        log: Log,
        after: Position,
        limit: u32,
        wanted: Wanted<'_>,
    ) -> Result<Stretch, StoreError> {
        self.backend.read_log(log, after, limit, wanted).await
    }

    /// The events of one stream, oldest first.
    pub async fn stream(&self, tenant: TenantId, id: Uuid) -> Result<Vec<Envelope>, StoreError> {
        self.backend.stream(tenant, id).await
    }

    /// The last position of a log, asked of the database: whatever any process has written
    /// before this call is not beyond it.
    pub async fn newest(&self, log: Log) -> Result<Position, StoreError> {
        self.backend.newest(log).await
    }

    /// Waits until a reader has read all that is in this log now, at most two seconds.
    pub async fn wait_until_read(&self, reader: &str, source: &str, log: Log) -> bool {
        match self.newest(log).await {
            Ok(position) => self.wait_for_reader(reader, source, position).await,
            Err(_) => false,
        }
    }

    /// The last position of a log that this process knows of: at least its own last write.
    pub fn head(&self, log: Log) -> Position {
        *self.backend.head(log).borrow()
    }

    /// Follows the last position of a log; says "changed" whenever there may be more to read,
    /// even if the position is the same.
    pub fn follow(&self, log: Log) -> tokio::sync::watch::Receiver<Position> {
        self.backend.head(log)
    }

    /// Where a reader stands.
    pub async fn cursor(&self, reader: &str, source: &str) -> Result<Position, StoreError> {
        self.backend.cursor(reader, source).await
    }

    /// Whether a consumer has handled this event before.
    pub async fn in_inbox(&self, consumer: &str, event: Uuid) -> Result<bool, StoreError> {
        self.backend.in_inbox(consumer, event).await
    }

    /// Events that a consumer could not handle.
    pub async fn parked(&self, consumer: &str) -> Result<Vec<ParkedEvent>, StoreError> {
        self.backend.parked(consumer).await
    }

    /// Tasks of a kind that are due, oldest first.
    pub async fn due_tasks(&self, kind: &'static str, now: Timestamp, limit: u32) -> Result<Vec<DueTask>, StoreError> {
        self.backend.due_tasks(kind, now, limit).await
    }

    /// The same, for whoever does them: nobody else, in any process, gets one of these before
    /// `lease` has passed. A claim ends with [`TaskChange::Done`] or [`TaskChange::Later`].
    pub async fn claim_tasks(
        &self,
        kind: &'static str,
        now: Timestamp,
        lease: TimeDelta,
        limit: u32,
    ) -> Result<Vec<DueTask>, StoreError> {
        let claimed = self.backend.claim_tasks(kind, now, lease, limit).await?;
        if !claimed.is_empty() {
            self.drill.reached(Point::Claimed).await;
        }
        Ok(claimed)
    }

    /// Becomes the leader of something, unless somebody is, in this or another process.
    pub async fn try_lead(&self, name: &'static str) -> Result<Option<Lease>, StoreError> {
        self.backend.try_lead(name).await
    }

    /// A value of the file itself, such as the root-key proof.
    pub async fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.backend.meta(key).await
    }

    /// Deletes expired rows and old inbox entries, in small batches; answers how many.
    pub async fn sweep(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.backend.sweep(now).await
    }

    /// On SQLite: overwrites what was deleted and empties the write-ahead log, so that an erased
    /// datum is in no file any more. On PostgreSQL the files are the cluster's.
    pub async fn scrub(&self) -> Result<(), StoreError> {
        self.backend.scrub().await
    }
}
