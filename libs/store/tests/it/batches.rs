//! Group commit: neighbours share a transaction, and nobody's mistake is another's.

use std::collections::HashSet;

use futures_util::future::join_all;
use grantor_eventsourcing::Position;
use grantor_ports::EntropyExt;
use grantor_store::{CommitError, Committed, Log, NewTask, OnTaken, RowChange, StoreError, TaskChange, Write};
use uuid::Uuid;

use crate::{
    opened::{Opened, open, open_with},
    writes::{TENANT, insert, key, read_all, rows, upon},
};

/// All at once, so that they meet in the batcher's queue.
async fn together(opened: &Opened, writes: Vec<Write>) -> Vec<Result<Committed, CommitError>> {
    join_all(writes.into_iter().map(|write| opened.store.commit(write))).await
}

/// 63 good commands and one in their midst; answers what became of that one.
async fn among_63(opened: &Opened, bad: Write) -> Result<Committed, CommitError> {
    let first = 1000 + u128::try_from(opened.store.head(Log::Events).seq).expect("a position") * 100;
    let mut writes: Vec<Write> = (0..63).map(|n| upon(first + n, 0, 0, &["good"])).collect();
    writes.insert(31, bad);
    let mut answers = together(opened, writes).await;
    let answer = answers.remove(31);
    assert!(answers.iter().all(Result::is_ok), "a neighbour failed: {answers:?}");
    for n in 0..63 {
        let events = opened.store.stream(TENANT, Uuid::from_u128(first + n)).await.expect("a stream");
        assert_eq!(events.len(), 1);
    }
    answer
}

#[tokio::test]
async fn many_writers_get_positions_in_order_and_never_the_same() {
    let opened = open().await;
    let answers = together(&opened, (0..500).map(|n| upon(n, 0, 0, &["one", "two"])).collect()).await;
    let mut positions: Vec<Position> = answers.into_iter().map(|answer| answer.expect("written").position).collect();
    positions.sort_unstable();
    let log = read_all(&opened.store, Log::Events).await;
    assert_eq!(log.len(), 1000);
    assert!(log.is_sorted_by(|one, next| one.position < next.position), "no place twice");
    let last_of_each: Vec<Position> =
        log.iter().filter(|event| event.version == 2).map(|event| event.position).collect();
    assert_eq!(positions, last_of_each, "each answer carries its own last event");
    assert_eq!(opened.store.head(Log::Events), log[999].position);
    let seen: HashSet<Uuid> = log.iter().map(|event| event.event_id.uuid()).collect();
    assert_eq!(seen.len(), 1000);
}

#[tokio::test]
async fn what_is_answered_is_there_after_a_second_opening() {
    let opened = open().await;
    let answers = together(&opened, (0..64).map(|n| upon(n, 0, 0, &["kept"])).collect()).await;
    assert!(answers.iter().all(Result::is_ok));
    let last = answers.into_iter().map(|answer| answer.expect("written").position).max();
    let opened = opened.again().await;
    assert_eq!(Some(opened.store.head(Log::Events)), last);
    for n in 0..64 {
        assert_eq!(opened.store.stream(TENANT, Uuid::from_u128(n)).await.expect("a stream").len(), 1);
    }
}

#[tokio::test]
async fn a_full_queue_says_busy_and_writes_nothing_of_it() {
    let opened = open_with(|options| options.queue = 1).await;
    let answers = together(&opened, (0..2000).map(|n| upon(n, 0, 0, &["one"])).collect()).await;
    let written = answers.iter().filter(|answer| answer.is_ok()).count();
    let busy = answers.iter().filter(|answer| **answer == Err(CommitError::Store(StoreError::Busy))).count();
    assert!(busy > 0, "2000 writes fitted into a queue of one");
    assert_eq!(written + busy, 2000);
    assert_eq!(read_all(&opened.store, Log::Events).await.len(), written);
}

#[tokio::test]
async fn a_stale_revision_fails_alone() {
    let opened = open().await;
    opened.store.commit(upon(1, 0, 0, &["first"])).await.expect("written");
    assert_eq!(among_63(&opened, upon(1, 0, 0, &["again"])).await, Err(CommitError::Conflict));
    assert_eq!(among_63(&opened, upon(1, 7, 1, &["again"])).await, Err(CommitError::Conflict));
    assert_eq!(opened.store.stream(TENANT, Uuid::from_u128(1)).await.expect("a stream").len(), 1);
}

