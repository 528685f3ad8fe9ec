//! Reads topics as any Kafka client would.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use grantor_bus::{Kafka, from_proto, read_record};
use grantor_eventsourcing::{Envelope, Position};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{Consumer, StreamConsumer},
    error::KafkaError,
    message::Headers,
};

/// How long a busy machine may take for the next word of a broker.
const PATIENCE: Duration = Duration::from_secs(120);

/// A record as it stands on a topic.
#[derive(Debug, Clone)]
pub struct Raw {
    /// Where.
    pub partition: i32,
    /// Where in it.
    pub offset: i64,
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: Vec<u8>,
    /// Its headers, the last of each name.
    pub headers: HashMap<String, String>,
}

impl Raw {
    /// A header; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// The envelope that its value is.
    pub fn envelope(&self) -> Envelope {
        let read = read_record(&self.value).expect("an envelope");
        from_proto(read, Position::START).expect("an envelope that makes sense")
    }
}

/// The committed records of a topic, partition by partition, to its end: which is where every
/// partition has been read and there are at least so many.
pub async fn read(kafka: &Kafka, topic: &str, least: usize) -> Vec<Raw> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", &kafka.settings().brokers)
        .set("group.id", "raw")
        .set("enable.auto.commit", "false")
        .set("enable.partition.eof", "true")
        .set("isolation.level", "read_committed")
        // The end is told at once.
        .set("fetch.wait.max.ms", "10")
        .create()
        .expect("a consumer");
    let mut all = TopicPartitionList::new();
    for partition in 0..kafka.settings().partitions {
        all.add_partition_offset(topic, partition, Offset::Beginning).expect("a partition");
    }
    consumer.assign(&all).expect("assigned");
    let mut ended = HashSet::new();
    let mut found = Vec::new();
    while found.len() < least || ended.len() < all.count() {
        let next = tokio::time::timeout(PATIENCE, consumer.recv()).await;
        let next = next.unwrap_or_else(|_| panic!("{} records on {topic} instead of {least}", found.len()));
        let message = match next {
            Ok(message) => message,
            Err(KafkaError::PartitionEOF(partition)) => {
                ended.insert(partition);
                continue;
            }
            Err(_) => continue,
        };
        ended.remove(&message.partition());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
        found.push(Raw {
            partition: message.partition(),
            offset: message.offset(),
            key: message.key().map(text).unwrap_or_default(),
            value: message.payload().unwrap_or_default().to_vec(),
            headers: headers.map(|h| (h.key.to_owned(), h.value.map(text).unwrap_or_default())).collect(),
        });
    }
    found.sort_by_key(|record| record.partition);
    found
}
