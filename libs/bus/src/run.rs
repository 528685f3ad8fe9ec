use std::{collections::HashSet, sync::Arc, time::Duration};

use grantor_eventsourcing::Position;
use grantor_store::{CursorMove, Store, StoreError};
use grantor_telemetry::BusMetrics;
use uuid::Uuid;

use crate::{
    Consumer, EventSource,
    handler::{BEHIND, Gathered, Handler, PAUSE},
};

/// Records per read.
const BATCH: u32 = 256;
/// How long a consumer rests that found nothing for itself: it is not to move its cursor, which
/// is a commit, after every commit of a busy service whose events are for others.
const REST: Duration = Duration::from_millis(25);

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

/// What there was in a batch.
struct Drained {
    /// Records that the cursor has moved on.
    moved: usize,
    /// Records for this consumer.
    wanted: usize,
}

impl Subscription {
    /// Follows for ever. Dropping the future stops it; nothing is lost by that.
    pub async fn run(self) {
        let (consumer, store) = (&self.consumer, &self.store);
        let metrics = self.metrics.clone();
        let handler = Handler { consumer: Arc::clone(consumer), store: store.clone(), metrics };
        let mut head = self.source.follow();
        let mut parked = HashSet::new();
        loop {
            match store.parked(consumer.name()).await {
                Ok(found) => {
                    parked.extend(found.into_iter().filter(|p| p.source == self.source.name()).map(|p| p.aggregate));
                    break;
                }
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
        loop {
            head.borrow_and_update();
            let now = store.clock().real();
            match self.drain(&handler, &mut parked).await {
                Ok(Drained { moved: 0, .. }) => {
                    consumer.caught_up(self.source.name(), now);
                    // Woken by the owner's writer; looks by itself once in a while all the same.
                    let _ = tokio::time::timeout(Duration::from_secs(5), head.changed()).await;
                }
                Ok(Drained { wanted: 0, moved }) if moved < BATCH as usize => tokio::time::sleep(REST).await,
                Ok(_) => {}
                Err(cause) => {
                    tracing::warn!(consumer = consumer.name(), source = self.source.name(), %cause, "following stalled");
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

    /// Handles one batch.
    async fn drain(&self, handler: &Handler, parked: &mut HashSet<Uuid>) -> Result<Drained, StoreError> {
        let source = self.source.name();
        let at = handler.store.cursor(handler.consumer.name(), source).await?;
        let batch = self.source.read(at, BATCH).await?;
        let mut gathered = Gathered::default();
        let (mut moved, mut wanted) = (0, 0);
        for event in &batch {
            moved += usize::from(event.position > at);
            wanted += usize::from(handler.consumer.wants(&event.event_type));
            let cursor = self.cursor_at(event.position);
            if !handler.consumer.wants(&event.event_type) {
                gathered.pass(cursor);
            } else if parked.contains(&event.aggregate_id) {
                // A repeated one was handled or parked before, with a reason of its own.
                if event.position > at {
                    handler.flush(&mut gathered).await?;
                    handler.park(event, source, event.position, BEHIND, Some(cursor)).await?;
                }
            } else if let Err(reason) = handler.take(event, Some(cursor.clone()), &mut gathered).await? {
                // Known as parked only once that is written: else an outage would park it later.
                handler.park(event, source, event.position, &reason, Some(cursor)).await?;
                parked.insert(event.aggregate_id);
            }
        }
        handler.flush(&mut gathered).await?;
        handler.metrics.handled(u64::try_from(moved).unwrap_or_default());
        handler.metrics.lag(i64::try_from(self.lag().await?).unwrap_or(i64::MAX));
        Ok(Drained { moved, wanted })
    }

    fn cursor_at(&self, position: Position) -> CursorMove {
        let (reader, source) = (self.consumer.name(), self.source.name().to_owned());
        CursorMove { reader, source, position, leader: None }
    }
}
