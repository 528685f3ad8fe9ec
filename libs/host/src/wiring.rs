//! Who follows which log.

use std::sync::{Arc, OnceLock};

use grantor_bus::{Consumer, EventSource, OwnLog, Subscription, Unruly};
use grantor_console::Readiness;
use grantor_store::{Log, Store};
use grantor_telemetry::Metrics;

use crate::{BusKind, StartError, Stores};

/// One reader and the log it reads.
pub(crate) struct Following {
    reader: &'static str,
    source: &'static str,
    log: Store,
    of: Log,
    store: Store,
}

impl Following {
    /// Records ahead of the reader; `None` when the database does not answer.
    pub(crate) async fn lag(&self) -> Option<u64> {
        let at = self.store.cursor(self.reader, self.source).await.ok()?;
        Some(at.behind(self.log.head(self.of)))
    }
}

/// Collects subscriptions.
pub(crate) struct Wiring {
    stores: Stores,
    bus: BusKind,
    metrics: Metrics,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) following: Vec<Following>,
}

impl Wiring {
    /// Nobody follows anything yet.
    pub(crate) fn new(stores: Stores, bus: BusKind, metrics: Metrics) -> Self {
        Self { stores, bus, metrics, subscriptions: Vec::new(), following: Vec::new() }
    }

    /// The consumers of one service, whose effects go to `store`; each with the log it follows.
    pub(crate) fn consumers(
        &mut self,
        store: &Store,
        consumers: Vec<(Arc<dyn Consumer>, &'static str)>,
    ) -> Result<(), StartError> {
        for (consumer, name) in consumers {
            let (service, of) = match name.strip_suffix(".facts") {
                Some(service) => (service, Log::Facts),
                None => (name, Log::Events),
            };
            let all = self.stores.all();
            let log = all.iter().find(|(known, _)| *known == service).map(|(_, store)| (*store).clone());
            let log = log.ok_or(StartError::Inside("a consumer follows an unknown log"))?;
            let own: Arc<dyn EventSource> = Arc::new(OwnLog::new(name, log.clone(), of));
            let source = match self.bus {
                BusKind::Orderly => own,
                BusKind::Unruly(delay) => Arc::new(Unruly::new(own, delay)),
            };
            self.following.push(Following { reader: consumer.name(), source: name, log, of, store: store.clone() });
            let metrics = self.metrics.bus(consumer.name());
            self.subscriptions.push(Subscription { consumer, source, store: store.clone(), metrics });
        }
        Ok(())
    }
}

/// Records that a consumer may be behind while the process still counts as ready.
const READY_LAG: u64 = 10_000;

/// What `/ready` asks: whether every database answers and every reader is near the end of its log.
pub(crate) fn readiness(stores: &Stores, following: &Arc<OnceLock<Vec<Following>>>) -> Readiness {
    let (stores, following) = (stores.clone(), Arc::clone(following));
    Arc::new(move || {
        let (stores, following) = (stores.clone(), Arc::clone(&following));
        Box::pin(async move {
            let mut parts = Vec::new();
            for (name, store) in stores.all() {
                parts.push((format!("{name}.store"), store.meta("root_key_proof").await.is_ok()));
            }
            for following in following.get().into_iter().flatten() {
                let near = following.lag().await.is_some_and(|lag| lag <= READY_LAG);
                parts.push((format!("{} of {}", following.reader, following.source), near));
            }
            parts
        })
    })
}
