//! From a service's log to Apache Kafka.

use std::{collections::HashSet, time::Duration};

use grantor_contracts::{Carries, TOPICS, Topic, topic_of};
use grantor_eventsourcing::{Envelope, Position, Timestamp};
use grantor_ports::{Drilled, Point};
use grantor_store::{CommitError, CursorMove, Lease, Log, Store, StoreError, Write};
use grantor_telemetry::RelayMetrics;
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Heard, Kafka, KafkaError,
    producer::{Producer, Unsent},
    wire::{self, Record},
};

/// The relay's name among the readers of a log, and that of its lead.
const READER: &str = "relay";
/// Records per transaction.
const BATCH: u32 = 500;
/// How long it takes to look again when nothing wakes it: other processes write to the log too.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(25), Duration::from_millis(250));
/// How long a relay waits that is not the leader, or whose broker is away.
const PAUSE: Duration = Duration::from_millis(500);

/// Brings the events and facts of one service to Apache Kafka: at least once, in order per
/// aggregate. Any number of processes may run one; one of them works.
pub struct Relay {
    service: &'static str,
    store: Store,
    kafka: Kafka,
    metrics: RelayMetrics,
    drill: Drilled,
}

/// Why a relay stops for the moment.
enum Stop {
    /// Somebody else leads.
    Deposed,
    Store(StoreError),
    Kafka(KafkaError),
}

impl From<StoreError> for Stop {
    fn from(cause: StoreError) -> Self {
        Self::Store(cause)
    }
}

impl From<KafkaError> for Stop {
    fn from(cause: KafkaError) -> Self {
        Self::Kafka(cause)
    }
}

/// One of a service's two logs.
struct Stretch {
    log: Log,
    source: String,
    at: Position,
    /// Aggregates with a record that cannot be sent.
    parked: HashSet<Uuid>,
    /// Its state topics, each with its partitions.
    states: Vec<(String, i32)>,
    beaten: Option<Instant>,
}

impl Relay {
    /// The relay of the service that this database belongs to.
    pub fn new(service: &'static str, store: Store, kafka: Kafka, metrics: RelayMetrics) -> Self {
        Self { service, store, kafka, metrics, drill: Drilled::default() }
    }

    /// The same, with a drill at each of its points.
    #[must_use]
    pub fn with_drill(self, drill: impl Into<Drilled>) -> Self {
        Self { drill: drill.into(), ..self }
    }

