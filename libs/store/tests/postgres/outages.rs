//! The database dies, comes back, is restored: nothing acknowledged is lost, and the store finds
//! its way back by itself.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::DateTime;
use futures_util::future::join_all;
use grantor_eventsourcing::Position;
use grantor_ports::{FixedClock, OsEntropy};
use grantor_store::{
    CommitError, CursorMove, Log, OpenError, PostgresOptions, Store, StoreError, Write, migrate_postgres,
    pending_postgres_migrations,
};
use grantor_tests_postgres::{Cluster, TestDatabase};
use uuid::Uuid;

use crate::writes::{TENANT, read_all, upon};

async fn try_open(url: &str) -> Result<Store, OpenError> {
    let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")));
    Store::open_postgres(PostgresOptions::new(url), clock, Arc::new(OsEntropy)).await
}

async fn migrated(cluster: &Cluster) -> TestDatabase {
    let database = TestDatabase::empty(cluster);
    migrate_postgres(&PostgresOptions::new(database.url())).await.expect("migrations");
    database
}

/// Writes one stream after the other until told to stop; answers which were acknowledged, and
/// how many were not.
async fn write_on(store: Store, first: u128, mut stop: tokio::sync::watch::Receiver<bool>) -> (Vec<u128>, usize) {
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for id in first.. {
        if *stop.borrow_and_update() {
            break;
        }
        match store.commit(upon(id, 0, 0, &["kept"])).await {
            Ok(_) => acknowledged.push(id),
            Err(CommitError::Store(StoreError::Failed | StoreError::Busy | StoreError::Contended)) => refused += 1,
            Err(other) => panic!("{id}: {other}"),
        }
    }
    (acknowledged, refused)
}

async fn answers_again(store: &Store, id: u128) -> Duration {
    let since = Instant::now();
    let again = async {
        let mut at = id;
        while store.commit(upon(at, 0, 0, &["again"])).await.is_err() {
            at += 1;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), again).await.expect("it answers again");
    store.state(TENANT, 30, Uuid::from_u128(id)).await.expect("it reads again");
    since.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_backends_and_a_killed_postmaster_lose_nothing_acknowledged() {
    let cluster = Cluster::private(true);
    let database = migrated(&cluster).await;
    let store = try_open(database.url()).await.expect("a store");
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let writers: Vec<_> =
        (1..=16).map(|n| tokio::spawn(write_on(store.clone(), n * 1_000_000, stopped.clone()))).collect();
    for _ in 0..10 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() \
             AND pid <> pg_backend_pid()";
        cluster.sql(database.name(), kill);
    }
    let backends = answers_again(&store, 100_000_000).await;
    cluster.kill();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let down = store.state(TENANT, 30, Uuid::from_u128(1)).await;
    assert_eq!(down, Err(StoreError::Failed), "unavailable while it is down");
    cluster.start();
    let postmaster = answers_again(&store, 200_000_000).await;
    stop.send_replace(true);
    let (mut acknowledged, mut refused) = (Vec::new(), 0);
    for writer in writers {
        let (own, lost) = writer.await.expect("a writer");
        acknowledged.extend(own);
        refused += lost;
    }
    let found = join_all(acknowledged.iter().map(|id| store.stream(TENANT, Uuid::from_u128(*id)))).await;
    let lost = found.iter().filter(|events| events.as_ref().expect("a stream").len() != 1).count();
    println!(
        "{} acknowledged, {refused} refused, {lost} lost; back after {backends:?} (backends) and {postmaster:?} (postmaster)",
        acknowledged.len()
    );
    assert_eq!(lost, 0);
    assert!(acknowledged.len() > 100, "hardly anything was written: {}", acknowledged.len());
    assert!(backends < Duration::from_secs(5) && postmaster < Duration::from_secs(5));
    let log = read_all(&store, Log::Events).await;
    assert!(log.len() >= acknowledged.len());
}

