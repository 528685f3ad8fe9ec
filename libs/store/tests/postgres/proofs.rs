//! What only many transactions at once can show: nothing slips behind the cursor, order is kept,
//! replicas do not stand in each other's way.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use grantor_eventsourcing::Position;
use grantor_store::{
    CommitError, Committed, CopyChange, CursorMove, Log, OnTaken, RowChange, Store, StoreError, Write,
};
use grantor_tests_postgres::Cluster;
use uuid::Uuid;

use crate::{
    opened::{Opened, open, open_with},
    writes::{OTHER, TENANT, fact, insert, key, read_all, rows, upon},
};

/// A stream that grows: reads its revision, and adds one event upon it.
async fn grow(store: &Store, id: u128) -> Result<Committed, CommitError> {
    let state = store.state(TENANT, 30, Uuid::from_u128(id)).await?;
    let (revision, version) = state.map_or((0, 0), |state| (state.revision, state.version));
    store.commit(upon(id, revision, version, &["grown"])).await
}

/// Reads a log as a relay does, until told to stop and the end is reached.
async fn follow(store: Store, stop: Arc<AtomicBool>) -> Vec<(Position, Uuid, u32)> {
    let (mut at, mut seen) = (Position::START, Vec::new());
    loop {
        let stopping = stop.load(Ordering::SeqCst);
        let batch = store.read_log(Log::Events, at, 64).await.expect("the log");
        let Some(last) = batch.last() else {
            if stopping && store.newest(Log::Events).await.expect("the head") <= at {
                return seen;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        };
        at = last.position;
        seen.extend(batch.iter().map(|event| (event.position, event.aggregate_id, event.version)));
    }
}

/// Twelve writers, each a process of its own as far as the database can tell, on a few streams
/// that all of them want, and a reader that runs along.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twelve_writers_lose_no_event_and_keep_every_stream_in_order() {
    const WRITERS: u128 = 12;
    const EACH: usize = 60;
    let opened = open().await;
    let stop = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(follow(opened.store.clone(), Arc::clone(&stop)));
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let store = opened.beside().await;
        writers.push(tokio::spawn(async move {
            // One stream that all of them make at once: one does.
            let (mut written, mut conflicts) = match store.commit(upon(999, 0, 0, &["made"])).await {
                Ok(_) => (1, 0),
                Err(CommitError::Conflict) => (0, 1),
                Err(other) => panic!("{other}"),
            };
            while written < EACH {
                // Several streams at once, so that a transaction holds many aggregates.
                let ids = [writer % 4, 4 + (writer * 7 + written as u128) % 5, 100 + writer];
                for answer in join_all(ids.map(|id| grow(&store, id))).await {
                    match answer {
                        Ok(_) => written += 1,
                        Err(CommitError::Conflict) => conflicts += 1,
                        Err(other) => panic!("{other}"),
                    }
                }
            }
            (written, conflicts)
        }));
    }
    let (mut written, mut conflicts) = (0, 0);
    for writer in writers {
        let (own, lost) = writer.await.expect("a writer");
        written += own;
        conflicts += lost;
    }
    stop.store(true, Ordering::SeqCst);
    let seen = tokio::time::timeout(Duration::from_secs(60), reader).await.expect("the reader ends").expect("it does");
    let mut last: HashMap<Uuid, u32> = HashMap::new();
    let out_of_order = seen.iter().filter(|(_, id, version)| last.insert(*id, *version).unwrap_or(0) + 1 != *version);
    let out_of_order = out_of_order.count();
    println!(
        "12 writers: {written} events written ({conflicts} lost races), {} read, {} lost, {out_of_order} out of order",
        seen.len(),
        written - seen.len()
    );
    assert_eq!((seen.len(), out_of_order), (written, 0));
    assert!(seen.is_sorted_by(|one, next| one.0 < next.0));
    assert!(conflicts >= 11, "eleven of twelve cannot have made the same stream");
}

