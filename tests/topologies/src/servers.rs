use grantor_bus::{Kafka, KafkaSettings};
use grantor_tests_postgres::ServiceDatabases;
use grantor_tests_servers::{delete_topic, kafka, prefix};

/// What a deployment has on servers that tests share: databases of its own on PostgreSQL, and
/// topics of its own on Apache Kafka.
pub struct Servers {
    /// Gone when this is dropped.
    pub databases: ServiceDatabases,
    kafka: Option<Kafka>,
}

impl Servers {
    /// New databases; events travel without a broker.
    pub async fn databases() -> Self {
        Self { databases: ServiceDatabases::empty().await, kafka: None }
    }

    /// New databases, and a prefix that no topic has.
    ///
    /// # Panics
    /// When no broker starts.
    pub async fn with_broker() -> Self {
        // A broker takes its time to start.
        let brokers = tokio::task::spawn_blocking(kafka).await.expect("a broker");
        let settings =
            KafkaSettings { brokers, prefix: prefix("topologies"), partitions: 2, ..KafkaSettings::default() };
        let kafka = Some(Kafka::new(settings).expect("settings"));
        Self { kafka, ..Self::databases().await }
    }

    /// Whether there is a broker to make topics on.
    pub(crate) const fn has_broker(&self) -> bool {
        self.kafka.is_some()
    }

    /// `[database]` and `[bus]` of a configuration file.
    pub fn settings(&self) -> String {
        let database = format!("[database]\nurl = \"{}\"\nconnections = 4\n", self.databases.url());
        let bus = self.kafka.iter().map(|kafka| {
            let KafkaSettings { brokers, prefix, partitions, .. } = kafka.settings();
            format!("[bus]\nkafka = {{ brokers = \"{brokers}\", prefix = \"{prefix}\", partitions = {partitions} }}\n")
        });
        [database].into_iter().chain(bus).collect()
    }

    /// The full name of a topic.
    ///
    /// # Panics
    /// When there is no broker.
    pub fn topic(&self, name: &str) -> String {
        self.broker().named(name)
    }

    /// Takes a topic away.
    ///
    /// # Panics
    /// When there is no such topic.
    pub async fn delete_topic(&self, name: &str) {
        delete_topic(self.broker(), &self.topic(name)).await;
    }

    fn broker(&self) -> &Kafka {
        self.kafka.as_ref().expect("a broker")
    }
}
