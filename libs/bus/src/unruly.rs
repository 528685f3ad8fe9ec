use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use grantor_eventsourcing::{Envelope, Position};
use grantor_store::StoreError;
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

    async fn read(&self, after: Position, limit: u32) -> Result<Vec<Envelope>, StoreError> {
        tokio::time::sleep(self.delay).await;
        let read = self.reads.fetch_add(1, Ordering::Relaxed);
        let fresh = self.inner.read(after, limit).await?;
        if read.is_multiple_of(2) || fresh.is_empty() {
            return Ok(fresh);
        }
        let earlier = Position { txid: after.txid.saturating_sub(1), seq: after.seq - 3, ..after };
        let mut again = self.inner.read(earlier, 3).await?;
        again.retain(|event| event.position <= after);
        again.extend(fresh);
        Ok(again)
    }

    fn follow(&self) -> watch::Receiver<Position> {
        self.inner.follow()
    }
}