#[tokio::test]
async fn an_open_transaction_holds_readers_back_and_loses_nothing() {
    let opened = open().await;
    let cluster = Cluster::shared().await;
    opened.store.commit(upon(1, 0, 0, &["before"])).await.expect("written");
    let before = read_all(&opened.store, Log::Events).await;
    // Somebody's transaction has an id and does not end; after five seconds it is cut off.
    let hold = "BEGIN; SELECT pg_current_xact_id(); SELECT pg_sleep(2); COMMIT";
    let mut holder =
        cluster.client("psql", opened.database.name()).args(["-X", "-q", "-c", hold]).spawn().expect("psql");
    let held = async {
        while cluster.sql(opened.database.name(), HOLDERS) != ["1"] {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), held).await.expect("the transaction is open");
    let mut follower = opened.store.follow(Log::Events);
    let committed = opened.store.commit(upon(2, 0, 0, &["behind it"])).await.expect("written");
    follower.borrow_and_update();
    let read = opened.store.read_log(Log::Events, before[0].position, 9).await.expect("the log");
    assert!(read.is_empty(), "an older transaction could still come before it");
    assert_eq!(opened.store.newest(Log::Events).await, Ok(committed.position));
    let woken = async {
        loop {
            follower.changed().await.expect("alive");
            let read = opened.store.read_log(Log::Events, before[0].position, 9).await.expect("the log");
            if !read.is_empty() {
                return read;
            }
        }
    };
    let read = tokio::time::timeout(Duration::from_secs(20), woken).await.expect("woken once it has ended");
    assert_eq!(read.iter().map(|event| event.position).collect::<Vec<_>>(), [committed.position]);
    assert!(holder.wait().expect("psql ends").success());
}

const HOLDERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND backend_xid IS NOT NULL AND query LIKE '%pg_sleep(2)%' AND pid <> pg_backend_pid()";

/// 9 comes before 10, though not as text.
#[tokio::test]
async fn order_is_that_of_numbers_across_a_digit_boundary() {
    let opened = open().await;
    let cluster = Cluster::shared().await;
    let insert = |txid: u64, seq: u64| {
        format!(
            "INSERT INTO es_event SELECT 0, '{txid}'::xid8, {seq}, '{}', 30, '{}', {seq}, gen_random_uuid(), 'test', 1, \
             'x', '{{}}', now(), now()",
            TENANT.uuid(),
            Uuid::from_u128(1)
        )
    };
    // Of an epoch that is over, so that no transaction of now is older.
    for (txid, seq) in [(9, 1), (10, 2), (99, 3), (100, 9), (100, 10), (1_000, 11)] {
        cluster.sql(opened.database.name(), &insert(txid, seq));
    }
    let log = opened.store.read_log(Log::Events, Position::START, 99).await.expect("the log");
    assert_eq!(log.iter().map(|event| event.position.seq).collect::<Vec<_>>(), [1, 2, 3, 9, 10, 11]);
    let after = Position { epoch: 0, txid: 99, seq: 3 };
    let log = opened.store.read_log(Log::Events, after, 99).await.expect("the log");
    assert_eq!(log.iter().map(|event| event.position.txid).collect::<Vec<_>>(), [100, 100, 1_000]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_batchers_on_one_database_do_not_deadlock() {
    let opened = open().await;
    let stores = [opened.beside().await, opened.beside().await];
    let write = |writer: usize, n: u128| {
        // The same rows, named in opposite orders.
        let names: Vec<String> = (0..8).map(|row| format!("{}", if writer == 0 { row } else { 7 - row })).collect();
        let end = opened.in_seconds(60).expect("an instant");
        let copy = |name: &String| CopyChange { tenant: TENANT, kind: "c", key: name.clone(), version: 1, data: None };
        Write {
            rows: names.iter().map(|name| RowChange::Count { key: key(name), expires_at: end }).collect(),
            copies: names.iter().map(copy).collect(),
            ..upon(1_000 * (writer as u128 + 1) + n, 0, 0, &["one"])
        }
    };
    for round in 0..20 {
        let all = stores.iter().enumerate().flat_map(|(writer, store)| {
            (0..16).map(move |n| store.commit(write(writer, round * 16 + n))).collect::<Vec<_>>()
        });
        let answers = join_all(all).await;
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
    }
    let counted = opened.store.row(TENANT, "thing", b"3").await.expect("an answer").expect("the count");
    assert_eq!(counted.revision, 2 * 20 * 16, "every count counted once");
    let deadlocks = Cluster::shared().await.sql(
        opened.database.name(),
        "SELECT pg_stat_force_next_flush(); SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()",
    );
    println!("deadlocks: {deadlocks:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_64_racers_over_four_processes_wins() {
    let opened = open().await;
    let stores = [opened.beside().await, opened.beside().await, opened.beside().await, opened.beside().await];
    opened.store.commit(upon(1, 0, 0, &["made"])).await.expect("written");
    opened.store.commit(rows([insert("code", "x", None, OnTaken::Refuse)])).await.expect("written");
    let redeem = |n: usize| {
        let update = RowChange::Update { key: key("code"), expected: 1, data: b"used".to_vec(), expires_at: None };
        let new = insert("only one", &n.to_string(), None, OnTaken::Refuse);
        stores[n % 4].commit(Write { rows: vec![update, new], ..upon(1, 1, 1, &["redeemed"]) })
    };
    let answers = join_all((0..64).map(redeem)).await;
    let winners = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(CommitError::Conflict | CommitError::Taken(_)))));
    assert_eq!(winners, 1, "{answers:?}");
    assert_eq!(opened.store.stream(TENANT, Uuid::from_u128(1)).await.expect("a stream").len(), 2);
    let inserts = join_all(
        (0..64).map(|n: usize| stores[n % 4].commit(rows([insert("new", &n.to_string(), None, OnTaken::Refuse)]))),
    );
    assert_eq!(inserts.await.iter().filter(|answer| answer.is_ok()).count(), 1);
}

