//! From Apache Kafka to a service's consumers.

use std::{collections::HashMap, sync::Arc, time::Duration};

use futures_util::FutureExt;
use grantor_contracts::{Carries, TOPICS};
use grantor_eventsourcing::{Actor, AggregateType, Envelope, Meta, Position};
use grantor_ids::{EventId, TenantId};
use grantor_ports::{Drilled, Point};
use grantor_store::{Store, StoreError, Write};
use grantor_telemetry::Metrics;
use rdkafka::{
    Message,
    config::FromClientConfigAndContext,
    consumer::{Consumer as _, StreamConsumer},
    error::{KafkaError as ClientError, RDKafkaErrorCode},
    message::OwnedMessage,
};
use tokio::time::Instant;
use uuid::Uuid;

use super::{
    Kafka, KafkaError, Progress,
    client::{Aside, Quiet},
    dead_letters::{DeadLetters, Letter},
    freshness,
    parked::{Parked, Verdict},
    wire::{self, Said, WireError},
};
use crate::{
    Consumer,
    handler::{BEHIND, Gathered, Handler, PAUSE},
};

/// Records per commit, at most.
const BATCH: usize = 256;
/// How often freshness is looked up: other replicas' partitions count too.
const TICK: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(10);
/// A client without a broker for so long is given up for a new one. A broker that has just started
/// may say that the cluster has none; a client that hears it forgets all addresses, and when another
/// answer comes just then it forgets to begin again, for good (librdkafka 5301 and 5606).
const ALONE: Duration = Duration::from_secs(10);

/// One of a service's consumers, and the log it follows.
struct Following {
    handler: Handler,
    source: &'static str,
    parked: Parked,
    /// The state topics among those it reads, which tell how fresh it is; by full name, each
    /// with its partitions once they are known.
    states: Vec<(String, i32)>,
}

/// The consumers of one service on Apache Kafka, as one member of the service's group. Replicas
/// of a service share its partitions.
pub struct Follower {
    service: &'static str,
    kafka: Kafka,
    store: Store,
    following: Vec<Following>,
    letters: DeadLetters,
    progress: Progress,
    drill: Drilled,
    /// Somebody else goes by the name that the settings give this process.
    is_fenced: bool,
}

type Client = Aside<Arc<StreamConsumer<Quiet>>>;

