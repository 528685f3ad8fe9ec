use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use grantor_eventsourcing::Position;
use grantor_store::{StoreError, Stretch, Wanted};
use tokio::sync::watch;

use crate::EventSource;

/// A source that delivers late and twice, on purpose: what a broker may do on a bad day.
/// Consumers must not notice. Used by every test of the platform.
pub struct Unruly {
    inner: Arc<dyn EventSource>,
    delay: Duration,
    reads: AtomicU64,
}

impl Unruly {
    /// Every read waits `delay`; every second one starts up to three records too early.
    pub fn new(inner: Arc<dyn EventSource>, delay: Duration) -> Self {
        Self { inner, delay, reads: AtomicU64::new(0) }
    }
}

#[async_trait]
impl EventSource for Unruly {
    fn name(&self) -> &str {
        self.inner.name()
    }

    async fn read(&self, after: Position, limit: u32, wanted: Wanted<'_>) -> Result<Stretch, StoreError> {
        tokio::time::sleep(self.delay).await;
        let read = self.reads.fetch_add(1, Ordering::Relaxed);
        let mut fresh = self.inner.read(after, limit, wanted).await?;
        if read.is_multiple_of(2) || fresh.end == after {
            return Ok(fresh);
        }
        let earlier = Position { txid: after.txid.saturating_sub(1), seq: after.seq - 3, ..after };
        let mut again = self.inner.read(earlier, 3, wanted).await?.records;
        again.retain(|event| event.position <= after);
        fresh.records.splice(..0, again);
        Ok(fresh)
    }

    fn follow(&self) -> watch::Receiver<Position> {
        self.inner.follow()
    }
}
