//! Who follows which log.

use std::sync::{Arc, OnceLock};

use grantor_bus::{Consumer, EventSource, OwnLog, Subscription, Unruly};
use grantor_console::Readiness;
use grantor_remote::{Feed, Gate, RemoteLog, Role, feed};
use grantor_store::{Log, Store};
use grantor_telemetry::Metrics;
use grantor_web::AdminRoute;

use crate::{BusKind, StartError, Stores, neighbours::Neighbours};

/// One reader and the log it reads.
pub(crate) struct Following {
    reader: &'static str,
    source: Arc<dyn EventSource>,
    store: Store,
}

impl Following {
    /// Records ahead of the reader; `None` when the database does not answer.
    pub(crate) async fn lag(&self) -> Option<u64> {
        let at = self.store.cursor(self.reader, self.source.name()).await.ok()?;
        Some(at.behind(*self.source.follow().borrow()))
    }
}

/// Collects subscriptions.
pub(crate) struct Wiring<'a> {
    stores: &'a Stores,
    neighbours: &'a Neighbours,
    bus: BusKind,
    metrics: Metrics,
    pub(crate) subscriptions: Vec<Subscription>,
    pub(crate) following: Vec<Following>,
}

impl<'a> Wiring<'a> {
    /// Nobody follows anything yet.
    pub(crate) fn new(stores: &'a Stores, neighbours: &'a Neighbours, bus: BusKind, metrics: Metrics) -> Self {
        Self { stores, neighbours, bus, metrics, subscriptions: Vec::new(), following: Vec::new() }
    }

    /// The consumers of one service, whose effects go to its database; each with the log it
    /// follows.
    pub(crate) fn consumers(
        &mut self,
        service: Role,
        consumers: Vec<(Arc<dyn Consumer>, &'static str)>,
    ) -> Result<(), StartError> {
        let store = self.stores.get(service).ok_or(StartError::Inside("a consumer has no database"))?;
        for (consumer, name) in consumers {
            let source = self.source(service, name)?;
            let source = match self.bus {
                BusKind::Orderly => source,
                BusKind::Unruly(delay) => Arc::new(Unruly::new(source, delay)),
            };
            let (reader, metrics) = (consumer.name(), self.metrics.bus(consumer.name()));
            self.following.push(Following { reader, source: Arc::clone(&source), store: store.clone() });
            self.subscriptions.push(Subscription { consumer, source, store: store.clone(), metrics });
        }
        Ok(())
    }

    /// The log of a service of this process; else that of a peer.
    fn source(&self, reader: Role, name: &'static str) -> Result<Arc<dyn EventSource>, StartError> {
        if let Some(own) = own_log(self.stores, name) {
            return Ok(own);
        }
        let peer = Feed::of(name).and_then(|feed| Some((feed, self.neighbours.caller(reader, feed.owner)?)));
        let (feed, caller) = peer.ok_or(StartError::Inside("a consumer follows an unknown log"))?;
        Ok(Arc::new(RemoteLog::new(feed, caller)))
    }
}

fn own_log(stores: &Stores, name: &'static str) -> Option<Arc<dyn EventSource>> {
    let (service, log) = match name.strip_suffix(".facts") {
        Some(service) => (service, Log::Facts),
        None => (name, Log::Events),
    };
    let store = stores.get(service.parse().ok()?)?;
    Some(Arc::new(OwnLog::new(name, store.clone(), log)))
}

/// The logs of this process that others may follow.
pub(crate) fn feeds(stores: &Stores, gate: &Arc<Gate>) -> Vec<AdminRoute> {
    const ALL: &[Feed] = &Feed::ALL;
    let own = ALL.iter().filter_map(|known| Some((known, own_log(stores, known.source)?)));
    own.map(|(known, log)| feed(known, log, gate)).collect()
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
                parts.push((format!("{} of {}", following.reader, following.source.name()), near));
            }
            parts
        })
    })
}