impl Follower {
    /// The consumers of a service, each with the log it follows; their effects go to `store`.
    pub fn new(
        service: &'static str,
        consumers: Vec<(Arc<dyn Consumer>, &'static str)>,
        store: Store,
        kafka: Kafka,
        metrics: &Metrics,
    ) -> Self {
        let following = consumers.into_iter().map(|(consumer, source)| {
            let metrics = metrics.bus(consumer.name());
            let handler = Handler { consumer, store: store.clone(), metrics };
            Following { handler, source, parked: Parked::default(), states: Vec::new() }
        });
        let following = following.collect();
        let letters = DeadLetters::new(kafka.clone(), service);
        let (progress, drill) = (Progress::default(), Drilled::default());
        Self { service, kafka, store, following, letters, progress, drill, is_fenced: false }
    }

    /// The same, with a drill at each of its points.
    #[must_use]
    pub fn with_drill(self, drill: impl Into<Drilled>) -> Self {
        Self { drill: drill.into(), ..self }
    }

    /// Tells how far it is, while it runs.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// Follows for ever. Dropping the future stops it; nothing is lost by that.
    pub async fn run(mut self) {
        let mut said = false;
        loop {
            let stop = match self.serve(&mut said).await {
                Ok(never) => match never {},
                Err(stop) => stop,
            };
            if !said {
                said = true;
                tracing::warn!(service = self.service, cause = %stop, "following stalled");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn serve(&mut self, said: &mut bool) -> Result<std::convert::Infallible, KafkaError> {
        for following in &mut self.following {
            let name = following.handler.consumer.name();
            let parked = self.store.parked(name).await.map_err(|cause| KafkaError::Broker(cause.to_string()))?;
            following.parked = Parked::of(parked);
        }
        let client = self.open()?;
        let (mut ticked, mut connected): (Option<Instant>, _) = (None, Instant::now());
        loop {
            let batch = self.receive(&client, said).await?;
            // Until it is done: what has been received does not come again by itself.
            while let Err(cause) = self.handle(&client, &batch).await {
                tracing::warn!(service = self.service, %cause, "following stalled");
                tokio::time::sleep(PAUSE).await;
            }
            if ticked.is_none_or(|at| at.elapsed() >= TICK) || batch.iter().any(Arrived::is_heartbeat) {
                ticked = Some(Instant::now());
                self.tell(&client).await;
            }
            if client.context().is_connected() {
                connected = Instant::now();
            } else if connected.elapsed() >= ALONE {
                return Err(KafkaError::Broker(format!("no broker for {} s", ALONE.as_secs())));
            }
        }
    }

    fn open(&mut self) -> Result<Client, KafkaError> {
        let mut config = self.kafka.client(self.service);
        config
            .set("group.id", self.kafka.named(self.service))
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("isolation.level", "read_committed")
            .set("auto.offset.reset", "earliest")
            // As short as brokers allow by default: so long nobody reads what a killed member had that does
            // not come back under its name.
            .set("session.timeout.ms", "6000")
            .set("heartbeat.interval.ms", "1500")
            // An offset is stored once the database has the effects; the client commits what is
            // stored, now and then and before it gives a partition away.
            .set("enable.auto.offset.store", "false")
            .set("enable.auto.commit", "true")
            .set("auto.commit.interval.ms", "1000")
            .set("statistics.interval.ms", "1000");
        let instance = &self.kafka.settings().instance;
        if !instance.is_empty() && !self.is_fenced {
            config.set("group.instance.id", instance);
        }
        let context = Quiet::telling(self.progress.clone());
        let client = StreamConsumer::from_config_and_context(&config, context)?;
        let mut topics = Vec::new();
        for following in &mut self.following {
            following.states.clear();
            for topic in TOPICS.iter().filter(|topic| topic.from.contains(&following.source)) {
                if topic.interests(|kind| following.handler.consumer.wants(kind)) {
                    let name = self.kafka.named(topic.name);
                    if topic.carries == Carries::State {
                        following.states.push((name.clone(), 0));
                    }
                    topics.push(name);
                }
            }
        }
        topics.sort();
        topics.dedup();
        client.subscribe(&topics.iter().map(String::as_str).collect::<Vec<_>>())?;
        Ok(Aside::new(Arc::new(client)))
    }

    /// What is there now, or arrives within a tick; may be nothing. Errors are passed over without a
    /// pause: the client tells its shares of partitions behind them, in the same queue.
    async fn receive(&mut self, client: &Client, said: &mut bool) -> Result<Vec<Arrived>, KafkaError> {
        let mut batch = Vec::new();
        let mut next = tokio::time::timeout(TICK, client.recv()).await.ok();
        while let Some(received) = next {
            match received {
                Ok(message) => {
                    *said = false;
                    batch.push(Arrived::of(message.detach()));
                }
                Err(cause) => {
                    if let Some((code, reason)) = client.client().fatal_error() {
                        self.is_fenced |= code == RDKafkaErrorCode::FencedInstanceId;
                        return Err(KafkaError::Broker(format!("{code}: {reason}")));
                    }
                    self.stumbled(&cause, said);
                }
            }
            next = if batch.len() < BATCH { client.recv().now_or_never() } else { None };
        }
        Ok(batch)
    }

    /// Something that the client mends by itself. Said once, until something arrives again.
    fn stumbled(&self, cause: &ClientError, said: &mut bool) {
        if !*said {
            *said = true;
            tracing::warn!(service = self.service, %cause, "no word from kafka; copies are asked of their owners");
        }
    }

    async fn handle(&mut self, client: &Client, batch: &[Arrived]) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let mut heard = Vec::new();
        for following in &mut self.following {
            let mut gathered = Gathered::default();
            let mut handled = 0;
            let is_followed = |arrived: &&Arrived| {
                let topic = self.kafka.topic(&arrived.topic);
                topic.is_some_and(|topic| topic.from.contains(&following.source))
            };
            let followed: Vec<&Arrived> = batch.iter().filter(is_followed).collect();
            let wanted = followed.iter().filter_map(|arrived| match &arrived.said {
                Ok(Said::Event(event)) if following.handler.consumer.wants(&event.event_type) => Some(&**event),
                _ => None,
            });
            following.handler.consumer.prepare(&wanted.collect::<Vec<_>>()).await;
            for arrived in followed {
                match &arrived.said {
                    Ok(Said::Heartbeat(source, beat)) if source == following.source => {
                        heard.push(freshness::remember(source, &arrived.topic, arrived.partition, beat));
                    }
                    Ok(Said::Heartbeat(..)) => {}
                    Ok(Said::Event(event)) if !following.handler.consumer.wants(&event.event_type) => {}
                    Ok(Said::Event(event)) => {
                        handled += 1;
                        following.take(event, arrived, &mut gathered, &mut self.letters).await?;
                    }
                    Err(cause) => {
                        following.handler.flush(&mut gathered).await?;
                        let reason = cause.to_string();
                        following.park(&arrived.nameless(), arrived, &reason, &mut self.letters).await?;
                    }
                }
            }
            following.handler.flush(&mut gathered).await?;
            following.handler.metrics.handled(handled);
        }
        if !heard.is_empty() {
            let written = self.store.commit(Write { rows: heard, ..Write::default() }).await;
            written.map_err(|_| StoreError::Failed)?;
        }
        self.drill.reached(Point::Handled).await;
        let mut done: HashMap<(&str, i32), i64> = HashMap::new();
        for arrived in batch {
            let last = done.entry((&arrived.topic, arrived.partition)).or_insert(arrived.offset);
            *last = (*last).max(arrived.offset);
        }
        for ((topic, partition), offset) in done {
            // A partition that was given away meanwhile is somebody else's to remember.
            if let Err(cause) = client.store_offset(topic, partition, offset) {
                tracing::debug!(topic, partition, %cause, "an offset is not ours to store");
            }
        }
        self.progress.add_done(batch.iter().filter(|arrived| !arrived.is_heartbeat()).count());
        Ok(())
    }

    /// Tells consumers and metrics how fresh they are.
    async fn tell(&mut self, client: &Client) {
        let lag = i64::try_from(self.progress.lag()).unwrap_or(i64::MAX);
        for following in &mut self.following {
            following.handler.metrics.lag(lag);
            if following.states.is_empty() {
                continue;
            }
            for (topic, partitions) in following.states.iter_mut().filter(|(_, partitions)| *partitions == 0) {
                *partitions = count_partitions(client, topic.clone()).await.unwrap_or_default();
            }
            if following.states.iter().any(|(_, partitions)| *partitions == 0) {
                continue;
            }
            let known = freshness::as_of(&self.store, following.source, &following.states).await;
            if let Ok(Some(heard)) = known {
                self.progress.hear(following.source, heard);
                let age = (self.store.clock().real() - heard.at).to_std().unwrap_or_default();
                following.handler.metrics.age(age);
                following.handler.consumer.caught_up(following.source, heard.at);
            }
        }
    }
}

impl Following {
    async fn take(
        &mut self,
        event: &Envelope,
        arrived: &Arrived,
        gathered: &mut Gathered,
        letters: &mut DeadLetters,
    ) -> Result<(), StoreError> {
        let reason = match self.parked.verdict(event.aggregate_id, &arrived.place(), arrived.position()) {
            Verdict::Known => return Ok(()),
            Verdict::Behind => {
                self.handler.flush(gathered).await?;
                BEHIND.to_owned()
            }
            Verdict::Free => match self.handler.take(event, None, gathered).await? {
                Ok(()) => return Ok(()),
                Err(reason) => reason,
            },
        };
        self.park(event, arrived, &reason, letters).await
    }

    async fn park(
        &mut self,
        event: &Envelope,
        arrived: &Arrived,
        reason: &str,
        letters: &mut DeadLetters,
    ) -> Result<(), StoreError> {
        let (place, position) = (arrived.place(), arrived.position());
        self.handler.park(event, &place, position, reason, None).await?;
        self.parked.add(event.aggregate_id, place.clone(), position);
        let (consumer, offset) = (self.handler.consumer.name(), arrived.offset);
        let (key, value, headers) = (arrived.message.key(), arrived.message.payload(), arrived.message.headers());
        letters.copy(Letter { consumer, place: &place, offset, reason, key, value, headers }).await;
        Ok(())
    }
}

/// A record that was received.
struct Arrived {
    topic: String,
    partition: i32,
    offset: i64,
    said: Result<Said, WireError>,
    message: OwnedMessage,
}

impl Arrived {
    fn of(message: OwnedMessage) -> Self {
        let said = wire::read(&message);
        Self {
            topic: message.topic().to_owned(),
            partition: message.partition(),
            offset: message.offset(),
            said,
            message,
        }
    }

    fn place(&self) -> String {
        format!("{}/{}", self.topic, self.partition)
    }

    fn position(&self) -> Position {
        Position::row(self.offset)
    }

    fn is_heartbeat(&self) -> bool {
        matches!(self.said, Ok(Said::Heartbeat(..)))
    }

    /// What can be said of a record that cannot be read: its key, if that names a stream.
    fn nameless(&self) -> Envelope {
        let key = self.message.key().and_then(|key| std::str::from_utf8(key).ok());
        Envelope {
            position: self.position(),
            event_id: EventId::from_uuid(Uuid::nil()),
            event_type: "unreadable".to_owned(),
            schema_version: 0,
            tenant: TenantId::from_uuid(Uuid::nil()),
            aggregate_type: AggregateType::Tenant,
            aggregate_id: key.and_then(|key| key.parse().ok()).unwrap_or_default(),
            version: 0,
            occurred_at: chrono::DateTime::UNIX_EPOCH,
            recorded_at: chrono::DateTime::UNIX_EPOCH,
            meta: Meta::by(Actor::System),
            payload: bytes::Bytes::new(),
        }
    }
}

async fn count_partitions(client: &Client, topic: String) -> Option<i32> {
    let client = Arc::clone(client);
    let asked = tokio::task::spawn_blocking(move || client.fetch_metadata(Some(&topic), PATIENCE)).await;
    let metadata = asked.ok()?.ok()?;
    i32::try_from(metadata.topics().first()?.partitions().len()).ok()
}
