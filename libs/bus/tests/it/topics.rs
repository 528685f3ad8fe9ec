//! Topics are made as the catalogue says, and missed by name.

use grantor_bus::{Kafka, KafkaError, KafkaSettings, check_topics, create_topics};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, ResourceSpecifier},
    client::DefaultClientContext,
};

use crate::kafka::shared;

fn settings(brokers: &str, prefix: &str, partitions: i32) -> Result<Kafka, KafkaError> {
    let (brokers, prefix) = (brokers.to_owned(), prefix.to_owned());
    Kafka::new(KafkaSettings { brokers, prefix, partitions, ..KafkaSettings::default() })
}

fn complaint(outcome: Result<Kafka, KafkaError>) -> String {
    outcome.err().map(|cause| cause.to_string()).unwrap_or_default()
}

#[test]
fn settings_that_cannot_be_meant_are_named() {
    assert_eq!(complaint(settings("", "", 12)), "bus.kafka.brokers: `` is not `host:port`");
    assert_eq!(complaint(settings("a:9092,b", "", 12)), "bus.kafka.brokers: `b` is not `host:port`");
    assert!(complaint(settings("a:9092", "a prefix", 12)).starts_with("bus.kafka.prefix: "));
    assert!(complaint(settings("a:9092", "", 0)).starts_with("bus.kafka.partitions: "));
    assert_eq!(complaint(settings("a:9092, [::1]:9093", "acme.", 3)), "");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_does_not_answer_is_named_with_its_setting() {
    let nobody = settings("127.0.0.1:1", "", 1).expect("settings");
    let complaint = check_topics(&nobody, &[]).await.expect_err("nobody is there").to_string();
    assert!(complaint.starts_with("bus.kafka.brokers: no answer from 127.0.0.1:1"), "{complaint}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn topics_are_made_once_as_the_catalogue_says() {
    let kafka = shared("topics").await;
    assert_eq!(create_topics(&kafka, &["authorization"]).await, Ok(Vec::new()), "they are there already");
    check_topics(&kafka, &["authorization"]).await.expect("all topics");
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &kafka.settings().brokers).create().expect("a client");
    for (name, policy, retention) in [
        ("oauth.authorization.v1", "delete", Some("604800000")),
        ("oauth.fact.v1", "delete", Some("86400000")),
        ("authorization.dlq.v1", "delete", Some("2592000000")),
        ("identity.user.state.v1", "compact", None),
    ] {
        let full = kafka.named(name);
        let asked = admin.describe_configs([&ResourceSpecifier::Topic(&full)], &AdminOptions::new()).await;
        let found = asked.expect("an answer").pop().expect("one").expect("a topic");
        let value = |key| found.get(key).and_then(|entry| entry.value.clone());
        assert_eq!(value("cleanup.policy").as_deref(), Some(policy), "{name}");
        if let Some(retention) = retention {
            assert_eq!(value("retention.ms").as_deref(), Some(retention), "{name}");
        }
    }
    let metadata =
        admin.inner().fetch_metadata(Some(&kafka.named("oauth.client.v1")), std::time::Duration::from_secs(10));
    assert_eq!(metadata.expect("an answer").topics()[0].partitions().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_topic_is_named_with_the_setting_that_leads_there() {
    let kafka = shared("missing").await;
    let complaint = check_topics(&kafka, &["token"]).await.expect_err("no dead letters of token").to_string();
    let name = kafka.named("token.dlq.v1");
    assert_eq!(complaint, format!("bus.kafka.prefix: missing topics: {name}; `grantor topics` makes them"));
}
