//! Does to a broker what nothing of the platform does.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use grantor_bus::Kafka;
use rdkafka::{
    ClientConfig, Offset, TopicPartitionList,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};

use crate::Raw;

/// How long a busy machine may take.
const PATIENCE: Duration = Duration::from_secs(60);

fn config(kafka: &Kafka) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", &kafka.settings().brokers);
    config
}

fn admin(kafka: &Kafka) -> AdminClient<DefaultClientContext> {
    config(kafka).create().expect("a client")
}

fn options() -> AdminOptions {
    AdminOptions::new().operation_timeout(Some(PATIENCE)).request_timeout(Some(PATIENCE))
}

/// Takes a topic away, and waits until nobody is told of it any more.
///
/// # Panics
/// When the broker refuses.
pub async fn delete_topic(kafka: &Kafka, topic: &str) {
    let deleted = admin(kafka).delete_topics(&[topic], &options()).await.expect("an answer");
    assert!(deleted.iter().all(Result::is_ok), "{deleted:?}");
    let (admin, topic) = (admin(kafka), topic.to_owned());
    let gone = tokio::task::spawn_blocking(move || {
        let started = Instant::now();
        let is_there = || {
            let told = admin.inner().fetch_metadata(None, PATIENCE).expect("an answer");
            told.topics().iter().any(|known| known.name() == topic && known.error().is_none())
        };
        while is_there() {
            assert!(started.elapsed() < PATIENCE, "{topic} does not go");
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    gone.await.expect("it is gone");
}

/// Writes records as anybody could who reaches the broker: each to its own partition. Answers
/// where they are now.
///
/// # Panics
/// When the broker does not take one.
pub async fn write(kafka: &Kafka, topic: &str, records: &[Raw]) -> Vec<Raw> {
    let producer: FutureProducer = config(kafka).create().expect("a producer");
    let mut written = Vec::with_capacity(records.len());
    for record in records {
        let headers = record
            .headers
            .iter()
            .fold(OwnedHeaders::new(), |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
        let message = FutureRecord::to(topic).partition(record.partition).key(&record.key).payload(&record.value);
        let taken = producer.send(message.headers(headers), PATIENCE).await.expect("taken");
        written.push(Raw { offset: taken.offset, ..record.clone() });
    }
    written
}

/// Waits until a group has read these records of a topic.
///
/// # Panics
/// When it does not within a minute, or the broker does not answer.
pub async fn until_read(kafka: &Kafka, group: &str, topic: &str, records: &[Raw]) {
    let started = Instant::now();
    while !is_read(kafka.clone(), group.to_owned(), topic.to_owned(), records.to_vec()).await {
        assert!(started.elapsed() < PATIENCE, "{group} does not read {topic} to its end");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn is_read(kafka: Kafka, group: String, topic: String, records: Vec<Raw>) -> bool {
    let asking = tokio::task::spawn_blocking(move || {
        // Asks, and is no member.
        let client: BaseConsumer = config(&kafka).set("group.id", &group).create().expect("a client");
        let mut partitions = TopicPartitionList::new();
        for partition in 0..kafka.settings().partitions {
            partitions.add_partition(&topic, partition);
        }
        let read = client.committed_offsets(partitions, PATIENCE).expect("an answer");
        let next = |partition| match read.find_partition(&topic, partition).map(|found| found.offset()) {
            Some(Offset::Offset(next)) => next,
            _ => 0,
        };
        records.iter().all(|record| record.offset < next(record.partition))
    });
    asking.await.expect("an answer")
}

/// Forgets what a group has read: it begins again at the first record. Its members have ended;
/// the broker may not know yet.
///
/// # Panics
/// When the broker refuses for a minute.
pub async fn forget_group(kafka: &Kafka, group: &str) {
    let started = Instant::now();
    loop {
        let deleted = admin(kafka).delete_groups(&[group], &options()).await.expect("an answer");
        if deleted.iter().all(Result::is_ok) {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "{deleted:?}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// The topics whose partitions the members of a group have between them. Empty when there is no such
/// group, and while it shares them out.
///
/// # Panics
/// When the broker does not answer.
pub async fn followed(kafka: &Kafka, group: &str) -> BTreeSet<String> {
    shares(kafka, group).await.concat().into_iter().collect()
}

/// How many members of a group have a partition. None while it shares them out.
///
/// # Panics
/// When the broker does not answer.
pub async fn sharers(kafka: &Kafka, group: &str) -> usize {
    shares(kafka, group).await.iter().filter(|topics| !topics.is_empty()).count()
}

/// The topics of each member's share.
async fn shares(kafka: &Kafka, group: &str) -> Vec<Vec<String>> {
    let (kafka, group) = (kafka.clone(), group.to_owned());
    let asking = tokio::task::spawn_blocking(move || {
        let client: BaseConsumer = config(&kafka).create().expect("a client");
        let found = client.fetch_group_list(Some(&group), PATIENCE).expect("an answer");
        let members = found.groups().iter().flat_map(|group| group.members());
        members.filter_map(|member| member.assignment()).map(|share| topics(share).unwrap_or_default()).collect()
    });
    asking.await.expect("an answer")
}

/// The topics of a member's share, as the protocol of Kafka's own consumers writes it: a version, and
/// for each topic its name and its partitions.
fn topics(mut share: &[u8]) -> Option<Vec<String>> {
    let mut take = |count: usize| {
        let (first, rest) = share.split_at_checked(count)?;
        share = rest;
        Some(first)
    };
    let short = |bytes: &[u8]| usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    let long = |bytes: &[u8]| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    take(2)?;
    let count = long(take(4)?);
    let mut names = Vec::new();
    for _ in 0..count {
        let length = short(take(2)?);
        names.push(String::from_utf8(take(length)?.to_vec()).ok()?);
        let partitions = long(take(4)?);
        take(4 * partitions)?;
    }
    Some(names)
}
