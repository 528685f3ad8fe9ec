//! PostgreSQL and Apache Kafka over encrypted connections, with their own certificates looked at; and
//! what is said of a certificate or a password that is not right.

use std::{fs, path::PathBuf, process::Output};

use grantor_host::SERVICES;
use grantor_tests_ports::free_address;
use grantor_tests_postgres::Cluster;
use grantor_tests_servers::Broker;
use grantor_tests_topologies::{Authority, Process};
use tempfile::TempDir;

use crate::bad_configuration::{Case, names};

const PASSWORD: &str = "not-to-be-seen-anywhere";

/// Servers with certificates, and the authority that vouches for them.
struct World {
    folder: TempDir,
    authority: PathBuf,
    cluster: Cluster,
}

impl World {
    fn new() -> Self {
        let folder = TempDir::new().expect("a folder");
        let made = Authority::in_folder(folder.path());
        let cluster = Cluster::encrypted(&made.identity(folder.path()));
        for service in SERVICES {
            cluster.sql("postgres", &format!("CREATE DATABASE grantor_{service}"));
        }
        Self { authority: made.authority().to_owned(), folder, cluster }
    }

    fn broker(&self) -> Broker {
        Broker::encrypted(&self.folder.path().join("identity.pem"), PASSWORD)
    }

    /// The authority of somebody else.
    fn stranger(&self) -> PathBuf {
        let folder = self.folder.path().join("elsewhere");
        fs::create_dir_all(&folder).expect("a folder");
        Authority::in_folder(&folder).authority().to_owned()
    }

    /// `[database]` with these words behind the URL, at this host name.
    fn database(&self, host: &str, words: &str) -> String {
        let url = self.cluster.url();
        let (user, password) = (url.username(), url.password().expect("a password"));
        let at = format!("{host}:{}", url.port().expect("a port"));
        format!("[database]\nurl = \"postgres://{user}:{password}@{at}/grantor_{{service}}{words}\"\nconnections = 2\n")
    }

    fn verified(&self) -> String {
        self.database("127.0.0.1", &format!("?sslmode=verify-full&sslrootcert={}", self.authority.display()))
    }

