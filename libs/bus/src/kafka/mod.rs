//! The bus on Apache Kafka.
//!
//! A relay is the only producer of a service: it reads the service's own log behind a cursor
//! and moves that once the broker has acknowledged. Followers are idempotent and commit their
//! offsets after their database. Kafka is the pipe, the owner's table the archive.

mod client;
mod dead_letters;
mod follower;
mod freshness;
mod parked;
mod producer;
mod relay;
mod security;
mod settings;
mod topics;
mod wire;

pub use follower::Follower;
pub use freshness::{Heard, Progress, tells_freshness};
pub use relay::Relay;
pub use security::{KafkaSasl, KafkaSecurity, KafkaTls, SaslMechanism};
pub use settings::{Kafka, KafkaSettings};
pub use topics::{check_topics, create_topics};
pub use wire::{WireError, from_proto, read_record, to_proto};

/// Why Apache Kafka cannot be used. Names the setting where one is to blame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KafkaError {
    /// A setting is wrong.
    #[error("{setting}: {problem}")]
    Setting {
        /// Its name in the configuration file.
        setting: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// No broker answers; the setting may be right.
    #[error("bus.kafka.brokers: {0}")]
    Away(String),
    /// A broker refused or did not answer. The text has no payload.
    #[error("{0}")]
    Broker(String),
}

impl KafkaError {
    fn setting(setting: &'static str, problem: impl Into<String>) -> Self {
        Self::Setting { setting, problem: problem.into() }
    }
}

impl From<rdkafka::error::KafkaError> for KafkaError {
    fn from(cause: rdkafka::error::KafkaError) -> Self {
        Self::Broker(cause.to_string())
    }
}
