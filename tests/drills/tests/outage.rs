//! Proof 9: the broker is away under load. Nobody who writes notices, and afterwards everything
//! arrives, in order.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use grantor_bus::{Consumer, Follower, HandleError, Kafka, KafkaSettings, Relay, create_topics};
use grantor_eventsourcing::{Envelope, Position};
use grantor_ports::SystemClock;
use grantor_store::{Log, Write};
use grantor_telemetry::Metrics;
use grantor_tests_drills::{EVENT, SERVICE, TENANT, Verdict, Writers, open};
use grantor_tests_servers::{Broker, Raw, read};
use tempfile::TempDir;
use uuid::Uuid;

/// Seconds in `make test`; `make faults` sets `FAULT_KAFKA_SECONDS`.
const SECONDS: u64 = 3;
const WRITERS: usize = 12;
/// Rest of a writer after each write: so that those who do one commit for each event, as the follower
/// here does, need minutes for ten minutes' events, not hours.
const REST: Duration = Duration::from_millis(100);
/// Nothing more has arrived for so long: nothing will.
const STUCK: Duration = Duration::from_secs(60);

/// One effect for each event: a count per stream.
struct Counting;

#[async_trait]
impl Consumer for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == EVENT
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        let far = grantor_ports::Clock::real(&SystemClock) + Duration::from_secs(86_400);
        let key = grantor_store::RowKey::new(event.tenant, "count", *event.aggregate_id.as_bytes());
        let rows = vec![grantor_store::RowChange::Count { key, expires_at: far }];
        Ok(Write { inbox: Some(("counting", event.event_id.uuid())), rows, ..Write::default() })
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_of_the_broker_costs_nothing_but_time() {
    let seconds = std::env::var("FAULT_KAFKA_SECONDS").map_or(SECONDS, |text| text.parse().expect("a number"));
    let folder = TempDir::new().expect("a folder");
    let file = |name: &str| folder.path().join(format!("{name}.sqlite")).display().to_string();
    let owner = open(&file("owner")).await;
    let follower_store = open(&file("follower")).await;
    let broker = tokio::task::spawn_blocking(Broker::start).await.expect("a broker");
    let (brokers, prefix) = (broker.address.clone(), "outage.".to_owned());
    let settings = KafkaSettings { brokers, prefix, partitions: 4, ..KafkaSettings::default() };
    let kafka = Kafka::new(settings).expect("settings");
    create_topics(&kafka, &["authorization"]).await.expect("topics");
    let metrics = Metrics::new();
    let relaying = tokio::spawn(Relay::new(SERVICE, owner.clone(), kafka.clone(), metrics.relay(SERVICE)).run());
    let consumers = vec![(Arc::new(Counting) as Arc<dyn Consumer>, SERVICE)];
    let follower = Follower::new("authorization", consumers, follower_store.clone(), kafka.clone(), &metrics);
    let following = tokio::spawn(follower.run());

    let rest = if seconds > SECONDS { REST } else { Duration::from_millis(5) };
    let writers = Writers::at_pace(&owner, WRITERS, rest);
    let relay = metrics.relay(SERVICE);
    wait(|| writers.written() > 500 && relay.state().0, "the writers write, the relay sends").await;
    tokio::task::block_in_place(|| broker.stop());
    let before = writers.written();
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    let meanwhile = writers.written() - before;
    wait(|| !relay.state().0, "the metrics say that the relay has no way").await;
    assert!(relay.state().1 > 0.0, "the metrics say how long the oldest record waits");
    tokio::task::block_in_place(|| broker.start_again());
    let (written, failed) = writers.stop().await;
    let back = Instant::now();

    let log = owner.read_log(Log::Events, Position::START, u32::MAX).await.expect("the log");
    let head = log.last().expect("something happened").position;
    let mut counts: HashMap<Uuid, u64> = HashMap::new();
    log.iter().for_each(|event| *counts.entry(event.aggregate_id).or_default() += 1);
    let sent = async || owner.cursor("relay", SERVICE).await.expect("a cursor");
    until(sent, |sent| *sent >= head, "the backlog is sent").await;
    let drained = back.elapsed();
    let handled = async || {
        let mut handled = HashMap::new();
        for stream in counts.keys() {
            let row = follower_store.row(TENANT, "count", stream.as_bytes()).await.expect("an answer");
            handled.insert(*stream, row.map_or(0, |row| row.revision));
        }
        handled
    };
    let all = |handled: &HashMap<Uuid, u64>| counts.iter().all(|(stream, count)| handled[stream] >= *count);
    until(handled, all, "all effects are there").await;
    assert_eq!(handled().await, counts, "effects of each stream");
    let followed = back.elapsed();
    relaying.abort();
    following.abort();
    let arrived = read(&kafka, &kafka.named("oauth.authorization.v1"), log.len()).await;
    let verdict = Verdict::of(&log, &arrived.iter().map(Raw::envelope).collect::<Vec<_>>());
    println!(
        "{seconds} s without a broker: {written} events acknowledged ({meanwhile} of them meanwhile), {failed} writes \
         failed; {verdict}; drained in {} ms, all effects after {} ms",
        drained.as_millis(),
        followed.as_millis()
    );
    assert_eq!((failed, log.len() as u64), (0, written));
    assert!(meanwhile > 0, "nobody wrote while the broker was away");
    assert!(verdict.is_good(), "{verdict}");
}

/// Asks until the answer is good; it may take as long as the answers go on changing.
async fn until<T: PartialEq>(ask: impl AsyncFn() -> T, good: impl Fn(&T) -> bool, what: &str) {
    let (mut last, mut since) = (ask().await, Instant::now());
    while !good(&last) {
        assert!(since.elapsed() < STUCK, "nothing moves any more, and not yet: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        let now = ask().await;
        if now != last {
            (last, since) = (now, Instant::now());
        }
    }
}

async fn wait(mut holds: impl FnMut() -> bool, what: &str) {
    let started = Instant::now();
    while !holds() {
        assert!(started.elapsed() < Duration::from_secs(60), "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