/// 64 commands, each of some with one thing wrong; the others do not notice.
#[tokio::test]
async fn each_constraint_broken_by_one_of_64_fails_that_one() {
    let opened = open().await;
    opened.store.commit(upon(1, 0, 0, &["first", "second"])).await.expect("written");
    opened.store.commit(rows([insert("taken", "x", None, OnTaken::Refuse)])).await.expect("written");
    let handled = || Write { inbox: Some(("consumer", Uuid::from_u128(1))), ..Write::default() };
    opened.store.commit(handled()).await.expect("written");
    let update = |expected| RowChange::Update { key: key("taken"), expected, data: Vec::new(), expires_at: None };
    let leader = Some(grantor_store::Leader { name: "nobody", epoch: 1 });
    let cursor = CursorMove { reader: "list", source: "own".into(), position: Position::row(1), leader };
    let stale: Vec<(Write, CommitError)> = vec![
        (upon(1, 0, 0, &["created again"]), CommitError::Conflict),
        (upon(1, 9, 2, &["stale"]), CommitError::Conflict),
        (rows([insert("taken", "y", None, OnTaken::Refuse)]), CommitError::Taken("thing")),
        (rows([update(7)]), CommitError::Conflict),
        (rows([RowChange::Delete { key: key("taken"), expected: Some(7) }]), CommitError::Conflict),
        (handled(), CommitError::Taken("event")),
        (Write { cursor: Some(cursor), ..Write::default() }, CommitError::Conflict),
        (upon(1, 1, 1, &["a version that is there"]), CommitError::Store(StoreError::Failed)),
    ];
    for (round, (bad, expected)) in stale.into_iter().enumerate() {
        let first = 1_000 * (round as u128 + 1);
        let mut writes: Vec<Write> = (0..63).map(|n| upon(first + n, 0, 0, &["good"])).collect();
        writes.insert(31, bad);
        let mut answers = join_all(writes.into_iter().map(|write| opened.store.commit(write))).await;
        assert_eq!(answers.remove(31), Err(expected), "round {round}");
        assert!(answers.iter().all(Result::is_ok), "round {round}: {answers:?}");
    }
    assert_eq!(read_all(&opened.store, Log::Events).await.len(), 2 + 8 * 63);
}

