use std::{collections::HashSet, sync::Arc};

use futures_util::future::join_all;
use grantor_bus::{Kafka, KafkaSettings};
use grantor_contracts::{Carries, TOPICS, Topic, topic_of};
use grantor_eventsourcing::{Envelope, Position};
use grantor_store::{Log, Store};
use grantor_tests_drills::Verdict;
use grantor_tests_servers::{Broker, Raw, read};

/// A fleet's own broker of Apache Kafka.
pub struct Bus {
    broker: Arc<Broker>,
    kafka: Kafka,
}

impl Bus {
    /// Starts one.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let broker = tokio::task::spawn_blocking(Broker::start).await.expect("a broker");
        let (brokers, prefix) = (broker.address.clone(), "fleet.".to_owned());
        let settings = KafkaSettings { brokers, prefix, partitions: 3, ..KafkaSettings::default() };
        Self { broker: Arc::new(broker), kafka: Kafka::new(settings).expect("settings") }
    }

    /// Where it is.
    pub const fn kafka(&self) -> &Kafka {
        &self.kafka
    }

    /// `[bus]` of a configuration file.
    pub(crate) fn settings(&self) -> String {
        let KafkaSettings { brokers, prefix, partitions, .. } = self.kafka.settings();
        format!("[bus]\nkafka = {{ brokers = \"{brokers}\", prefix = \"{prefix}\", partitions = {partitions} }}\n")
    }

    /// Asks it to end, and waits.
    pub async fn stop(&self) {
        self.control(Broker::stop).await;
    }

    /// SIGKILL.
    pub async fn kill(&self) {
        self.control(Broker::kill).await;
    }

    /// Brings it back, with what it had.
    pub async fn start_again(&self) {
        self.control(Broker::start_again).await;
    }

    async fn control(&self, command: impl FnOnce(&Broker) + Send + 'static) {
        let broker = Arc::clone(&self.broker);
        tokio::task::spawn_blocking(move || command(&broker)).await.expect("it is done");
    }

    /// What became of a service's events and facts on the topics: I7, I8.
    ///
    /// # Panics
    /// When the database or the broker does not answer.
    pub async fn told(&self, service: &str, store: &Store) -> Told {
        let log = store.read_log(Log::Events, Position::START, u32::MAX).await.expect("the log");
        let topics = self.topics(service, |carries| matches!(carries, Carries::Events));
        let arrived = join_all(topics.into_iter().map(|topic| {
            let on_it = |event: &&Envelope| topic_of(&event.event_type, false) == Some(topic);
            self.read(topic, log.iter().filter(on_it).count())
        }));
        let events = Verdict::of(&log, &arrived.await.concat());
        let facts = store.read_log(Log::Facts, Position::START, u32::MAX).await.expect("the log");
        // The others are compacted.
        let topics = self.topics(&format!("{service}.facts"), |carries| matches!(carries, Carries::Facts(_)));
        let arrived = join_all(topics.into_iter().map(|topic| self.read(topic, 0))).await;
        let arrived: HashSet<_> = arrived.iter().flatten().map(|event| event.event_id).collect();
        let kept = |event: &&Envelope| {
            topic_of(&event.event_type, true).is_some_and(|topic| matches!(topic.carries, Carries::Facts(_)))
        };
        let facts: Vec<_> = facts.iter().filter(kept).collect();
        let lost_facts = facts.iter().filter(|fact| !arrived.contains(&fact.event_id)).count();
        Told { events, facts: facts.len(), lost_facts }
    }

    fn topics(&self, source: &str, carries: impl Fn(Carries) -> bool) -> Vec<&'static Topic> {
        TOPICS.iter().filter(|topic| topic.from.contains(&source) && carries(topic.carries)).collect()
    }

    async fn read(&self, topic: &Topic, least: usize) -> Vec<Envelope> {
        read(&self.kafka, &self.kafka.named(topic.name), least).await.iter().map(Raw::envelope).collect()
    }
}

/// What became of a service's log.
#[derive(Debug)]
pub struct Told {
    /// Its events.
    pub events: Verdict,
    /// Its facts, but for those whose topics keep only the newest.
    pub facts: usize,
    /// Those of them that never arrived.
    pub lost_facts: usize,
}
