//! The same for what a process needs of PostgreSQL and Apache Kafka.

use grantor_tests_ports::free_address;
use grantor_tests_postgres::ServiceDatabases;
use grantor_tests_topologies::Servers;

use crate::bad_configuration::{Case, names};

const PEERS: &str = "[internal.peers]\nregistry = \"http://127.0.0.1:1\"\ndirectory = \"http://127.0.0.1:1\"\n";

fn database(url: &str) -> String {
    format!("[database]\nurl = \"{url}\"\nconnections = 2\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_does_not_let_this_service_in() {
    let databases = ServiceDatabases::empty().await;
    let case = Case::made_with(&database(&databases.url()));
    let refusal = |url: &str| case.refusal(&["token"], &format!("{}{}", database(url), case.internal(PEERS)));
    let secret = format!(":{}@", databases.password());
    let said = refusal(&databases.url().replace(&secret, ":not-this-one@"));
    names(&said, &["database.url", "password authentication failed", &databases.of("token")]);
    assert!(!said.contains("not-this-one"), "a password is shown: {said}");
    let nobody = databases.url().replace("{service}", "{service}_elsewhere");
    names(&refusal(&nobody), &["database.url", "does not exist"]);
    databases.sql("token", "DELETE FROM seaql_migrations WHERE version = (SELECT max(version) FROM seaql_migrations)");
    names(&refusal(&databases.url()), &[&databases.of("token"), "grantor migrate"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_is_not_there() {
    let servers = Servers::with_broker().await;
    let case = Case::made_with(&servers.settings());
    let serve = |services: &[&str]| case.refusal(services, &format!("{}{}", servers.settings(), case.internal(PEERS)));
    let topic = servers.topic("oauth.client.state.v1");
    names(&serve(&["token"]), &["bus.kafka.prefix", "missing topics", &topic, "grantor topics"]);
    let made = case.run("topics", &servers.settings());
    assert!(String::from_utf8_lossy(&made.stdout).contains(&topic), "{made:?}");
    servers.delete_topic("oauth.client.state.v1").await;
    let said = serve(&["token"]);
    names(&said, &["bus.kafka.prefix", &topic]);
    assert!(!said.contains(&servers.topic("identity.user.v1")), "only that one is missing: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_broker_to_make_topics_on() {
    let nobody = free_address();
    let bus = format!("[bus]\nkafka = {{ brokers = \"{nobody}\" }}\n");
    let case = Case::made_with(&bus);
    let output = case.run("topics", &bus);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    names(&String::from_utf8_lossy(&output.stderr), &["bus.kafka.brokers", "no answer", &nobody.to_string()]);
    let output = case.run("topics", "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    names(&String::from_utf8_lossy(&output.stderr), &["bus.kafka"]);
    let odd =
        case.refusal(&["token"], &format!("[bus]\nkafka = {{ brokers = \"nowhere\" }}\n{}", case.internal(PEERS)));
    names(&odd, &["bus.kafka.brokers", "`nowhere` is not `host:port`"]);
}