#[tokio::test]
async fn what_one_process_writes_another_sees_at_once_and_hears_of_soon() {
    let opened = open().await;
    let other = opened.beside().await;
    let mut heard = other.follow(Log::Facts);
    heard.borrow_and_update();
    let waiting = {
        let other = other.clone();
        tokio::spawn(async move { other.wait_for_reader("list", "own", Position::row(3)).await })
    };
    let cursor = CursorMove { reader: "list", source: "own".into(), position: Position::row(3), leader: None };
    let copy =
        CopyChange { tenant: TENANT, kind: "c", key: "odd \0 key".into(), version: 4, data: Some(b"x".to_vec()) };
    let write = Write {
        rows: vec![insert("row", "x", None, OnTaken::Refuse)],
        copies: vec![copy],
        facts: vec![fact("one")],
        cursor: Some(cursor),
        ..upon(1, 0, 0, &["made"])
    };
    let committed = opened.store.commit(write).await.expect("written");
    assert!(other.steady_row(TENANT, "thing", b"row").await.expect("an answer").is_some());
    assert_eq!(other.steady_row(OTHER, "thing", b"row").await, Ok(None));
    let copied = other.steady_copy(TENANT, "c", "odd \0 key", None).await.expect("an answer").expect("the copy");
    assert_eq!(copied.version, 4);
    assert_eq!(other.newest(Log::Events).await, Ok(committed.position));
    tokio::time::timeout(Duration::from_secs(5), heard.changed()).await.expect("heard of").expect("alive");
    assert!(waiting.await.expect("no panic"));
    opened.store.commit(rows([RowChange::Delete { key: key("row"), expected: Some(1) }])).await.expect("deleted");
    assert_eq!(other.steady_row(TENANT, "thing", b"row").await, Ok(None), "no cache");
}

#[tokio::test]
async fn the_data_of_a_copy_is_read_unless_that_version_is_known() {
    let opened = open().await;
    let copied = async |known| {
        let found = opened.store.steady_copy(TENANT, "c", "key", known).await.expect("an answer").expect("the copy");
        (found.version, found.data.map(|data| data.to_vec()))
    };
    for version in [4, 5] {
        let data = format!("version {version}").into_bytes();
        let copy = CopyChange { tenant: TENANT, kind: "c", key: "key".into(), version, data: Some(data.clone()) };
        opened.store.commit(Write { copies: vec![copy], ..Write::default() }).await.expect("written");
        for known in [None, Some(version - 1), Some(version + 1)] {
            assert_eq!(copied(known).await, (version, Some(data.clone())), "{known:?}");
        }
        assert_eq!(copied(Some(version)).await, (version, None));
    }
}