    /// Works whenever it leads, for ever. Dropping the future stops it; nothing is lost by that.
    pub async fn run(self) {
        loop {
            if let Ok(Some(mut lease)) = self.store.try_lead(READER).await {
                self.lead(&mut lease).await;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn lead(&self, lease: &mut Lease) {
        let mut said = false;
        // Asked before a producer is opened, since that shuts out every other one.
        while lease.is_held().await {
            let stop = match self.serve(lease).await {
                Ok(never) => match never {},
                Err(stop) => stop,
            };
            match stop {
                Stop::Deposed => break,
                Stop::Store(cause) => tracing::warn!(service = self.service, %cause, "the relay cannot read"),
                // Once, and not at every attempt.
                Stop::Kafka(cause) if said => tracing::debug!(service = self.service, %cause, "no way to kafka"),
                Stop::Kafka(cause) => {
                    said = true;
                    tracing::warn!(service = self.service, %cause, "no way to kafka; events wait in the table");
                }
            }
            self.count(self.oldest().await.ok().flatten());
            self.metrics.connected(false);
            tokio::time::sleep(PAUSE).await;
        }
        tracing::info!(service = self.service, "the relay no longer leads");
    }

    /// Sends until something fails.
    async fn serve(&self, lease: &mut Lease) -> Result<std::convert::Infallible, Stop> {
        let producer = Producer::open(&self.kafka, self.service).await?;
        let mut stretches = [self.stretch(Log::Events, &producer).await?, self.stretch(Log::Facts, &producer).await?];
        let mut heads = [self.store.follow(Log::Events), self.store.follow(Log::Facts)];
        self.metrics.connected(true);
        let mut wait = LOOK_AGAIN.0;
        loop {
            heads.iter_mut().for_each(|head| drop(head.borrow_and_update()));
            let mut moved = 0;
            for stretch in &mut stretches {
                moved += self.drain(lease, &producer, stretch).await?;
            }
            if moved > 0 {
                wait = LOOK_AGAIN.0;
                continue;
            }
            self.count(None);
            for stretch in &mut stretches {
                self.beat(lease, &producer, stretch).await?;
            }
            let [events, facts] = &mut heads;
            tokio::select! {
                _ = events.changed() => {}
                _ = facts.changed() => {}
                () = tokio::time::sleep(wait.min(self.kafka.settings().heartbeat)) => wait = (wait * 2).min(LOOK_AGAIN.1),
            }
        }
    }

    async fn stretch(&self, log: Log, producer: &Producer) -> Result<Stretch, Stop> {
        let source = source(self.service, log);
        let at = self.store.cursor(READER, &source).await?;
        let parked = self.store.parked(READER).await?.into_iter().filter(|event| event.source == source);
        let parked = parked.map(|event| event.aggregate).collect();
        let mut states = Vec::new();
        let is_ours = |topic: &&Topic| topic.carries == Carries::State && topic.from.contains(&source.as_str());
        for topic in TOPICS.iter().filter(is_ours) {
            let name = self.kafka.named(topic.name);
            let partitions = producer.partitions(name.clone()).await?;
            states.push((name, partitions));
        }
        Ok(Stretch { log, source, at, parked, states, beaten: None })
    }

    /// Sends one batch; answers how many records it moved on.
    async fn drain(&self, lease: &mut Lease, producer: &Producer, stretch: &mut Stretch) -> Result<usize, Stop> {
        let events = self.store.read_log(stretch.log, stretch.at, BATCH).await?;
        if let Some(oldest) = events.first() {
            self.count(Some(oldest.recorded_at));
        }
        let mut ready = Vec::with_capacity(events.len());
        for event in &events {
            match self.addressed(stretch, event) {
                Ok(record) => ready.push((event, record)),
                Err(reason) => {
                    self.send(lease, producer, stretch, std::mem::take(&mut ready)).await?;
                    self.park(lease, stretch, event, &reason).await?;
                }
            }
        }
        self.send(lease, producer, stretch, ready).await?;
        Ok(events.len())
    }

    /// The record of an event, or why there is none.
    fn addressed(&self, stretch: &Stretch, event: &Envelope) -> Result<Record, String> {
        if stretch.parked.contains(&event.aggregate_id) {
            return Err("an earlier event of this stream is parked".to_owned());
        }
        let topic = topic_of(&event.event_type, stretch.log == Log::Facts);
        let topic = topic.ok_or_else(|| "the catalogue has no topic for it".to_owned())?;
        Ok(wire::record(self.service, self.kafka.named(topic.name), event))
    }

    /// Sends records and moves the cursor behind the last of them.
    async fn send(
        &self,
        lease: &mut Lease,
        producer: &Producer,
        stretch: &mut Stretch,
        ready: Vec<(&Envelope, Record)>,
    ) -> Result<(), Stop> {
        let (events, mut records): (Vec<&Envelope>, Vec<Record>) = ready.into_iter().unzip();
        let mut sent = 0;
        while sent < events.len() {
            // Those behind a parked one of the same stream.
            if stretch.parked.contains(&events[sent].aggregate_id) {
                self.park(lease, stretch, events[sent], "an earlier event of this stream is parked").await?;
                records.remove(0);
                sent += 1;
                continue;
            }
            let parked = &stretch.parked;
            let count = events[sent..].iter().take_while(|event| !parked.contains(&event.aggregate_id)).count();
            match self.transact(lease, producer, &records[..count]).await {
                Ok(()) => {
                    self.move_cursor(lease, stretch, events[sent + count - 1].position, None).await?;
                    self.metrics.sent(count);
                    records.drain(..count);
                    sent += count;
                }
                Err(Unsent::Poison(index, reason)) => {
                    // What stands before it was taken back with it.
                    if index > 0 {
                        match self.transact(lease, producer, &records[..index]).await {
                            Ok(()) => {}
                            Err(Unsent::Poison(_, reason)) => return Err(Stop::Kafka(KafkaError::Broker(reason))),
                            Err(Unsent::Broken(cause)) => return Err(cause.into()),
                        }
                        self.metrics.sent(index);
                    }
                    self.park(lease, stretch, events[sent + index], &reason).await?;
                    records.drain(..=index);
                    sent += index + 1;
                }
                Err(Unsent::Broken(cause)) => return Err(cause.into()),
            }
        }
        Ok(())
    }

    async fn transact(&self, lease: &mut Lease, producer: &Producer, records: &[Record]) -> Result<(), Unsent> {
        if !lease.is_held().await {
            return Err(Unsent::Broken(KafkaError::Broker("the lead is lost".into())));
        }
        let batch = producer.send(records).await?;
        self.drill.reached(Point::Produced).await;
        batch.commit().await?;
        self.drill.reached(Point::Acknowledged).await;
        Ok(())
    }

    /// Sets a record aside that can never be sent, and its stream with it.
    async fn park(&self, lease: &Lease, stretch: &mut Stretch, event: &Envelope, reason: &str) -> Result<(), Stop> {
        tracing::error!(
            service = self.service, event.id = %event.event_id, event.kind = %event.event_type, reason,
            "an event cannot be sent; it is parked, with its stream"
        );
        self.metrics.parked();
        if !event.aggregate_id.is_nil() {
            stretch.parked.insert(event.aggregate_id);
        }
        self.move_cursor(lease, stretch, event.position, Some((event.aggregate_id, reason.to_owned()))).await
    }

    async fn move_cursor(
        &self,
        lease: &Lease,
        stretch: &mut Stretch,
        position: Position,
        park: Option<(Uuid, String)>,
    ) -> Result<(), Stop> {
        let source = stretch.source.clone();
        let park = park.map(|(aggregate, reason)| (READER, source.clone(), position, aggregate, reason));
        let leader = Some(lease.leader());
        let cursor = Some(CursorMove { reader: READER, source, position, leader });
        match self.store.commit(Write { cursor, park, ..Write::default() }).await {
            Ok(_) => {
                stretch.at = position;
                Ok(())
            }
            Err(CommitError::Conflict) => Err(Stop::Deposed),
            Err(_) => Err(Stop::Store(StoreError::Failed)),
        }
    }

    /// Says in every partition of the state topics that all is sent, when it is time to and true.
    async fn beat(&self, lease: &mut Lease, producer: &Producer, stretch: &mut Stretch) -> Result<(), Stop> {
        let due = stretch.beaten.is_none_or(|at| at.elapsed() >= self.kafka.settings().heartbeat);
        if stretch.states.is_empty() || !due {
            return Ok(());
        }
        let now = self.store.clock().real();
        if stretch.at < self.store.newest(stretch.log).await? {
            return Ok(());
        }
        let heard = Heard { at: now, position: stretch.at };
        let mut records = Vec::new();
        for (topic, partitions) in &stretch.states {
            for partition in 0..*partitions {
                records.push(wire::heartbeat(self.service, topic.clone(), partition, &stretch.source, &heard));
            }
        }
        match self.transact(lease, producer, &records).await {
            Ok(()) => stretch.beaten = Some(Instant::now()),
            Err(Unsent::Broken(cause)) => return Err(cause.into()),
            Err(Unsent::Poison(_, reason)) => return Err(Stop::Kafka(KafkaError::Broker(reason))),
        }
        Ok(())
    }

    /// When the oldest record that waits was written.
    async fn oldest(&self) -> Result<Option<Timestamp>, StoreError> {
        let mut oldest = None;
        for log in [Log::Events, Log::Facts] {
            let at = self.store.cursor(READER, &source(self.service, log)).await?;
            let first = self.store.read_log(log, at, 1).await?.into_iter().next();
            oldest = oldest.into_iter().chain(first.map(|event| event.recorded_at)).min();
        }
        Ok(oldest)
    }

    fn count(&self, oldest: Option<Timestamp>) {
        let waiting = oldest.and_then(|at| (self.store.clock().real() - at).to_std().ok());
        self.metrics.oldest_waits(waiting.unwrap_or_default());
    }
}

fn source(service: &str, log: Log) -> String {
    match log {
        Log::Events => service.to_owned(),
        Log::Facts => format!("{service}.facts"),
    }
}