    /// `[bus]` for the broker's encrypted listener.
    fn bus(&self, broker: &Broker, authority: &str, mechanism: &str) -> String {
        let (at, secret) = (broker.secure_address(), self.folder.path().join("kafka-password"));
        fs::write(&secret, format!("{PASSWORD}\n")).expect("a file");
        format!(
            "[bus]\nkafka = {{ brokers = \"{at}\", prefix = \"{mechanism}.\", partitions = 2, tls = {{ authority = \"{authority}\" }}, \
             sasl = {{ mechanism = \"{mechanism}\", username = \"grantor\", password_file = \"{}\" }} }}\n",
            secret.display()
        )
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A command that must be refused, and never says the password.
fn refused(output: &Output, words: &[&str]) {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = said(output);
    assert!(!said.contains(PASSWORD), "a password is shown: {said}");
    names(&said, words);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_over_encrypted_connections() {
    let world = tokio::task::spawn_blocking(World::new).await.expect("servers");
    let broker = tokio::task::block_in_place(|| world.broker());
    let settings =
        format!("{}{}", world.verified(), world.bus(&broker, &world.authority.display().to_string(), "scram-sha-512"));
    let case = Case::made_with(&settings);
    let made = case.run("topics", &settings);
    assert!(made.status.success(), "{}", said(&made));
    let (admin, config) = (free_address(), world.folder.path().join("served.toml"));
    let text = format!("listen = [\"{}\"]\nadmin_listen = \"{admin}\"\n{settings}", free_address());
    fs::write(&config, text).expect("a file");
    let mut command = std::process::Command::new(grantor_tests_clients::binary());
    command.args(["serve", "--data"]).arg(case.data()).arg("--config").arg(&config);
    let mut process = Process::spawn(&mut command, &world.folder.path().join("served.log"));
    process.wait_until_ready(admin, "/ready").unwrap_or_else(|reason| panic!("{reason}"));
    let started = std::time::Instant::now();
    loop {
        let ready: serde_json::Value = reqwest::Client::builder()
            .no_proxy()
            .build()
            .expect("a client")
            .get(format!("http://{admin}/ready"))
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        let checks = ready["checks"].as_array().expect("checks");
        let sends = |name: &str| {
            checks.iter().any(|check| {
                check["name"] == format!("relay of {name}").as_str()
                    && check["note"].as_str().is_some_and(|note| note.starts_with("sends"))
            })
        };
        if SERVICES.into_iter().all(sends) {
            break;
        }
        assert!(started.elapsed() < std::time::Duration::from_secs(90), "the relays do not send: {ready}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let open = "SELECT count(*) FILTER (WHERE NOT ssl), count(*) > 0 FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                WHERE application_name = 'grantor'";
    assert_eq!(world.cluster.sql("postgres", open), ["0|t"], "connections in the clear");
    assert!(!process.printed().contains(PASSWORD), "a password is printed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_who_it_should_be() {
    let world = tokio::task::spawn_blocking(World::new).await.expect("servers");
    let case = Case::made_with(&world.verified());
    let stranger = world.stranger();
    let with = |authority: &std::path::Path| format!("?sslmode=verify-full&sslrootcert={}", authority.display());
    let unknown = case.run("migrate", &world.database("127.0.0.1", &with(&stranger)));
    refused(&unknown, &["database.url", "invalid peer certificate"]);
    let elsewhere = case.run("migrate", &world.database("localhost", &with(&world.authority)));
    refused(&elsewhere, &["database.url", "invalid peer certificate", "localhost"]);
    let missing = case.run("migrate", &world.database("127.0.0.1", "?sslmode=verify-full&sslrootcert=/nowhere/ca.pem"));
    refused(&missing, &["database.url", "/nowhere/ca.pem"]);
    // One that speaks in the clear alone is as good as a stranger.
    let open = Cluster::shared().await;
    let url = open.url();
    let at = format!("{}:{}", url.host_str().expect("a host"), url.port().expect("a port"));
    let clear = format!(
        "[database]\nurl = \"postgres://{}:{}@{at}/grantor_{{service}}{}\"\n",
        url.username(),
        url.password().unwrap_or_default(),
        with(&world.authority)
    );
    refused(&case.run("migrate", &clear), &["database.url", "TLS"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_is_not_who_it_should_be_or_does_not_know_us() {
    let world = tokio::task::spawn_blocking(World::new).await.expect("servers");
    let broker = tokio::task::block_in_place(|| world.broker());
    let case = Case::made_with("");
    let authority = world.authority.display().to_string();
    for mechanism in ["plain", "scram-sha-256", "scram-sha-512"] {
        let made = case.run("topics", &world.bus(&broker, &authority, mechanism));
        assert!(made.status.success(), "{mechanism}: {}", said(&made));
    }
    let settings = world.bus(&broker, &world.stranger().display().to_string(), "scram-sha-512");
    refused(&case.run("topics", &settings), &["bus.kafka.tls", "certificate"]);
    let settings = world.bus(&broker, "/nowhere/ca.pem", "scram-sha-512");
    refused(&case.run("topics", &settings), &["bus.kafka.tls.authority", "/nowhere/ca.pem"]);
    for mechanism in ["plain", "scram-sha-512"] {
        let settings = world.bus(&broker, &authority, mechanism).replace("\"grantor\"", "\"nobody\"");
        refused(&case.run("topics", &settings), &["bus.kafka.sasl", "Authentication failed"]);
        // A process that cannot be let in does not wait for better times.
        let database = world.verified();
        let started = case.refusal(&[], &format!("{database}{settings}"));
        names(&started, &["bus.kafka.sasl", "Authentication failed"]);
    }
    let clear =
        world.bus(&broker, &authority, "plain").replace(&format!("tls = {{ authority = \"{authority}\" }}, "), "");
    refused(&case.run("topics", &clear), &["bus.kafka.sasl", "bus.kafka.tls"]);
    let both = world.bus(&broker, &authority, "plain").replace("password_file", "password_env = \"A\", password_file");
    refused(&case.run("topics", &both), &["bus.kafka.sasl", "exclude each other"]);
}
