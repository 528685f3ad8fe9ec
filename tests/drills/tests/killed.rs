//! Proof 1: twelve writers; the relay and the broker are killed; every committed event arrives
//! (I7), in order per stream after the version filter (I8).

use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use grantor_bus::{Kafka, KafkaSettings, create_topics};
use grantor_eventsourcing::{Envelope, Position};
use grantor_store::Log;
use grantor_tests_drills::{Verdict, open};
use grantor_tests_postgres::TestDatabase;
use grantor_tests_servers::{Broker, Raw, read};
use tempfile::TempDir;

/// Rounds in `make test`; `make faults` sets `FAULT_KILLS`.
const ROUNDS: usize = 5;
/// Batches that the broker has acknowledged before somebody is killed.
const ENOUGH: usize = 12;
const PROCESS: &str = "the drill's process";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_committed_event_arrives_in_order_whoever_is_killed() {
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("owner.sqlite").display().to_string();
    whoever_is_killed(&file).await;
}

/// Two processes write the same streams in transactions that overlap, over many streams each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn so_it_does_from_postgresql_with_two_writing_processes() {
    let database = TestDatabase::of("drill", async |url| drop(open(&url).await)).await;
    whoever_is_killed(database.url()).await;
}

async fn whoever_is_killed(place: &str) {
    let rounds = std::env::var("FAULT_KILLS").map_or(ROUNDS, |text| text.parse().expect("FAULT_KILLS is a number"));
    let broker = tokio::task::spawn_blocking(Broker::start).await.expect("a broker");
    let (brokers, prefix) = (broker.address.clone(), "drill.".to_owned());
    let kafka = Kafka::new(KafkaSettings { brokers, prefix, ..KafkaSettings::default() }).expect("settings");
    create_topics(&kafka, &[]).await.expect("topics");
    drop(open(place).await);
    for round in 0..rounds {
        let said = tokio::task::block_in_place(|| kill_somebody(round, place, &kafka, &broker));
        println!("round {}: {said}", round + 1);
    }
    let started = Instant::now();
    let drained = tokio::task::block_in_place(|| drill(place, &kafka, &["drain"]).wait()).expect("a status");
    let drain = started.elapsed();
    assert!(drained.success(), "the relay could not send what was left: {drained}");
    let log = open(place).await.read_log(Log::Events, Position::START, u32::MAX).await.expect("the log");
    let arrived = read(&kafka, &kafka.named("oauth.authorization.v1"), log.len()).await;
    let arrived: Vec<Envelope> = arrived.iter().map(Raw::envelope).collect();
    let verdict = Verdict::of(&log, &arrived);
    println!("{rounds} kills: {verdict}; what was left drained in {} ms", drain.as_millis());
    assert!(log.len() > 50 * rounds, "hardly anything was written");
    assert!(verdict.is_good(), "{verdict}");
}

/// One round under load. Who is killed, and where, is told by its number.
fn kill_somebody(round: usize, file: &str, kafka: &Kafka, broker: &Broker) -> String {
    // A file has one writing process.
    let mut other = file.starts_with("postgres://").then(|| drill(file, kafka, &["only-write"]));
    let said = kill_one(round, file, kafka, broker);
    other.iter_mut().for_each(kill);
    said
}

fn kill_one(round: usize, file: &str, kafka: &Kafka, broker: &Broker) -> String {
    let nth = (1 + round % 4).to_string();
    match round % 5 {
        0 | 1 => {
            let point = if round.is_multiple_of(5) { "produced" } else { "acknowledged" };
            let status = drill(file, kafka, &["write", point, &nth]).wait().expect("a status");
            assert!(!status.success(), "it was to kill itself");
            format!("the relay killed, {point} for the {nth}th time")
        }
        2 => {
            let mut writing = Writing::start(file, kafka);
            writing.acknowledged(ENOUGH);
            kill(&mut writing.child);
            "the relay killed, anywhere".to_owned()
        }
        3 => {
            let mut writing = Writing::start(file, kafka);
            writing.acknowledged(ENOUGH);
            broker.kill();
            std::thread::sleep(Duration::from_millis(500));
            broker.start_again();
            writing.acknowledged(ENOUGH);
            kill(&mut writing.child);
            "the broker killed, and back; then the relay".to_owned()
        }
        _ => {
            let mut writing = Writing::start(file, kafka);
            writing.acknowledged(ENOUGH);
            broker.kill();
            kill(&mut writing.child);
            broker.start_again();
            "both killed".to_owned()
        }
    }
}

/// A process that writes and relays until it is killed, and says when the broker has acknowledged.
struct Writing {
    child: Child,
    said: Lines<BufReader<ChildStdout>>,
}

impl Writing {
    fn start(file: &str, kafka: &Kafka) -> Self {
        let mut child = command(file, kafka, &["write", "nowhere", "1"]).stdout(Stdio::piped()).spawn().expect(PROCESS);
        let said = BufReader::new(child.stdout.take().expect("its output")).lines();
        Self { child, said }
    }

    /// Waits until the broker has acknowledged so many batches more.
    fn acknowledged(&mut self, batches: usize) {
        let said = self.said.by_ref().take(batches).filter(Result::is_ok).count();
        assert_eq!(said, batches, "it ended");
    }
}

fn drill(file: &str, kafka: &Kafka, what: &[&str]) -> Child {
    // Nobody listens to it.
    command(file, kafka, what).stdout(Stdio::null()).spawn().expect(PROCESS)
}

fn command(file: &str, kafka: &Kafka, what: &[&str]) -> Command {
    let settings = kafka.settings();
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantor-drill"));
    command.arg(file).args([&settings.brokers, &settings.prefix]).args(what).stdin(Stdio::null());
    command
}

fn kill(child: &mut Child) {
    child.kill().expect("killed");
    child.wait().expect("a status");
}
