//! A store on a file of its own, with a clock that stands still.

use std::{fs, path::PathBuf, sync::Arc};

use chrono::{DateTime, TimeDelta};
use grantor_eventsourcing::{Actor, AggregateType, Encoded, Meta, Timestamp};
use grantor_ids::{EventId, TenantId};
use grantor_ports::{Clock, EntropyExt, FixedClock, OsEntropy};
use grantor_store::{NewEvent, NewFact, OnTaken, RowChange, RowKey, SqliteOptions, Store, StreamWrite, Write};
use tempfile::TempDir;
use uuid::Uuid;

pub const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
pub const OTHER: TenantId = TenantId::from_uuid(Uuid::from_u128(2));

pub struct Opened {
    pub store: Store,
    pub clock: Arc<FixedClock>,
    pub folder: TempDir,
}

pub async fn open() -> Opened {
    open_with(|_| {}).await
}

pub async fn open_with(change: impl FnOnce(&mut SqliteOptions)) -> Opened {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("one.sqlite");
    grantor_store::migrate(&path).await.expect("migrations");
    let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")));
    let mut options = SqliteOptions::new(path);
    change(&mut options);
    let store = Store::open_sqlite(options, Arc::clone(&clock) as _, Arc::new(OsEntropy)).await.expect("a store");
    Opened { store, clock, folder }
}

impl Opened {
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("one.sqlite")
    }

    pub fn now(&self) -> Timestamp {
        self.clock.real()
    }

    pub fn in_seconds(&self, seconds: i64) -> Option<Timestamp> {
        Some(self.now() + TimeDelta::seconds(seconds))
    }

    /// Closes it and opens the same file again.
    pub async fn again(self) -> Self {
        let options = SqliteOptions::new(self.path());
        let Self { store, clock, folder } = self;
        drop(store);
        let store = Store::open_sqlite(options, Arc::clone(&clock) as _, Arc::new(OsEntropy)).await.expect("a store");
        Self { store, clock, folder }
    }

    /// Every byte of the database and its write-ahead log.
    pub fn bytes(&self) -> Vec<u8> {
        let files = fs::read_dir(self.folder.path()).expect("the folder");
        files.flat_map(|file| fs::read(file.expect("a file").path()).expect("its bytes")).collect()
    }
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

pub fn event(payload: &str) -> NewEvent {
    let id = OsEntropy.uuid4();
    let encoded = Encoded { event_type: "test.thing.happened", schema_version: 1, payload: payload.to_owned().into() };
    let occurred_at = DateTime::from_timestamp(1_700_000_000, 0).expect("an instant");
    NewEvent { id: EventId::from_uuid(id), encoded, occurred_at, meta: Meta::by(Actor::System) }
}

pub fn fact(payload: &str) -> NewFact {
    NewFact { tenant: TENANT, kind: AggregateType::Grant, aggregate: Uuid::from_u128(9), event: event(payload) }
}

/// A write to one stream: these events upon this revision and version.
pub fn upon(id: u128, revision: u64, version: u32, events: &[&str]) -> Write {
    let stream = StreamWrite {
        tenant: TENANT,
        kind: AggregateType::Grant,
        id: Uuid::from_u128(id),
        expected: revision,
        version,
        events: events.iter().map(|payload| event(payload)).collect(),
        state: format!("\"after {}\"", version as usize + events.len()).into_bytes(),
    };
    Write { stream: Some(stream), ..Write::default() }
}

pub fn key(name: &str) -> RowKey {
    RowKey::new(TENANT, "thing", name)
}

pub fn insert(name: &str, data: &str, expires_at: Option<Timestamp>, on_taken: OnTaken) -> RowChange {
    RowChange::Insert { key: key(name), aggregate: None, data: data.into(), expires_at, on_taken }
}

pub fn rows(changes: impl IntoIterator<Item = RowChange>) -> Write {
    Write { rows: changes.into_iter().collect(), ..Write::default() }
}
