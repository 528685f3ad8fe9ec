//! Who follows which log.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use grantor_bus::{Consumer, EventSource, Follower, OwnLog, Relay, Subscription, Unruly};
use grantor_ports::{Check, Drilled, Health, PortError};
use grantor_remote::{Feed, Gate, RemoteLog, Role, feed};
use grantor_store::{Log, Store};
use grantor_telemetry::Metrics;
use grantor_web::AdminRoute;
use tokio::task::JoinSet;

use crate::{BusKind, StartError, Stores, following::Following, neighbours::Neighbours};

/// Collects who follows what, and sets them going.
pub(crate) struct Wiring<'a> {
    stores: &'a Stores,
    neighbours: &'a Neighbours,
    bus: BusKind,
    metrics: Metrics,
    subscriptions: Vec<Subscription>,
    followers: Vec<Follower>,
    following: Vec<Following>,
    drill: Drilled,
}

impl<'a> Wiring<'a> {
    /// Nobody follows anything yet.
    pub(crate) fn new(
        stores: &'a Stores,
        neighbours: &'a Neighbours,
        bus: BusKind,
        metrics: Metrics,
        drill: Drilled,
    ) -> Self {
        let (subscriptions, followers, following) = (Vec::new(), Vec::new(), Vec::new());
        Self { stores, neighbours, bus, metrics, subscriptions, followers, following, drill }
    }

    /// The consumers of one service, whose effects go to its database; each with the log it
    /// follows. A service reads its own log itself, whatever brings it the others'.
    pub(crate) fn consumers(
        &mut self,
        service: Role,
        consumers: Vec<(Arc<dyn Consumer>, &'static str)>,
    ) -> Result<(), StartError> {
        let store = self.stores.get(service).ok_or(StartError::Inside("a consumer has no database"))?.clone();
        let (own, others): (Vec<_>, Vec<_>) =
            consumers.into_iter().partition(|(_, name)| owner(name) == service.name());
        let BusKind::Kafka(kafka) = &self.bus else {
            return own.into_iter().chain(others).try_for_each(|follows| self.subscribe(service, &store, follows));
        };
        if !others.is_empty() {
            let read: Vec<_> = others.iter().map(|(consumer, name)| (consumer.name(), *name)).collect();
            let follower = Follower::new(service.name(), others, store.clone(), kafka.clone(), &self.metrics)
                .with_drill(self.drill.clone());
            for (reader, name) in read {
                let log = own_store(self.stores, name);
                self.following.push(Following::topics(reader, name, follower.progress(), store.clone(), log));
            }
            self.followers.push(follower);
        }
        own.into_iter().try_for_each(|follows| self.subscribe(service, &store, follows))
    }

    fn subscribe(
        &mut self,
        service: Role,
        store: &Store,
        (consumer, name): (Arc<dyn Consumer>, &'static str),
    ) -> Result<(), StartError> {
        let source = self.source(service, name)?;
        let source = match self.bus {
            BusKind::Orderly | BusKind::Kafka(_) => source,
            BusKind::Unruly(delay) => Arc::new(Unruly::new(source, delay)),
        };
        let (reader, metrics) = (consumer.name(), self.metrics.bus(consumer.name()));
        self.following.push(Following::log(reader, Arc::clone(&source), store.clone()));
        self.subscriptions.push(Subscription { consumer, source, store: store.clone(), metrics });
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

    /// Sets everybody going: those who follow, and with Kafka the services' relays.
    pub(crate) fn start(self, tasks: &mut JoinSet<()>) -> Vec<Following> {
        let mut following = self.following;
        if let BusKind::Kafka(kafka) = &self.bus {
            for (service, store) in self.stores.all() {
                let metrics = self.metrics.relay(service);
                following.push(Following::relay(service, metrics.clone()));
                let relay = Relay::new(service, store.clone(), kafka.clone(), metrics).with_drill(self.drill.clone());
                tasks.spawn(relay.run());
            }
        }
        self.followers.into_iter().for_each(|follower| drop(tasks.spawn(follower.run())));
        self.subscriptions.into_iter().for_each(|subscription| drop(tasks.spawn(subscription.run())));
        following
    }
}

/// The service that a log belongs to.
fn owner(log: &str) -> &str {
    log.strip_suffix(".facts").unwrap_or(log)
}

fn own_store(stores: &Stores, name: &str) -> Option<(Store, Log)> {
    let log = if name.ends_with(".facts") { Log::Facts } else { Log::Events };
    Some((stores.get(owner(name).parse().ok()?)?.clone(), log))
}

fn own_log(stores: &Stores, name: &'static str) -> Option<Arc<dyn EventSource>> {
    let (store, log) = own_store(stores, name)?;
    Some(Arc::new(OwnLog::new(name, store, log)))
}

/// The logs of this process that others may follow.
pub(crate) fn feeds(stores: &Stores, gate: &Arc<Gate>) -> Vec<AdminRoute> {
    const ALL: &[Feed] = &Feed::ALL;
    let own = ALL.iter().filter_map(|known| Some((known, own_log(stores, known.source)?)));
    own.map(|(known, log)| feed(known, log, gate)).collect()
}

/// How this process does: whether every database answers and every reader is near the end of its log.
pub(crate) struct OwnHealth {
    stores: Stores,
    following: Arc<OnceLock<Vec<Following>>>,
}

impl OwnHealth {
    /// Who follows is known once everybody has been set going.
    pub(crate) fn of(stores: &Stores, following: &Arc<OnceLock<Vec<Following>>>) -> Arc<dyn Health> {
        Arc::new(Self { stores: stores.clone(), following: Arc::clone(following) })
    }
}

#[async_trait]
impl Health for OwnHealth {
    async fn checks(&self) -> Result<Vec<Check>, PortError> {
        let mut checks = Vec::new();
        for (name, store) in self.stores.all() {
            let ready = store.meta("root_key_proof").await.is_ok();
            checks.push(Check { name: format!("{name}.store"), ready, aside: 0, note: None });
        }
        for following in self.following.get().into_iter().flatten() {
            checks.push(following.check().await);
        }
        Ok(checks)
    }
}
