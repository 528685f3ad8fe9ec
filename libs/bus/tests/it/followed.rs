//! An owner's log, a follower's database, and a consumer between the two.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use grantor_bus::{Consumer, EventSource, HandleError, Kafka, OwnLog, Subscription, Unruly};
use grantor_eventsourcing::{Actor, AggregateType, Encoded, Envelope, Meta, Position};
use grantor_ids::TenantId;
use grantor_ports::{EntropyExt, OsEntropy, SystemClock};
use grantor_store::{
    CopyChange, ListChange, Log, NewEvent, OnTaken, RowChange, RowKey, SqliteOptions, Store, StreamWrite, Stretch,
    Wanted, Write,
};
use grantor_telemetry::Metrics;
use tempfile::TempDir;
use uuid::Uuid;

pub const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
/// The log that is followed. A real service's, so that the catalogue knows its topics.
pub const SOURCE: &str = "token";
pub const HAPPENED: &str = "oauth.authorization.created";
pub const READER: &str = "follower";

/// Two services' databases, and the bus between them.
pub struct Followed {
    pub owner: Store,
    pub follower: Store,
    pub folder: TempDir,
    /// The broker; without one, the follower reads the owner's log.
    pub kafka: Option<Kafka>,
}

/// From where a follower reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// From where it stopped.
    Where,
    /// The same, on a bad day: late and twice. (Kafka has its bad days by itself.)
    Unruly,
    /// Everything, whatever was handled before.
    TheStart,
}

pub async fn open(path: &Path) -> Store {
    grantor_store::migrate(path).await.expect("migrations");
    Store::open_sqlite(SqliteOptions::new(path), Arc::new(SystemClock), Arc::new(OsEntropy)).await.expect("a store")
}

pub async fn followed() -> Followed {
    let folder = TempDir::new().expect("a folder");
    let owner = open(&folder.path().join("owner.sqlite")).await;
    let follower = open(&folder.path().join("follower.sqlite")).await;
    Followed { owner, follower, folder, kafka: None }
}