#[tokio::test]
async fn those_who_ask_the_same_at_once_all_have_its_answer() {
    let opened = open().await;
    let names = ["one", "two", "three", "four"];
    opened.store.commit(rows(names.map(|name| insert(name, name, None, OnTaken::Refuse)))).await.expect("written");
    let asked = (0..300).map(|n| names.get(n % 5).copied().unwrap_or("nobody"));
    let answers = join_all(asked.clone().map(|name| opened.store.row(TENANT, "thing", name.as_bytes()))).await;
    for (name, answer) in asked.zip(answers) {
        let found = answer.expect("an answer").map(|row| row.key);
        assert_eq!(found, (name != "nobody").then(|| name.as_bytes().to_vec()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_is_claimed_by_one_process() {
    let opened = open().await;
    let other = opened.beside().await;
    let now = opened.now();
    let task = |n| grantor_store::NewTask {
        id: Uuid::from_u128(n),
        tenant: TENANT,
        kind: "mail",
        data: Vec::new(),
        due_at: now,
    };
    let tasks = (0..100).map(|n| grantor_store::TaskChange::Add(task(n))).collect();
    opened.store.commit(Write { tasks, ..Write::default() }).await.expect("written");
    let lease = chrono::TimeDelta::minutes(1);
    let claims = (0..20).map(|n| {
        let store = if n % 2 == 0 { &opened.store } else { &other };
        store.claim_tasks("mail", now, lease, 10)
    });
    let claimed: Vec<Uuid> =
        join_all(claims).await.into_iter().flat_map(|found| found.expect("tasks")).map(|t| t.id).collect();
    let distinct: HashSet<&Uuid> = claimed.iter().collect();
    assert_eq!((claimed.len(), distinct.len()), (100, 100));
    assert!(other.claim_tasks("mail", now, lease, 10).await.expect("tasks").is_empty());
    let later = now + lease;
    assert_eq!(
        other.claim_tasks("mail", later, lease, 10).await.expect("tasks").len(),
        10,
        "whoever had them has died"
    );
}

#[tokio::test]
async fn a_leader_of_another_process_moves_the_cursor_of_the_former_one_no_more() {
    let opened: Opened = open().await;
    let other = opened.beside().await;
    let first = opened.store.try_lead("relay").await.expect("an answer").expect("the lead");
    assert!(other.try_lead("relay").await.expect("an answer").is_none());
    let former = first.leader();
    drop(first);
    let second = async {
        loop {
            if let Some(lease) = other.try_lead("relay").await.expect("an answer") {
                return lease;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let second = tokio::time::timeout(Duration::from_secs(10), second).await.expect("the lead is free");
    let moved = |leader, seq| {
        let cursor = CursorMove { reader: "relay", source: "own".into(), position: Position::row(seq), leader };
        Write { cursor: Some(cursor), ..Write::default() }
    };
    assert_eq!(opened.store.commit(moved(Some(former), 9)).await, Err(CommitError::Conflict));
    other.commit(moved(Some(second.leader()), 5)).await.expect("written");
    assert_eq!(opened.store.cursor("relay", "own").await, Ok(Position::row(5)));
}

/// What an exchange asks of its store: a read by key, and one write; 64 of them at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_in_flight_share_commits_and_statements() {
    const EACH: u128 = 25;
    let metrics = grantor_telemetry::Metrics::new();
    let opened = open_with(|options| options.metrics = Some(metrics.store("token"))).await;
    let exchange = async |n: u128| {
        for step in 0..EACH {
            let id = 1_000 * (n + 1) + step;
            let name = id.to_string();
            let code = insert(&name, "a code", None, OnTaken::Refuse);
            opened.store.commit(Write { rows: vec![code], ..upon(id, 0, 0, &["issued"]) }).await.expect("written");
        }
    };
    join_all((0..64).map(exchange)).await;
    let before = counted(&metrics);
    let redeem = async |n: u128| {
        for step in 0..EACH {
            let id = 1_000 * (n + 1) + step;
            let name = id.to_string();
            let row = opened.store.row(TENANT, "thing", name.as_bytes()).await.expect("an answer").expect("a code");
            let state = opened.store.state(TENANT, 30, Uuid::from_u128(id)).await.expect("an answer").expect("a grant");
            let used = RowChange::Delete { key: key(&name), expected: Some(row.revision) };
            let token = insert(&format!("token {name}"), "a token", None, OnTaken::Refuse);
            let write = Write {
                rows: vec![used, token],
                facts: vec![fact("issued")],
                ..upon(id, state.revision, state.version, &["redeemed"])
            };
            opened.store.commit(write).await.expect("written");
        }
    };
    join_all((0..64).map(redeem)).await;
    let after = counted(&metrics);
    let exchanges = 64.0 * EACH as f64;
    let (commits, statements) = ((after.0 - before.0) / exchanges, (after.1 - before.1) / exchanges);
    println!("64 in flight: {commits:.3} commits and {statements:.3} statements per exchange");
    assert!(commits <= 0.2, "{commits} commits per exchange");
    assert!(statements <= 1.0, "{statements} statements per exchange");
}

/// Commits and statements so far.
fn counted(metrics: &grantor_telemetry::Metrics) -> (f64, f64) {
    let text = metrics.render();
    let value = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).expect("the metric");
        line.rsplit(' ').next().and_then(|number| number.parse().ok()).expect("a number")
    };
    (value("grantor_store_batch_size_count{"), value("grantor_store_statements_total{"))
}
