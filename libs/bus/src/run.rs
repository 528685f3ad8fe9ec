use std::{collections::HashSet, sync::Arc, time::Duration};

use grantor_eventsourcing::{Envelope, Position};
use grantor_store::{CommitError, CursorMove, Store, StoreError, Write};
use grantor_telemetry::BusMetrics;
use tracing::Instrument;
use uuid::Uuid;

use crate::{Consumer, EventSource, HandleError};

/// Records per read.
const BATCH: u32 = 256;
/// How often an event is tried before its stream is parked.
const TRIES: u32 = 3;
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_millis(200);

/// One consumer on one source, with the database that its effects go to.
pub struct Subscription {
    /// Who follows.
    pub consumer: Arc<dyn Consumer>,
    /// What is followed.
    pub source: Arc<dyn EventSource>,
    /// The consumer's own database.
    pub store: Store,
    /// Where its progress is counted.
    pub metrics: BusMetrics,
}

impl Subscription {
    /// Follows for ever. Dropping the future stops it; nothing is lost by that.
    pub async fn run(self) {
        let mut head = self.source.follow();
        let mut parked = HashSet::new();
        loop {
            match self.store.parked(self.consumer.name()).await {
                Ok(found) => {
                    parked.extend(found.into_iter().filter(|p| p.source == self.source.name()).map(|p| p.aggregate));
                    break;
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
        loop {
            head.borrow_and_update();
            match self.drain(&mut parked).await {
                Ok(0) => {
                    self.consumer.caught_up(self.source.name());
                    // Woken by the owner's writer; looks by itself once in a while all the same.
                    let _ = tokio::time::timeout(Duration::from_secs(5), head.changed()).await;
                }
                Ok(_) => {}
                Err(cause) => {
                    tracing::warn!(consumer = self.consumer.name(), source = self.source.name(), %cause, "following stalled");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// How many records of the source have not been handled yet.
    pub async fn lag(&self) -> Result<u64, StoreError> {
        let at = self.store.cursor(self.consumer.name(), self.source.name()).await?;
        let head = *self.source.follow().borrow();
        Ok(at.behind(head))
    }

    /// Handles one batch; answers how many records it moved on.
    async fn drain(&self, parked: &mut HashSet<Uuid>) -> Result<usize, StoreError> {
        let at = self.store.cursor(self.consumer.name(), self.source.name()).await?;
        let batch = self.source.read(at, BATCH).await?;
        let mut gathered = Gathered::default();
        let mut moved = 0;
        for event in &batch {
            moved += usize::from(event.position > at);
            if !self.consumer.wants(&event.event_type) {
                gathered.up_to = event.position;
            } else if parked.contains(&event.aggregate_id) {
                // A repeated one was handled or parked before, with a reason of its own.
                if event.position > at {
                    self.flush(&mut gathered).await?;
                    self.park(event, "an earlier event of this stream is parked").await?;
                }
            } else {
                self.take(event, &mut gathered, parked).await?;
            }
        }
        self.flush(&mut gathered).await?;
        self.metrics.handled(u64::try_from(moved).unwrap_or_default());
        self.metrics.lag(i64::try_from(self.lag().await?).unwrap_or(i64::MAX));
        Ok(moved)
    }

    async fn take(
        &self,
        event: &Envelope,
        gathered: &mut Gathered,
        parked: &mut HashSet<Uuid>,
    ) -> Result<(), StoreError> {
        for attempt in 1..=TRIES {
            let span = tracing::info_span!("consume", consumer = self.consumer.name(), event.kind = %event.event_type);
            if let Some(trace) = &event.meta.trace {
                grantor_telemetry::set_parent(&span, trace);
            }
            let problem = match self.consumer.handle(event).instrument(span).await {
                Ok(write) if is_plain(&write) => {
                    gathered.add(write, event.position);
                    return Ok(());
                }
                Ok(write) => {
                    self.flush(gathered).await?;
                    match self.commit(write, event.position).await {
                        Ok(()) => return Ok(()),
                        Err(cause) => HandleError::Again(cause.to_string()),
                    }
                }
                Err(problem) => problem,
            };
            if let HandleError::Poison(reason) = problem {
                self.flush(gathered).await?;
                parked.insert(event.aggregate_id);
                return self.park(event, &reason).await;
            }
            if attempt == TRIES {
                self.flush(gathered).await?;
                parked.insert(event.aggregate_id);
                return self.park(event, &problem.to_string()).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn flush(&self, gathered: &mut Gathered) -> Result<(), StoreError> {
        let Gathered { write, up_to } = std::mem::take(gathered);
        if up_to == Position::default() {
            return Ok(());
        }
        self.commit(write, up_to).await.map_err(|_| StoreError::Failed)
    }

    async fn commit(&self, mut write: Write, position: Position) -> Result<(), CommitError> {
        write.cursor = Some(self.cursor_at(position));
        match self.store.commit(write).await {
            // Handled before: only the cursor moves.
            Err(CommitError::Taken("event")) => {
                let write = Write { cursor: Some(self.cursor_at(position)), ..Write::default() };
                self.store.commit(write).await.map(drop)
            }
            other => other.map(drop),
        }
    }

    fn cursor_at(&self, position: Position) -> CursorMove {
        CursorMove { reader: self.consumer.name(), source: self.source.name().to_owned(), position, leader: None }
    }

    async fn park(&self, event: &Envelope, reason: &str) -> Result<(), StoreError> {
        tracing::error!(
            consumer = self.consumer.name(), source = self.source.name(), event.id = %event.event_id,
            event.kind = %event.event_type, reason, "an event is parked, with its stream"
        );
        self.metrics.parked();
        let source = self.source.name().to_owned();
        let park = (self.consumer.name(), source, event.position, event.aggregate_id, reason.to_owned());
        let write = Write { park: Some(park), ..Write::default() };
        self.commit(write, event.position).await.map_err(|_| StoreError::Failed)
    }
}

/// Effects that need no guard, gathered into one commit.
#[derive(Default)]
struct Gathered {
    write: Write,
    up_to: Position,
}

impl Gathered {
    fn add(&mut self, write: Write, position: Position) {
        self.write.rows.extend(write.rows);
        self.write.copies.extend(write.copies);
        self.write.lists.extend(write.lists);
        self.write.tasks.extend(write.tasks);
        self.write.facts.extend(write.facts);
        self.up_to = position;
    }
}

fn is_plain(write: &Write) -> bool {
    write.stream.is_none() && write.inbox.is_none() && write.rows.is_empty() && write.meta.is_empty()
}
