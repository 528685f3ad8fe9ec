//! Topics as the catalogue says.

use std::time::{Duration, Instant};

use grantor_contracts::{Keeps, TOPICS};
use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    config::FromClientConfigAndContext,
    producer::{FutureProducer, Producer as _},
    types::RDKafkaErrorCode,
};
use tokio::{net::TcpStream, task};

use super::{Kafka, KafkaError, client::Quiet};

/// How long a broker may take to be found.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait before looking whether it has refused us meanwhile.
const STEP: Duration = Duration::from_millis(500);
/// How long dead letters are kept.
const DEAD_LETTERS: Keeps = Keeps::Hours(30 * 24);

/// Makes the topics that are missing; answers their names. What is there stays as it is.
pub async fn create_topics(kafka: &Kafka, services: &[&str]) -> Result<Vec<String>, KafkaError> {
    let admin = admin(kafka)?;
    let missing = missing(kafka, services, Patience::Full).await?;
    let wanted: Vec<_> = wanted(kafka, services).into_iter().filter(|(name, _)| missing.contains(name)).collect();
    let retention: Vec<_> = wanted.iter().map(|(_, keeps)| milliseconds(*keeps)).collect();
    let new = wanted.iter().zip(&retention).map(|((name, keeps), milliseconds)| {
        // The brokers' own replication factor.
        let topic = NewTopic::new(name, kafka.settings().partitions, TopicReplication::Fixed(-1));
        match keeps {
            Keeps::Hours(_) => topic.set("cleanup.policy", "delete").set("retention.ms", milliseconds),
            Keeps::Newest => topic.set("cleanup.policy", "compact"),
        }
    });
    let new: Vec<_> = new.collect();
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let answers = admin.create_topics(&new, &AdminOptions::new().operation_timeout(Some(PATIENCE))).await?;
    for answer in answers {
        match answer {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((topic, cause)) => return Err(KafkaError::Broker(format!("topic {topic} cannot be made: {cause}"))),
        }
    }
    let until = tokio::time::Instant::now() + PATIENCE;
    while check_topics(kafka, services).await.is_err() && tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    check_topics(kafka, services).await?;
    Ok(wanted.into_iter().map(|(name, _)| name).collect())
}

/// Refuses when a topic is missing; or says that nobody answers: at once when nobody is there,
/// else after ten seconds.
pub async fn check_topics(kafka: &Kafka, services: &[&str]) -> Result<(), KafkaError> {
    let missing = missing(kafka, services, Patience::UntilAway).await?;
    if missing.is_empty() { Ok(()) } else { Err(kafka.missing(&missing)) }
}

fn wanted(kafka: &Kafka, services: &[&str]) -> Vec<(String, Keeps)> {
    let topics = TOPICS.iter().map(|topic| (kafka.named(topic.name), topic.keeps));
    topics.chain(services.iter().map(|service| (kafka.dead_letters(service), DEAD_LETTERS))).collect()
}

/// How long an answer is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// Whoever is not there may come.
    Full,
    /// Until it is known that nobody is there.
    UntilAway,
}

async fn missing(kafka: &Kafka, services: &[&str], patience: Patience) -> Result<Vec<String>, KafkaError> {
    if patience == Patience::UntilAway && is_nobody_there(kafka).await {
        return Err(kafka.unreachable("connections are refused"));
    }
    // A producer, for it hears why a broker lets nobody in; a client for administration does not.
    let context = Quiet::default();
    let refused = context.refused.subscribe();
    let client: FutureProducer<Quiet> = FutureProducer::from_config_and_context(&kafka.client("topics"), context)?;
    let asking = task::spawn_blocking(move || {
        let until = Instant::now() + PATIENCE;
        loop {
            let found = client.client().fetch_metadata(None, STEP).map(|metadata| {
                let topics = metadata.topics().iter().filter(|topic| topic.error().is_none());
                topics.map(|topic| topic.name().to_owned()).collect::<Vec<_>>()
            });
            let refusal = refused.borrow().clone();
            if found.is_ok() || refusal.is_some() || Instant::now() >= until {
                return (found, refusal);
            }
        }
    });
    // The client is gone by then, with its threads: a process that ends while they speak TLS crashes.
    let (found, refusal) = asking.await.map_err(|_| KafkaError::Broker("the question was cut short".into()))?;
    if let (Err(_), Some(refusal)) = (&found, refusal) {
        return Err(refusal);
    }
    let found = found.map_err(|cause| kafka.unreachable(&cause.to_string()))?;
    Ok(wanted(kafka, services).into_iter().map(|(name, _)| name).filter(|name| !found.contains(name)).collect())
}

/// Known at once when every broker refuses a connection; the client itself goes on trying.
async fn is_nobody_there(kafka: &Kafka) -> bool {
    for broker in kafka.settings().brokers.split(',') {
        let asked = tokio::time::timeout(PATIENCE, TcpStream::connect(broker.trim())).await;
        if !matches!(asked, Ok(Err(_))) {
            return false;
        }
    }
    true
}

fn admin(kafka: &Kafka) -> Result<AdminClient<Quiet>, KafkaError> {
    Ok(AdminClient::from_config_and_context(&kafka.client("topics"), Quiet::default())?)
}

fn milliseconds(keeps: Keeps) -> String {
    match keeps {
        Keeps::Hours(hours) => (u64::from(hours) * 3_600_000).to_string(),
        Keeps::Newest => "-1".to_owned(),
    }
}