impl Followed {
    /// Something happens to a stream.
    pub async fn happen(&self, stream: u128, words: &[&'static str]) {
        let id = Uuid::from_u128(stream);
        let (version, revision) = self
            .owner
            .state(TENANT, AggregateType::Grant.code(), id)
            .await
            .expect("an answer")
            .map_or((0, 0), |row| (row.version, row.revision));
        let events = words.iter().map(|word| self.event(word)).collect();
        let kind = AggregateType::Grant;
        let stream =
            StreamWrite { tenant: TENANT, kind, id, expected: revision, version, events, state: b"0".to_vec() };
        self.owner.commit(Write { stream: Some(stream), ..Write::default() }).await.expect("written");
    }

    fn event(&self, word: &'static str) -> NewEvent {
        let encoded = Encoded { event_type: HAPPENED, schema_version: 1, payload: Bytes::from_static(word.as_bytes()) };
        let occurred_at = grantor_ports::Clock::real(&SystemClock);
        NewEvent { id: self.owner.event_id(), encoded, occurred_at, meta: Meta::by(Actor::System) }
    }

    pub fn log(&self) -> Arc<dyn EventSource> {
        Arc::new(OwnLog::new(SOURCE, self.owner.clone(), Log::Events))
    }

    /// The same log on a bad day.
    pub fn unruly(&self) -> Arc<dyn EventSource> {
        Arc::new(Unruly::new(self.log(), Duration::from_millis(1)))
    }

    pub fn subscription(&self, consumer: impl Consumer, source: Arc<dyn EventSource>) -> Subscription {
        let store = self.follower.clone();
        Subscription { consumer: Arc::new(consumer), source, store, metrics: Metrics::new().bus(READER) }
    }

    /// Follows until everything the owner has was seen, and then as long as it takes to see
    /// some of it again.
    pub async fn follow(&self, consumer: impl Consumer, from: From) {
        match (&self.kafka, from) {
            (Some(kafka), _) => crate::kafka::follow(self, kafka, consumer, from).await,
            (None, From::Where) => self.follow_log(consumer, self.log()).await,
            (None, From::Unruly) => self.follow_log(consumer, self.unruly()).await,
            (None, From::TheStart) => self.follow_log(consumer, Arc::new(FromTheStart(self.unruly()))).await,
        }
    }

    async fn follow_log(&self, consumer: impl Consumer, source: Arc<dyn EventSource>) {
        let head = self.owner.head(Log::Events);
        let following = tokio::spawn(self.subscription(consumer, source).run());
        while self.follower.cursor(READER, SOURCE).await.expect("a cursor") < head {
            self.follower.wait_for_reader(READER, SOURCE, head).await;
        }
        following.abort();
        assert!(following.await.is_err(), "following never ends by itself");
    }

    /// How many effects a stream has had.
    pub async fn count(&self, stream: u128) -> u64 {
        let row = self.follower.row(TENANT, "count", Uuid::from_u128(stream).as_bytes()).await.expect("an answer");
        row.map_or(0, |row| row.revision)
    }

    /// All that the follower keeps, for comparing.
    pub async fn everything(&self) -> (Vec<(Vec<u8>, u64)>, Vec<Vec<u8>>, usize) {
        let mut rows: Vec<_> =
            self.follower.rows(TENANT, "count").await.expect("rows").into_iter().map(|r| (r.key, r.revision)).collect();
        rows.sort();
        let list = self.follower.list(TENANT, "seen", "", None, 1000).await.expect("a list");
        let parked = self.follower.parked(READER).await.expect("parked events");
        (rows, list.into_iter().map(|(data, _)| data).collect(), parked.len())
    }
}

/// Counts events by stream, once each whatever is delivered; keeps a list and a copy by version.
#[derive(Default)]
pub struct Counting {
    /// Payloads that are answered with an error, and which.
    pub bad: Vec<(&'static str, HandleError)>,
    /// How often it was asked.
    pub asked: Arc<AtomicU32>,
    /// How many more times a bad payload is bad.
    pub failures: Option<AtomicU32>,
}

#[async_trait]
impl Consumer for Counting {
    fn name(&self) -> &'static str {
        READER
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == HAPPENED
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let still =
            |left: &AtomicU32| left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1)).is_ok();
        if let Some((_, error)) = self.bad.iter().find(|(word, _)| word.as_bytes() == &event.payload[..])
            && self.failures.as_ref().is_none_or(still)
        {
            return Err(error.clone());
        }
        let stream = event.aggregate_id;
        let number = |data: u32| data.to_string().into_bytes();
        let list = ListChange::Put {
            tenant: event.tenant,
            list: "seen",
            owner: String::new(),
            sort: stream.to_string(),
            id: stream.to_string(),
            version: event.version,
            data: number(event.version),
        };
        let key = stream.to_string();
        let copy = CopyChange {
            tenant: event.tenant,
            kind: "thing",
            key,
            version: event.version,
            data: Some(number(event.version)),
        };
        let far = grantor_ports::Clock::real(&SystemClock) + Duration::from_secs(86_400);
        let count = RowChange::Count { key: RowKey::new(event.tenant, "count", *stream.as_bytes()), expires_at: far };
        let first = RowChange::Insert {
            key: RowKey::new(event.tenant, "first", *stream.as_bytes()),
            aggregate: None,
            data: OsEntropy.byte_vec(4),
            expires_at: None,
            on_taken: OnTaken::Keep,
        };
        Ok(Write {
            inbox: Some((READER, event.event_id.uuid())),
            rows: vec![count, first],
            lists: vec![list],
            copies: vec![copy],
            ..Write::default()
        })
    }
}

/// A source that starts from the beginning again however far its reader is.
pub struct FromTheStart(pub Arc<dyn EventSource>);

#[async_trait]
impl EventSource for FromTheStart {
    fn name(&self) -> &str {
        self.0.name()
    }

    async fn read(&self, after: Position, _: u32, wanted: Wanted<'_>) -> Result<Stretch, grantor_store::StoreError> {
        let mut stretch = self.0.read(Position::START, 10_000, wanted).await?;
        let all = &mut stretch.records;
        // In an order of its own within what was delivered before; streams keep theirs.
        let new = all.iter().position(|event| event.position > after).unwrap_or(all.len());
        all[..new].sort_by_key(|event| (event.aggregate_id, event.version));
        Ok(stretch)
    }

    fn follow(&self) -> tokio::sync::watch::Receiver<Position> {
        self.0.follow()
    }
}
