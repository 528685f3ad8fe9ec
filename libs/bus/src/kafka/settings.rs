use std::{sync::Arc, time::Duration};

use grantor_contracts::Topic;
use rdkafka::ClientConfig;

use super::{KafkaError, KafkaSecurity};

const BROKERS: &str = "bus.kafka.brokers";
const PREFIX: &str = "bus.kafka.prefix";
const PARTITIONS: &str = "bus.kafka.partitions";
/// Names of topics, groups and transactions end with ours, and Kafka allows 249 characters.
const LONGEST_PREFIX: usize = 100;

/// Where the brokers are and what is ours there.
#[derive(Debug, Clone)]
pub struct KafkaSettings {
    /// `host:port`, several separated by commas.
    pub brokers: String,
    /// Stands before every name, so that deployments can share brokers; such as `acme.`.
    pub prefix: String,
    /// Partitions of topics that are yet to be made.
    pub partitions: i32,
    /// How often the owner of an idle topic says that nothing has happened.
    pub heartbeat: Duration,
    /// How connections are protected.
    pub security: KafkaSecurity,
    /// What brokers know this process by when it comes back; no other that runs at the time may be
    /// called so. Characters that brokers do not take are replaced. Empty: each start is a stranger's,
    /// and what a killed one had is read by nobody until its session is over.
    pub instance: String,
}

impl Default for KafkaSettings {
    fn default() -> Self {
        let heartbeat = Duration::from_secs(5);
        let (brokers, prefix, instance) = (String::new(), String::new(), String::new());
        Self { brokers, prefix, partitions: 12, heartbeat, security: KafkaSecurity::default(), instance }
    }
}

/// Settings that make sense. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Kafka(Arc<KafkaSettings>);

impl Kafka {
    /// Refuses what cannot be meant, and files that are not there; asks nobody.
    pub fn new(mut settings: KafkaSettings) -> Result<Self, KafkaError> {
        let has_port = |at: &str| {
            let port = at.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
            port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
        };
        if let Some(bad) = settings.brokers.split(',').map(str::trim).find(|at| !has_port(at)) {
            return Err(KafkaError::setting(BROKERS, format!("`{bad}` is not `host:port`")));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        settings.instance = settings.instance.replace(|c| !allowed(c), "-");
        if settings.prefix.len() > LONGEST_PREFIX || !settings.prefix.chars().all(allowed) {
            let problem = format!("at most {LONGEST_PREFIX} letters, digits, dots, underscores and hyphens");
            return Err(KafkaError::setting(PREFIX, problem));
        }
        if !(1..=1000).contains(&settings.partitions) {
            return Err(KafkaError::setting(PARTITIONS, "from 1 to 1000"));
        }
        settings.security.check()?;
        Ok(Self(Arc::new(settings)))
    }

    /// What it was made of.
    pub fn settings(&self) -> &KafkaSettings {
        &self.0
    }

    /// The full name of something of ours.
    pub fn named(&self, name: &str) -> String {
        format!("{}{name}", self.0.prefix)
    }

    /// The topic for what a service could not handle.
    pub fn dead_letters(&self, service: &str) -> String {
        self.named(&format!("{service}.dlq.v1"))
    }

    /// The catalogue's topic with this full name.
    pub(super) fn topic(&self, full_name: &str) -> Option<&'static Topic> {
        let name = full_name.strip_prefix(&self.0.prefix)?;
        grantor_contracts::TOPICS.iter().find(|topic| topic.name == name)
    }

    pub(super) fn unreachable(&self, cause: &str) -> KafkaError {
        KafkaError::Away(format!("no answer from {}: {cause}", self.0.brokers))
    }

    pub(super) fn missing(&self, topics: &[String]) -> KafkaError {
        let problem = format!("missing topics: {}; `grantor topics` makes them", topics.join(", "));
        KafkaError::setting(PREFIX, problem)
    }

    /// What every client of ours has in common.
    pub(super) fn client(&self, name: &str) -> ClientConfig {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &self.0.brokers)
            .set("client.id", self.named(name))
            .set("allow.auto.create.topics", "false")
            // Back within a second of the broker, however long it was away.
            .set("reconnect.backoff.ms", "50")
            .set("reconnect.backoff.max.ms", "1000")
            // What a broker that has just come back took and never answers is asked again after so long; the
            // default is a minute.
            .set("socket.timeout.ms", "10000")
            .set("socket.keepalive.enable", "true");
        self.0.security.apply(&mut config);
        config
    }
}
