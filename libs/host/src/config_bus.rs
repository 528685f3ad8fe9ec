use std::time::Duration;

use grantor_bus::{Kafka, KafkaError, KafkaSettings, create_topics};
use serde::Deserialize;

use crate::{BusKind, Config, SERVICES, StartError};

/// `[bus]`: how events travel between services. Without it, each service reads the others' logs.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusSettings {
    /// Over Apache Kafka.
    pub kafka: Option<KafkaWords>,
}

/// Where Apache Kafka is, and what is ours there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaWords {
    /// `host:port`, several separated by commas.
    pub brokers: String,
    /// Stands before every name, so that deployments can share brokers; such as `acme.`.
    #[serde(default)]
    pub prefix: String,
    /// Partitions of topics that are yet to be made. Default: 12.
    pub partitions: Option<i32>,
    /// Milliseconds after which the owner of an idle topic says that nothing has happened.
    /// Default: 5000.
    pub heartbeat_ms: Option<u64>,
}

impl Config {
    /// Makes the topics that are missing; answers their names. Nothing without `bus.kafka`.
    pub async fn make_topics(&self) -> Result<Vec<String>, StartError> {
        match self.bus()? {
            BusKind::Kafka(kafka) => Ok(create_topics(&kafka, &SERVICES).await?),
            BusKind::Orderly | BusKind::Unruly(_) => Ok(Vec::new()),
        }
    }

    pub(crate) fn bus(&self) -> Result<BusKind, StartError> {
        let Some(words) = self.bus.kafka.clone() else { return Ok(BusKind::Orderly) };
        let defaults = KafkaSettings::default();
        let settings = KafkaSettings {
            brokers: words.brokers,
            prefix: words.prefix,
            partitions: words.partitions.unwrap_or(defaults.partitions),
            heartbeat: words.heartbeat_ms.map_or(defaults.heartbeat, Duration::from_millis),
        };
        Ok(BusKind::Kafka(Kafka::new(settings)?))
    }
}

impl From<KafkaError> for StartError {
    fn from(cause: KafkaError) -> Self {
        match cause {
            KafkaError::Setting { setting, problem } => Self::setting(setting, problem),
            KafkaError::Away(problem) | KafkaError::Broker(problem) => Self::setting("bus.kafka.brokers", problem),
        }
    }
}
