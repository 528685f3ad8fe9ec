//! A service's log, followed from another process without a broker.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use bytes::Bytes;
use grantor_bus::EventSource;
use grantor_eventsourcing::{AggregateType, Envelope, Meta, Position, Timestamp, Version};
use grantor_ids::{EventId, TenantId};
use grantor_store::{StoreError, Stretch, Wanted};
use grantor_web::{AdminRoute, Answer, Method as Verb, PathSpec, Request, admin_handler, problem};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{Caller, Gate, Role, serve::genuine};

/// How long the owner keeps a reader waiting for the next record.
const WAIT: Duration = Duration::from_secs(2);
/// How much later than that its answer may come.
const GRACE: Duration = Duration::from_secs(3);
/// Most records in one answer.
const MOST: u32 = 500;

/// A log that other services may follow.
pub struct Feed {
    /// Its name in the readers' cursors.
    pub source: &'static str,
    /// Whose log it is.
    pub owner: Role,
    /// Its path on the internal listener.
    pub path: &'static str,
    /// Who may read it.
    pub readers: &'static [Role],
}

impl Feed {
    /// Every such log.
    pub const ALL: [Self; 5] = [
        Self {
            source: "registry.facts",
            owner: Role::Registry,
            path: "/internal/events/registry.facts",
            readers: &[Role::Authorization, Role::Token, Role::Webhooks],
        },
        Self {
            source: "directory.facts",
            owner: Role::Directory,
            path: "/internal/events/directory.facts",
            readers: &[Role::Authorization, Role::Token],
        },
        Self {
            source: "registry",
            owner: Role::Registry,
            path: "/internal/events/registry",
            readers: &[Role::Webhooks],
        },
        Self {
            source: "directory",
            owner: Role::Directory,
            path: "/internal/events/directory",
            readers: &[Role::Webhooks],
        },
        Self {
            source: "token",
            owner: Role::Token,
            path: "/internal/events/token",
            readers: &[Role::Authorization, Role::Directory, Role::Webhooks],
        },
    ];

    /// The feed of this log, if it is one that others follow.
    pub fn of(source: &str) -> Option<&'static Self> {
        const ALL: &[Feed] = &Feed::ALL;
        ALL.iter().find(|feed| feed.source == source)
    }
}

#[derive(Serialize, Deserialize)]
struct Ask {
    after: Position,
    limit: u32,
    /// Whether the next record may be waited for.
    #[serde(default)]
    wait: bool,
}

#[derive(Serialize, Deserialize)]
struct Batch {
    head: Position,
    records: Vec<Record>,
}

/// An envelope in JSON.
#[derive(Serialize, Deserialize)]
struct Record {
    position: Position,
    event_id: EventId,
    event_type: String,
    schema_version: u16,
    tenant: TenantId,
    aggregate_type: i16,
    aggregate_id: Uuid,
    version: Version,
    occurred_at: Timestamp,
    recorded_at: Timestamp,
    meta: Meta,
    payload: String,
}

impl From<Envelope> for Record {
    fn from(event: Envelope) -> Self {
        Self {
            position: event.position,
            event_id: event.event_id,
            event_type: event.event_type,
            schema_version: event.schema_version,
            tenant: event.tenant,
            aggregate_type: event.aggregate_type.code(),
            aggregate_id: event.aggregate_id,
            version: event.version,
            occurred_at: event.occurred_at,
            recorded_at: event.recorded_at,
            meta: event.meta,
            payload: B64.encode(event.payload),
        }
    }
}

impl Record {
    fn envelope(self) -> Option<Envelope> {
        Some(Envelope {
            position: self.position,
            event_id: self.event_id,
            event_type: self.event_type,
            schema_version: self.schema_version,
            tenant: self.tenant,
            aggregate_type: AggregateType::from_code(self.aggregate_type)?,
            aggregate_id: self.aggregate_id,
            version: self.version,
            occurred_at: self.occurred_at,
            recorded_at: self.recorded_at,
            meta: self.meta,
            payload: Bytes::from(B64.decode(self.payload).ok()?),
        })
    }
}

