//! A producer whose predecessors can write no more.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    config::FromClientConfigAndContext,
    error::{KafkaError as ClientError, RDKafkaErrorCode},
    producer::{DeliveryFuture, FutureProducer, FutureRecord, Producer as _},
};

use super::{
    Kafka, KafkaError,
    client::{Aside, Quiet},
    wire::Record,
};

/// How long the broker may take for one step.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why records were not written. Nothing of them is visible.
#[derive(Debug)]
pub(super) enum Unsent {
    /// The broker will never take this one of them.
    Poison(usize, String),
    /// The broker is away, or somebody else has taken over.
    Broken(KafkaError),
}

impl From<ClientError> for Unsent {
    fn from(cause: ClientError) -> Self {
        Self::Broken(cause.into())
    }
}

/// Writes records in transactions, all of them or none. Only the last producer that was opened
/// for a service can write: the broker refuses the ones before it.
pub(super) struct Producer(Arc<Aside<FutureProducer<Quiet>>>);

impl Producer {
    /// From now on, no other producer of this service can write.
    pub(super) async fn open(kafka: &Kafka, service: &str) -> Result<Self, KafkaError> {
        let context = Quiet::default();
        let refused = Arc::clone(&context.refused);
        let name = format!("{service}.relay");
        let mut config = kafka.client(&name);
        config
            .set("transactional.id", kafka.named(&name))
            .set("transaction.timeout.ms", "30000")
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("max.in.flight.requests.per.connection", "5")
            .set("linger.ms", "2")
            .set("compression.type", "zstd")
            // The partitions that Kafka's own clients would choose.
            .set("partitioner", "murmur2_random")
            .set("message.timeout.ms", "10000");
        let client = FutureProducer::from_config_and_context(&config, context)?;
        let producer = Self(Arc::new(Aside::new(client)));
        let opened = producer.blocking(|client| client.init_transactions(PATIENCE)).await;
        // The client itself says no more than that it took too long.
        opened.map_err(|cause| refused.borrow().clone().unwrap_or(cause))?;
        Ok(producer)
    }

    /// Hands records to the broker; visible with [`Batch::commit`], and none of them without.
    pub(super) async fn send(&self, records: &[Record]) -> Result<Batch<'_>, Unsent> {
        self.0.begin_transaction()?;
        let mut deliveries = Vec::with_capacity(records.len());
        for (index, record) in records.iter().enumerate() {
            let mut message =
                FutureRecord::to(&record.topic).key(&record.key).payload(&record.value).headers(record.headers.clone());
            if let Some(partition) = record.partition {
                message = message.partition(partition);
            }
            match self.0.send_result(message) {
                Ok(delivery) => deliveries.push(delivery),
                Err((cause, _)) => return Err(self.given_up(index, cause).await),
            }
        }
        Ok(Batch { producer: self, deliveries })
    }

    /// Takes a batch back, as far as anything of it was written.
    async fn given_up(&self, index: usize, cause: ClientError) -> Unsent {
        let poison = matches!(
            cause.rdkafka_error_code(),
            Some(
                RDKafkaErrorCode::MessageSizeTooLarge
                    | RDKafkaErrorCode::InvalidMessage
                    | RDKafkaErrorCode::InvalidMessageSize
                    | RDKafkaErrorCode::InvalidRecord
                    | RDKafkaErrorCode::PolicyViolation
            )
        );
        match self.blocking(|client| client.abort_transaction(PATIENCE)).await {
            Ok(()) if poison => Unsent::Poison(index, format!("the broker refuses it: {cause}")),
            _ => Unsent::Broken(cause.into()),
        }
    }

    /// Partitions of a topic.
    pub(super) async fn partitions(&self, topic: String) -> Result<i32, KafkaError> {
        let count = move |client: &FutureProducer<Quiet>| {
            let metadata = client.client().fetch_metadata(Some(&topic), PATIENCE)?;
            Ok(metadata.topics().first().map_or(0, |topic| topic.partitions().len()))
        };
        Ok(i32::try_from(self.blocking(count).await?).unwrap_or(i32::MAX))
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&FutureProducer<Quiet>) -> Result<T, ClientError> + Send + 'static,
    ) -> Result<T, KafkaError> {
        let client = Arc::clone(&self.0);
        let done = tokio::task::spawn_blocking(move || work(&client)).await;
        Ok(done.map_err(|_| KafkaError::Broker("cut short".into()))??)
    }
}

/// Records that are on their way.
pub(super) struct Batch<'p> {
    producer: &'p Producer,
    deliveries: Vec<DeliveryFuture>,
}

impl Batch<'_> {
    /// Waits until the broker has acknowledged every one, and makes them visible.
    pub(super) async fn commit(self) -> Result<(), Unsent> {
        for (index, delivery) in self.deliveries.into_iter().enumerate() {
            match delivery.await {
                Ok(Ok(_)) => {}
                Ok(Err((cause, _))) => return Err(self.producer.given_up(index, cause).await),
                Err(_) => return Err(Unsent::Broken(KafkaError::Broker("the producer is gone".into()))),
            }
        }
        self.producer.blocking(|client| client.commit_transaction(PATIENCE)).await.map_err(Unsent::Broken)
    }
}
