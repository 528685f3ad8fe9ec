use async_trait::async_trait;
use grantor_eventsourcing::Position;
use grantor_store::{Log, Store, StoreError, Stretch, Wanted};
use tokio::sync::watch;

/// A log that can be read from any position.
#[async_trait]
pub trait EventSource: Send + Sync + 'static {
    /// Names it in the readers' cursors.
    fn name(&self) -> &str;
    /// Records after a position that somebody wants.
    async fn read(&self, after: Position, limit: u32, wanted: Wanted<'_>) -> Result<Stretch, StoreError>;
    /// Follows the last position.
    fn follow(&self) -> watch::Receiver<Position>;
}

/// The log of a service in this process.
pub struct OwnLog {
    name: String,
    store: Store,
    log: Log,
}

impl OwnLog {
    /// The log of the service with this name.
    pub fn new(name: impl Into<String>, store: Store, log: Log) -> Self {
        Self { name: name.into(), store, log }
    }
}

#[async_trait]
impl EventSource for OwnLog {
    fn name(&self) -> &str {
        &self.name
    }

    async fn read(&self, after: Position, limit: u32, wanted: Wanted<'_>) -> Result<Stretch, StoreError> {
        self.store.read_wanted(self.log, after, limit, wanted).await
    }

    fn follow(&self) -> watch::Receiver<Position> {
        self.store.follow(self.log)
    }
}