/// The owner's side: a route that hands out records, and waits for the next when there is none.
pub fn feed(feed: &'static Feed, source: Arc<dyn EventSource>, gate: &Arc<Gate>) -> AdminRoute {
    const POST: &[Verb] = &[Verb::POST];
    let gate = Arc::clone(gate);
    let handler = admin_handler(move |request: Request| {
        let (source, gate) = (Arc::clone(&source), Arc::clone(&gate));
        async move {
            let key = match gate.admit(&request, feed.owner, feed.readers) {
                Ok(key) => key,
                Err(answer) => return *answer,
            };
            let Ok(ask) = serde_json::from_slice::<Ask>(&request.body) else {
                return problem(400, "unreadable", "Unreadable call", "The body cannot be read.", None);
            };
            match batch(source.as_ref(), &ask).await {
                Ok(batch) => genuine(&key, &request, serde_json::to_vec(&batch).unwrap_or_default()),
                Err(_) => unavailable(),
            }
        }
    });
    AdminRoute { name: "events", at: PathSpec::Fixed(feed.path), methods: POST, handler }
}

fn unavailable() -> Answer {
    problem(503, "unavailable", "Unavailable", "The log cannot be read now.", None)
}

async fn batch(source: &dyn EventSource, ask: &Ask) -> Result<Batch, StoreError> {
    let mut head = source.follow();
    head.borrow_and_update();
    let limit = ask.limit.min(MOST);
    let mut events = source.read(ask.after, limit, &|_| true).await?.records;
    if events.is_empty() && ask.wait && tokio::time::timeout(WAIT, head.changed()).await.is_ok() {
        events = source.read(ask.after, limit, &|_| true).await?.records;
    }
    let head = *source.follow().borrow();
    Ok(Batch { head, records: events.into_iter().map(Record::from).collect() })
}

/// The reader's side: the log of a service in another process.
pub struct RemoteLog {
    feed: &'static Feed,
    caller: Caller,
    head: watch::Sender<Position>,
    /// Whether the last answer was empty. Only then is the next one waited for: a reader learns at
    /// once that it has heard everything.
    idle: AtomicBool,
}

impl RemoteLog {
    /// Follows a feed as this caller.
    pub fn new(feed: &'static Feed, caller: Caller) -> Self {
        Self { feed, caller, head: watch::Sender::new(Position::default()), idle: AtomicBool::new(false) }
    }
}

#[async_trait]
impl EventSource for RemoteLog {
    fn name(&self) -> &str {
        self.feed.source
    }

    async fn read(&self, after: Position, limit: u32, wanted: Wanted<'_>) -> Result<Stretch, StoreError> {
        let wait = self.idle.load(Ordering::Relaxed);
        let ask = serde_json::to_vec(&Ask { after, limit, wait }).map_err(|_| StoreError::Failed)?;
        let body = self.caller.send(true, self.feed.path, ask, WAIT + GRACE).await.map_err(|_| StoreError::Failed)?;
        let batch: Batch = serde_json::from_slice(&body).map_err(|_| unreadable(self.feed.source))?;
        let events: Option<Vec<_>> = batch.records.into_iter().map(Record::envelope).collect();
        self.idle.store(events.as_ref().is_some_and(Vec::is_empty), Ordering::Relaxed);
        // Said even when nothing is new: who follows asks again at once, and the owner waits.
        self.head.send_replace(batch.head);
        let mut records = events.ok_or_else(|| unreadable(self.feed.source))?;
        let end = records.last().map_or(after, |record| record.position);
        let more = records.len() >= limit.min(MOST) as usize;
        records.retain(|record| wanted(&record.event_type));
        Ok(Stretch { records, end, more })
    }

    fn follow(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }
}

fn unreadable(source: &'static str) -> StoreError {
    tracing::error!(source, "records of a log cannot be read: is this process older than the log's owner?");
    StoreError::Failed
}
