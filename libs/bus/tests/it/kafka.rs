//! The same two services with a real broker between them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use grantor_bus::{Consumer, Follower, HandleError, Kafka, KafkaSettings, Relay, create_topics};
use grantor_eventsourcing::{Envelope, Position, Timestamp};
use grantor_store::{Log, Write};
use grantor_telemetry::Metrics;
use parking_lot::Mutex;

use crate::followed::{Counting, Followed, From, HAPPENED, READER, SOURCE};

/// The follower's service, whose name is that of its group.
pub const FOLLOWER: &str = "authorization";
/// A heartbeat that tests can wait for.
pub const HEARTBEAT: Duration = Duration::from_millis(200);

/// Topics of a test's own on a broker.
pub async fn topics_on(brokers: String, test: &str) -> Kafka {
    let prefix = grantor_tests_servers::prefix(test);
    let settings = KafkaSettings { brokers, prefix, partitions: 2, heartbeat: HEARTBEAT, ..KafkaSettings::default() };
    let kafka = Kafka::new(settings).expect("settings");
    create_topics(&kafka, &[FOLLOWER]).await.expect("topics");
    kafka
}

pub async fn shared(test: &str) -> Kafka {
    let brokers = tokio::task::spawn_blocking(grantor_tests_servers::kafka).await.expect("a broker");
    topics_on(brokers, test).await
}

pub async fn followed(test: &str) -> Followed {
    let kafka = shared(test).await;
    Followed { kafka: Some(kafka), ..crate::followed::followed().await }
}

pub fn relay(world: &Followed, kafka: &Kafka) -> Relay {
    Relay::new(SOURCE, world.owner.clone(), kafka.clone(), Metrics::new().relay(SOURCE))
}

/// Relays and follows until everything was seen.
pub async fn follow(world: &Followed, kafka: &Kafka, consumer: impl Consumer, from: From) {
    static REPLAYS: AtomicU32 = AtomicU32::new(0);
    let again = from == From::TheStart;
    // A group that has never been there starts from offset 0.
    let replay = || format!("replay{}", REPLAYS.fetch_add(1, Ordering::SeqCst));
    let service = if again { replay().leak() } else { FOLLOWER };
    let relaying = tokio::spawn(relay(world, kafka).run());
    let store = world.follower.clone();
    let follower = Follower::new(service, vec![(Arc::new(consumer), SOURCE)], store, kafka.clone(), &Metrics::new());
    let progress = follower.progress();
    let following = tokio::spawn(follower.run());
    let all = world.owner.read_log(Log::Events, Position::START, 10_000).await.expect("the log");
    until("everything was handled", async || {
        let seen = if again { progress.done() } else { accounted(world, &all).await };
        seen >= all.len() as u64
    })
    .await;
    following.abort();
    relaying.abort();
    assert!(following.await.is_err() && relaying.await.is_err(), "neither ever ends by itself");
}

/// How many of these were handled or parked.
async fn accounted(world: &Followed, events: &[Envelope]) -> u64 {
    let mut count = world.follower.parked(READER).await.expect("parked events").len() as u64;
    for event in events {
        count += u64::from(world.follower.in_inbox(READER, event.event_id.uuid()).await.expect("an answer"));
    }
    count
}

/// Waits for something, at most three minutes: the machine may be busy.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(180), waiting).await;
    assert!(waited.is_ok(), "not within three minutes: {what}");
}

/// Wherever a follower is cut off, nothing is lost and nothing has two effects.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_cut_off_anywhere_has_neither_lost_nor_repeated_anything() {
    let world = followed("cut off").await;
    let kafka = world.kafka.as_ref().expect("a broker");
    for _ in 0..5 {
        for stream in 0..20 {
            world.happen(stream, &["one", "two"]).await;
        }
    }
    let relaying = tokio::spawn(relay(&world, kafka).run());
    let all = world.owner.read_log(Log::Events, Position::START, 10_000).await.expect("the log");
    let mut cuts = 0;
    while accounted(&world, &all).await < all.len() as u64 {
        let before = accounted(&world, &all).await;
        let consumers = vec![(Arc::new(Counting::default()) as Arc<dyn Consumer>, SOURCE)];
        let follower = Follower::new(FOLLOWER, consumers, world.follower.clone(), kafka.clone(), &Metrics::new());
        let following = tokio::spawn(follower.run());
        until("some more was handled", async || accounted(&world, &all).await > before).await;
        following.abort();
        cuts += 1;
        let _ = following.await;
    }
    relaying.abort();
    for stream in 0..20 {
        assert_eq!(world.count(stream).await, 10, "after {cuts} cuts");
    }
}