/// A dump that is restored into another cluster, whose transaction ids start from the beginning.
#[tokio::test]
async fn a_restored_database_goes_on_in_a_new_epoch_and_readers_skip_nothing() {
    let (old, new) = (Cluster::private(false), Cluster::private(false));
    let database = migrated(&old).await;
    // The old cluster has lived for long: its transaction ids are far ahead of the new one's.
    old.sql(
        database.name(),
        "DO $$ BEGIN FOR n IN 1..3000 LOOP PERFORM pg_current_xact_id(); COMMIT; END LOOP; END $$",
    );
    let store = try_open(database.url()).await.expect("a store");
    for id in 0..20 {
        store.commit(upon(id, 0, 0, &["before"])).await.expect("written");
    }
    let before = read_all(&store, Log::Events).await;
    let half = before[9].position;
    drop(store);
    let restored = TestDatabase::empty(&new);
    let dump =
        old.client("pg_dump", database.name()).args(["--no-owner", "--no-privileges"]).output().expect("pg_dump");
    assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("dump.sql");
    std::fs::write(&file, &dump.stdout).expect("written");
    let load =
        new.client("psql", restored.name()).args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-f"]).arg(&file).output();
    let load = load.expect("psql");
    assert!(load.status.success(), "{}", String::from_utf8_lossy(&load.stderr));

    let store = try_open(restored.url()).await.expect("a store");
    let committed = store.commit(upon(100, 0, 0, &["after"])).await.expect("written");
    assert!(committed.position.txid < half.txid, "the drill needs transaction ids that start again");
    assert_eq!(committed.position.epoch, half.epoch + 1);
    let after = read_all(&store, Log::Events).await;
    let old_part: Vec<Uuid> = before.iter().map(|event| event.event_id.uuid()).collect();
    assert!(after.iter().take(20).map(|event| event.event_id.uuid()).eq(old_part));
    // A reader that stood in the middle goes on from there to the end.
    let rest = store.read_log(Log::Events, half, 99).await.expect("the log");
    assert_eq!(rest.len(), 11);
    assert_eq!(rest[10].position, committed.position);
    let again = try_open(restored.url()).await.expect("a second process");
    let committed = again.commit(upon(101, 0, 0, &["after"])).await.expect("written");
    assert_eq!(committed.position.epoch, half.epoch + 1, "once per restoration");
}

#[tokio::test]
async fn a_database_that_cannot_be_used_is_refused_with_its_reason() {
    let cluster = Cluster::shared().await;
    let database = TestDatabase::empty(cluster);
    let url = url::Url::parse(database.url()).expect("a URL");
    let says = async |url: &url::Url| match try_open(url.as_str()).await {
        Err(refusal) => refusal.to_string(),
        Ok(_) => panic!("it was opened"),
    };
    let pending = says(&url).await;
    assert!(pending.contains("run `grantor migrate`"), "{pending}");
    let mut wrong = url.clone();
    wrong.set_password(Some("wrong-and-secret")).expect("a URL");
    let message = says(&wrong).await;
    assert!(message.contains("password authentication failed"), "{message}");
    assert!(!message.contains("wrong-and-secret"), "{message}");
    let mut missing = url.clone();
    missing.set_path("no_such_database");
    let message = says(&missing).await;
    assert!(message.contains("no_such_database") && message.contains("does not exist"), "{message}");
    let mut nobody = url.clone();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("bound").port();
    nobody.set_port(Some(free)).expect("a URL");
    let message = says(&nobody).await;
    assert!(message.to_lowercase().contains("refused"), "{message}");
    cluster.sql("postgres", &format!("DROP DATABASE {} WITH (FORCE)", database.name()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn replicas_that_migrate_at_once_wait_for_each_other() {
    let cluster = Cluster::shared().await;
    let database = TestDatabase::empty(cluster);
    let options = PostgresOptions::new(database.url());
    assert!(pending_postgres_migrations(&options).await.expect("an answer") > 0);
    let all = join_all((0..6).map(|_| migrate_postgres(&options))).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
    assert_eq!(pending_postgres_migrations(&options).await.expect("an answer"), 0);
    let store = try_open(database.url()).await.expect("a store");
    let cursor = CursorMove { reader: "list", source: "own".into(), position: Position::row(1), leader: None };
    store.commit(Write { cursor: Some(cursor), ..Write::default() }).await.expect("it works");
    drop(store);
    cluster.sql("postgres", &format!("DROP DATABASE {} WITH (FORCE)", database.name()));
}
