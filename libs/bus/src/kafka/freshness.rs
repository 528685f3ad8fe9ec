//! How fresh a follower is, and how far behind.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use grantor_contracts::{Carries, TOPICS};
use grantor_eventsourcing::{Position, Timestamp};
use grantor_ids::TenantId;
use grantor_store::{OnTaken, RowChange, RowKey, Store, StoreError};
use parking_lot::Mutex;
use rdkafka::Statistics;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Kind of the rows that keep the last heartbeat of each partition. In the database, because the
/// partitions of one follower are shared among its replicas.
const HEARD: &str = "heard";
/// These rows belong to no tenant.
const NOBODY: TenantId = TenantId::from_uuid(Uuid::nil());

/// All that an owner had written up to this instant is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    /// The instant, by the owner's real clock.
    pub at: Timestamp,
    /// The last position of its log then.
    pub position: Position,
}

/// Whether followers of this log can know how fresh they are: its owner says so on its state
/// topics.
pub fn tells_freshness(source: &str) -> bool {
    TOPICS.iter().any(|topic| topic.carries == Carries::State && topic.from.contains(&source))
}

/// How far a follower is; shared with whoever asks.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    lag: AtomicU64,
    done: AtomicU64,
    heard: Mutex<HashMap<String, Heard>>,
}

impl Progress {
    /// Records of the partitions that this process has, that it has not handled.
    pub fn lag(&self) -> u64 {
        self.0.lag.load(Ordering::Relaxed)
    }

    /// Up to where everything of a log is known, in this process or another of the same service;
    /// `None` before the first heartbeat of every partition.
    pub fn heard(&self, source: &str) -> Option<Heard> {
        self.0.heard.lock().get(source).copied()
    }

    /// Records that were received and are done with: handled, passed over, or parked.
    pub fn done(&self) -> u64 {
        self.0.done.load(Ordering::Acquire)
    }

    pub(super) fn add_done(&self, records: usize) {
        self.0.done.fetch_add(u64::try_from(records).unwrap_or_default(), Ordering::AcqRel);
    }

    pub(super) fn hear(&self, source: &str, heard: Heard) {
        self.0.heard.lock().insert(source.to_owned(), heard);
    }

    /// Counts what is in the client's queues and behind them. Not by offsets that were handled:
    /// the broker's own marks between the records never arrive.
    pub(super) fn count(&self, statistics: &Statistics) {
        let partitions = statistics.topics.values().flat_map(|topic| topic.partitions.values());
        let ours = partitions.filter(|partition| partition.fetch_state == "active" && partition.next_offset >= 0);
        let behind = ours.map(|partition| (partition.ls_offset - partition.next_offset).max(0) + partition.fetchq_cnt);
        self.0.lag.store(u64::try_from(behind.sum::<i64>()).unwrap_or_default(), Ordering::Relaxed);
    }
}

/// The change that remembers a partition's heartbeat.
pub(super) fn remember(source: &str, topic: &str, partition: i32, heard: &Heard) -> RowChange {
    RowChange::Insert {
        key: RowKey::new(NOBODY, HEARD, key(source, topic, partition)),
        aggregate: None,
        data: serde_json::to_vec(heard).unwrap_or_default(),
        expires_at: None,
        on_taken: OnTaken::Replace,
    }
}

/// The oldest of the last heartbeats of all these partitions; `None` when one has none.
pub(super) async fn as_of(store: &Store, source: &str, topics: &[(String, i32)]) -> Result<Option<Heard>, StoreError> {
    let rows = store.rows(NOBODY, HEARD).await?;
    let known: HashMap<_, _> =
        rows.into_iter().filter_map(|row| Some((row.key, serde_json::from_slice::<Heard>(&row.data).ok()?))).collect();
    let mut oldest: Option<Heard> = None;
    for (topic, partitions) in topics {
        for partition in 0..*partitions {
            let Some(heard) = known.get(&key(source, topic, partition)) else { return Ok(None) };
            oldest = Some(oldest.map_or(*heard, |oldest| Heard {
                at: oldest.at.min(heard.at),
                position: oldest.position.min(heard.position),
            }));
        }
    }
    Ok(oldest)
}

fn key(source: &str, topic: &str, partition: i32) -> Vec<u8> {
    format!("{source} {topic}/{partition}").into_bytes()
}