/// A name that two go by is the later one's; the other goes on without.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_that_go_by_one_name_both_follow() {
    let world = followed("one name").await;
    let kafka = world.kafka.as_ref().expect("a broker");
    let settings = KafkaSettings { instance: "a host:8089".into(), ..kafka.settings().clone() };
    let named = Kafka::new(settings).expect("settings");
    let mut following = Vec::new();
    for both in 1..=2 {
        let consumers = vec![(Arc::new(Counting::default()) as Arc<dyn Consumer>, SOURCE)];
        let follower = Follower::new(FOLLOWER, consumers, world.follower.clone(), named.clone(), &Metrics::new());
        following.push(tokio::spawn(follower.run()));
        let group = kafka.named(FOLLOWER);
        until("everybody has a share", async || grantor_tests_servers::sharers(kafka, &group).await == both).await;
    }
    for stream in 0..20 {
        world.happen(stream, &["one", "two"]).await;
    }
    let relaying = tokio::spawn(relay(&world, kafka).run());
    let all = world.owner.read_log(Log::Events, Position::START, 10_000).await.expect("the log");
    until("everything was handled", async || accounted(&world, &all).await == all.len() as u64).await;
    relaying.abort();
    following.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Follows nothing but how fresh it is.
#[derive(Default)]
pub struct Fresh(pub Arc<Mutex<Vec<(String, Timestamp)>>>);

#[async_trait]
impl Consumer for Fresh {
    fn name(&self) -> &'static str {
        "fresh"
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == "oauth.client.state"
    }

    async fn handle(&self, _: &Envelope) -> Result<Write, HandleError> {
        Ok(Write::default())
    }

    fn caught_up(&self, source: &str, at: Timestamp) {
        self.0.lock().push((source.to_owned(), at));
    }
}

/// An idle owner is not a silent one; and who cannot send all does not say that all is sent.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_follower_knows_how_fresh_it_is_though_nothing_happens() {
    let world = followed("fresh").await;
    let kafka = world.kafka.as_ref().expect("a broker");
    let now = || world.owner.clock().real();
    let started = now();
    let fresh = Fresh::default();
    let told = Arc::clone(&fresh.0);
    let consumers = vec![(Arc::new(fresh) as Arc<dyn Consumer>, "registry.facts")];
    let follower = Follower::new(FOLLOWER, consumers, world.follower.clone(), kafka.clone(), &Metrics::new());
    let progress = follower.progress();
    let following = tokio::spawn(follower.run());
    let relay = Relay::new("registry", world.owner.clone(), kafka.clone(), Metrics::new().relay("registry"));
    let relaying = tokio::spawn(relay.run());
    let last = || told.lock().last().map(|(_, at)| *at);
    until("the first heartbeat", async || last().is_some_and(|at| at >= started)).await;
    let then = now();
    until("a later heartbeat", async || last().is_some_and(|at| at >= then)).await;
    assert!(told.lock().iter().all(|(source, _)| source == "registry.facts"));
    assert!(progress.heard("registry.facts").is_some_and(|heard| heard.at >= then));
    relaying.abort();
    let _ = relaying.await;
    // Whatever was under way has arrived by then; after it, silence.
    let stopped = now();
    tokio::time::sleep(HEARTBEAT * 5).await;
    assert!(last().is_some_and(|at| at <= stopped), "nobody says that it is fresh when the relay is gone");
    following.abort();
}

/// What cannot be handled is copied, with the reason, to the topic of dead letters.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_handled_is_copied_to_the_dead_letters() {
    let world = followed("dead letters").await;
    let kafka = world.kafka.as_ref().expect("a broker");
    world.happen(1, &["good", "poison", "after it"]).await;
    let poison = Counting { bad: vec![("poison", HandleError::Poison("not readable".into()))], ..Counting::default() };
    world.follow(poison, From::Where).await;
    let letters = grantor_tests_servers::read(kafka, &kafka.dead_letters(FOLLOWER), 2).await;
    let said: Vec<_> = letters.iter().map(|letter| letter.header("grantor_reason")).collect();
    assert_eq!(said, ["not readable", "an earlier event of this stream is parked"]);
    assert_eq!(letters[0].header("ce_type"), HAPPENED);
    assert_eq!(letters[0].header("grantor_consumer"), READER);
    assert_eq!(letters[0].envelope().payload, b"poison"[..]);
}
