//! Events on their way from the service that owns them to those that follow.
//!
//! Delivery is asynchronous, at least once, in order per stream. On the embedded bus a consumer
//! reads the owner's log and keeps its cursor with its effects, in one commit of its own
//! database. On Apache Kafka the owner's relay writes topics, and a consumer's offsets follow
//! its database; effects are the same however often an event comes.

mod archive;
mod consumer;
mod handler;
mod kafka;
mod run;
mod source;
mod unruly;

pub use archive::{LARGEST_PAGE, PageError, events_after};
pub use consumer::{Consumer, HandleError};
pub use kafka::{
    Follower, Heard, Kafka, KafkaError, KafkaSasl, KafkaSecurity, KafkaSettings, KafkaTls, Progress, Relay,
    SaslMechanism, WireError, check_topics, create_topics, from_proto, read_record, tells_freshness, to_proto,
};
pub use run::Subscription;
pub use source::{EventSource, OwnLog};
pub use unruly::Unruly;
