use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use grantor_eventsourcing::{Actor, AggregateType, Encoded, Meta};
use grantor_ids::TenantId;
use grantor_ports::{EntropyExt, OsEntropy, SystemClock};
use grantor_store::{CommitError, NewEvent, PostgresOptions, SqliteOptions, Store, StreamWrite, Write};
use tokio::task::JoinSet;
use uuid::Uuid;

/// Whose events they are.
pub const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
/// Which service's.
pub const SERVICE: &str = "token";
/// What happens.
pub const EVENT: &str = "oauth.authorization.created";
/// Streams that all writers share.
const STREAMS: u8 = 40;

/// Opens a service's database: at a `postgres://` URL, or in a file that is made when it is not
/// there.
///
/// # Panics
/// When it does not open.
pub async fn open(place: &str) -> Store {
    let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
    let opened = if place.starts_with("postgres://") {
        let options = PostgresOptions { connections: 4, ..PostgresOptions::new(place) };
        grantor_store::migrate_postgres(&options).await.expect("migrations");
        Store::open_postgres(options, clock, entropy).await
    } else {
        let file = Path::new(place);
        grantor_store::migrate(file).await.expect("migrations");
        Store::open_sqlite(SqliteOptions::new(file), clock, entropy).await
    };
    opened.expect("a store")
}

/// Writers on the same streams, until they are told to stop.
pub struct Writers {
    tasks: JoinSet<()>,
    stop: Arc<AtomicBool>,
    written: Arc<AtomicU64>,
    failed: Arc<AtomicU64>,
}

impl Writers {
    /// So many of them, almost as fast as they can: a writer rests a little after each write, so that
    /// a busy machine has time for the rest.
    pub fn start(store: &Store, count: usize) -> Self {
        Self::at_pace(store, count, Duration::from_millis(5))
    }

    /// So many of them, each with so long a rest after each write.
    pub fn at_pace(store: &Store, count: usize, rest: Duration) -> Self {
        let (stop, written, failed) = (Arc::default(), Arc::default(), Arc::default());
        let mut tasks = JoinSet::new();
        for _ in 0..count {
            let (store, stop, written, failed) =
                (store.clone(), Arc::clone(&stop), Arc::clone(&written), Arc::clone(&failed));
            tasks.spawn(async move {
                while !AtomicBool::load(&stop, Ordering::SeqCst) {
                    match append(&store).await {
                        Ok(events) => drop(AtomicU64::fetch_add(&written, events, Ordering::SeqCst)),
                        Err(CommitError::Conflict) => {}
                        Err(_) => drop(AtomicU64::fetch_add(&failed, 1, Ordering::SeqCst)),
                    }
                    tokio::time::sleep(rest).await;
                }
            });
        }
        Self { tasks, stop, written, failed }
    }

    /// Events that were acknowledged, so far.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::SeqCst)
    }

    /// Lets them finish; answers the events that were acknowledged and the writes that failed.
    pub async fn stop(mut self) -> (u64, u64) {
        self.stop.store(true, Ordering::SeqCst);
        while self.tasks.join_next().await.is_some() {}
        (self.written.load(Ordering::SeqCst), self.failed.load(Ordering::SeqCst))
    }
}

/// One to three events on one of the streams.
async fn append(store: &Store) -> Result<u64, CommitError> {
    let random = OsEntropy.byte_vec(2);
    let (id, count) = (Uuid::from_u128(u128::from(random[0] % STREAMS) + 1), 1 + u64::from(random[1] % 3));
    let kind = AggregateType::Grant;
    let (version, expected) =
        store.state(TENANT, kind.code(), id).await?.map_or((0, 0), |row| (row.version, row.revision));
    let event = || NewEvent {
        id: store.event_id(),
        encoded: Encoded { event_type: EVENT, schema_version: 1, payload: Bytes::from_static(b"happened") },
        occurred_at: store.clock().real(),
        meta: Meta::by(Actor::System),
    };
    let events = (0..count).map(|_| event()).collect();
    let stream = StreamWrite { tenant: TENANT, kind, id, expected, version, events, state: b"{}".to_vec() };
    store.commit(Write { stream: Some(stream), ..Write::default() }).await?;
    Ok(count)
}
