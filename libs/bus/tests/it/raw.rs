//! Reads topics as any Kafka client would.

use std::{collections::HashMap, time::Duration};

use grantor_bus::{Kafka, from_proto, read_record};
use grantor_eventsourcing::{Envelope, Position};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{Consumer, StreamConsumer},
    message::Headers,
};

/// A record as it stands on a topic.
#[derive(Debug, Clone)]
pub struct Raw {
    pub partition: i32,
    pub key: String,
    pub value: Vec<u8>,
    pub headers: HashMap<String, String>,
}

impl Raw {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    pub fn envelope(&self) -> Envelope {
        let read = read_record(&self.value).expect("an envelope");
        from_proto(read, Position::START).expect("an envelope that makes sense")
    }
}

/// The committed records of a topic, partition by partition: at least so many, and then whatever
/// comes within half a second.
pub async fn read(kafka: &Kafka, topic: &str, least: usize) -> Vec<Raw> {
    let consumer: StreamConsumer = ClientConfig::new()
        .set("bootstrap.servers", &kafka.settings().brokers)
        .set("group.id", "raw")
        .set("enable.auto.commit", "false")
        .set("isolation.level", "read_committed")
        .create()
        .expect("a consumer");
    let mut all = TopicPartitionList::new();
    for partition in 0..kafka.settings().partitions {
        all.add_partition_offset(topic, partition, Offset::Beginning).expect("a partition");
    }
    consumer.assign(&all).expect("assigned");
    let mut found = Vec::new();
    loop {
        let patience = Duration::from_millis(if found.len() < least { 60_000 } else { 500 });
        let Ok(next) = tokio::time::timeout(patience, consumer.recv()).await else { break };
        let Ok(message) = next else { continue };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let headers = message.headers().into_iter().flat_map(|headers| headers.iter());
        found.push(Raw {
            partition: message.partition(),
            key: message.key().map(text).unwrap_or_default(),
            value: message.payload().unwrap_or_default().to_vec(),
            headers: headers.map(|h| (h.key.to_owned(), h.value.map(text).unwrap_or_default())).collect(),
        });
    }
    assert!(found.len() >= least, "{} records on {topic} instead of {least}", found.len());
    found.sort_by_key(|record| record.partition);
    found
}
