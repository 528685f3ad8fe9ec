//! Copies of what a service could not handle, for whoever looks into it.

use std::time::Duration;

use rdkafka::{
    config::FromClientConfigAndContext,
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};

use super::{
    Kafka,
    client::{Aside, Quiet},
};

const PATIENCE: Duration = Duration::from_secs(10);

/// A record as it came.
pub(super) struct Letter<'l> {
    pub(super) consumer: &'static str,
    pub(super) place: &'l str,
    pub(super) offset: i64,
    pub(super) reason: &'l str,
    pub(super) key: Option<&'l [u8]>,
    pub(super) value: Option<&'l [u8]>,
    pub(super) headers: Option<&'l OwnedHeaders>,
}

/// The dead-letter topic of one service. Its producer is made when it is first needed.
pub(super) struct DeadLetters {
    kafka: Kafka,
    service: &'static str,
    producer: Option<Aside<FutureProducer<Quiet>>>,
}

impl DeadLetters {
    pub(super) fn new(kafka: Kafka, service: &'static str) -> Self {
        Self { kafka, service, producer: None }
    }

    /// Copies a record there. The database has it too, so a failure is said and no more.
    pub(super) async fn copy(&mut self, letter: Letter<'_>) {
        if let Err(cause) = self.send(letter).await {
            // The next one tries with a new client.
            self.producer = None;
            tracing::error!(service = self.service, %cause, "a parked event is not on the dead-letter topic");
        }
    }

    async fn send(&mut self, letter: Letter<'_>) -> Result<(), rdkafka::error::KafkaError> {
        let topic = self.kafka.dead_letters(self.service);
        let producer = match &self.producer {
            Some(producer) => producer,
            None => {
                let mut config = self.kafka.client(&format!("{}.dead-letters", self.service));
                config.set("enable.idempotence", "true").set("message.timeout.ms", "10000").set("linger.ms", "0");
                let made = FutureProducer::from_config_and_context(&config, Quiet::default())?;
                self.producer.insert(Aside::new(made))
            }
        };
        let headers = letter.headers.cloned().unwrap_or_default();
        let offset = letter.offset.to_string();
        let headers = [
            ("grantor_consumer", letter.consumer),
            ("grantor_place", letter.place),
            ("grantor_offset", &offset),
            ("grantor_reason", letter.reason),
        ]
        .into_iter()
        .fold(headers, |headers, (key, value)| headers.insert(Header { key, value: Some(value) }));
        let mut record = FutureRecord::<[u8], [u8]>::to(&topic).headers(headers);
        if let Some(key) = letter.key {
            record = record.key(key);
        }
        if let Some(value) = letter.value {
            record = record.payload(value);
        }
        producer.send(record, PATIENCE).await.map(drop).map_err(|(cause, _)| cause)
    }
}