#[tokio::test]
async fn a_taken_row_fails_alone_and_takes_its_events_along() {
    let opened = open().await;
    opened.store.commit(rows([insert("mine", "old", None, OnTaken::Refuse)])).await.expect("written");
    let mut bad = upon(1, 0, 0, &["never"]);
    bad.rows = vec![insert("also new", "x", None, OnTaken::Refuse), insert("mine", "new", None, OnTaken::Refuse)];
    assert_eq!(among_63(&opened, bad).await, Err(CommitError::Taken("thing")));
    assert!(opened.store.stream(TENANT, Uuid::from_u128(1)).await.expect("a stream").is_empty());
    assert!(opened.store.row(TENANT, "thing", b"also new").await.expect("a row").is_none());
}

#[tokio::test]
async fn a_changed_row_fails_alone() {
    let opened = open().await;
    opened.store.commit(rows([insert("mine", "old", None, OnTaken::Refuse)])).await.expect("written");
    let update = RowChange::Update { key: key("mine"), expected: 5, data: b"new".to_vec(), expires_at: None };
    assert_eq!(among_63(&opened, rows([update])).await, Err(CommitError::Conflict));
    let delete = RowChange::Delete { key: key("mine"), expected: Some(5) };
    assert_eq!(among_63(&opened, rows([delete])).await, Err(CommitError::Conflict));
    let row = opened.store.row(TENANT, "thing", b"mine").await.expect("an answer").expect("the row");
    assert_eq!((row.data, row.revision), (b"old".to_vec(), 1));
}

#[tokio::test]
async fn an_event_that_was_handled_before_fails_alone() {
    let opened = open().await;
    let handled = || Write { inbox: Some(("consumer", Uuid::from_u128(5))), ..Write::default() };
    opened.store.commit(handled()).await.expect("written");
    assert_eq!(among_63(&opened, handled()).await, Err(CommitError::Taken("event")));
}

/// No rule foresees these: the engine's own constraint breaks the transaction, and everybody in
/// it is tried alone.
#[tokio::test]
async fn a_broken_constraint_fails_alone() {
    let opened = open().await;
    opened.store.commit(upon(1, 0, 0, &["first", "second"])).await.expect("written");
    // The right revision with a wrong version: the event's place in the stream is taken.
    let twice = among_63(&opened, upon(1, 1, 0, &["once more"])).await;
    assert_eq!(twice, Err(CommitError::Store(StoreError::Failed)));
    let id = opened.store.entropy().uuid4();
    let task = || {
        let due_at = opened.now();
        Write {
            tasks: vec![TaskChange::Add(NewTask { id, tenant: TENANT, kind: "mail", data: Vec::new(), due_at })],
            ..Write::default()
        }
    };
    opened.store.commit(task()).await.expect("written");
    assert_eq!(among_63(&opened, task()).await, Err(CommitError::Store(StoreError::Failed)));
    let state = opened.store.state(TENANT, 30, Uuid::from_u128(1)).await.expect("an answer").expect("the state");
    assert_eq!((state.version, state.revision), (2, 1), "nothing of the broken command is left");
}

#[tokio::test]
async fn half_a_broken_command_is_impossible() {
    let opened = open().await;
    opened.store.commit(upon(1, 0, 0, &["first"])).await.expect("written");
    let mut bad = upon(2, 0, 0, &["good so far"]);
    let due_at = opened.now();
    let task =
        |kind| TaskChange::Add(NewTask { id: Uuid::from_u128(7), tenant: TENANT, kind, data: Vec::new(), due_at });
    bad.rows = vec![insert("row", "x", None, OnTaken::Refuse)];
    bad.tasks = vec![task("one"), task("the same id")];
    assert_eq!(among_63(&opened, bad).await, Err(CommitError::Store(StoreError::Failed)));
    assert!(opened.store.stream(TENANT, Uuid::from_u128(2)).await.expect("a stream").is_empty());
    assert!(opened.store.row(TENANT, "thing", b"row").await.expect("an answer").is_none());
    assert!(opened.store.due_tasks("one", due_at, 9).await.expect("tasks").is_empty());
}

#[tokio::test]
async fn a_dropped_asker_loses_nothing() {
    let opened = open().await;
    // Polled once, so that it is queued, and dropped before the answer.
    let mut asked = Box::pin(opened.store.commit(upon(1, 0, 0, &["still written"])));
    tokio::select! { biased; _ = &mut asked => {}, () = std::future::ready(()) => {} }
    drop(asked);
    opened.store.commit(upon(2, 0, 0, &["after it"])).await.expect("written");
    assert_eq!(opened.store.stream(TENANT, Uuid::from_u128(1)).await.expect("a stream").len(), 1);
}
