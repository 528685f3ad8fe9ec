//! Writes that the tests of both engines make.

use std::time::Duration;

use chrono::DateTime;
use grantor_eventsourcing::{Actor, AggregateType, Encoded, Envelope, Meta, Position, Timestamp};
use grantor_ids::{EventId, TenantId};
use grantor_ports::{EntropyExt, OsEntropy};
use grantor_store::{Log, NewEvent, NewFact, OnTaken, RowChange, RowKey, Store, StreamWrite, Write};
use uuid::Uuid;

pub const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
pub const OTHER: TenantId = TenantId::from_uuid(Uuid::from_u128(2));

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

/// A whole log, once nothing holds back its end.
pub async fn read_all(store: &Store, log: Log) -> Vec<Envelope> {
    let head = store.newest(log).await.expect("the head");
    let read = async {
        loop {
            let found = store.read_log(log, Position::START, 100_000).await.expect("the log");
            if found.last().map_or(Position::START, |last| last.position) >= head {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), read).await.expect("the log can be read to its end")
}
