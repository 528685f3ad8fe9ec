use std::{collections::HashSet, sync::Arc, time::Duration};

use grantor_eventsourcing::Position;
use grantor_store::{CursorMove, Store, StoreError, Stretch};
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
enum Drained {
    /// Nothing new.
    Nothing,
    /// Nothing for this consumer, and no more to read.
    Passed,
    /// Something, or there is more.
    Some,
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
                Ok(Drained::Nothing) => {
                    consumer.caught_up(self.source.name(), now);
                    // Woken by the owner's writer; looks by itself once in a while all the same.
                    let _ = tokio::time::timeout(Duration::from_secs(5), head.changed()).await;
                }
                Ok(Drained::Passed) => tokio::time::sleep(REST).await,
                Ok(Drained::Some) => {}
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
        let Stretch { records, end, more } = self.source.read(at, BATCH, &|kind| handler.consumer.wants(kind)).await?;
        let mut gathered = Gathered::default();
        handler.consumer.prepare(&records.iter().collect::<Vec<_>>()).await;
        for event in &records {
            let cursor = self.cursor_at(event.position);
            if parked.contains(&event.aggregate_id) {
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
        // What came after the last of them is for others.
        if end > records.last().map_or(at, |last| last.position) {
            gathered.pass(self.cursor_at(end));
        }
        handler.flush(&mut gathered).await?;
        let handled = records.iter().filter(|event| event.position > at).count();
        handler.metrics.handled(u64::try_from(handled).unwrap_or_default());
        let behind = end.max(at).behind(*self.source.follow().borrow());
        handler.metrics.lag(i64::try_from(behind).unwrap_or(i64::MAX));
        Ok(match handled {
            0 if end <= at => Drained::Nothing,
            0 if !more => Drained::Passed,
            _ => Drained::Some,
        })
    }

    fn cursor_at(&self, position: Position) -> CursorMove {
        let (reader, source) = (self.consumer.name(), self.source.name().to_owned());
        CursorMove { reader, source, position, leader: None }
    }
}
