//! Readers of logs: cursors, waiting for them, the inbox, parked events, tasks.

use std::time::Duration;

use chrono::TimeDelta;
use grantor_eventsourcing::Position;
use grantor_store::{CommitError, CursorMove, Lease, Log, NewTask, OnTaken, TaskChange, Write};
use uuid::Uuid;

use crate::{
    opened::{Opened, open},
    writes::{TENANT, fact, insert, read_all, upon},
};

fn moved(position: i64) -> Write {
    let cursor = CursorMove { reader: "list", source: "own".into(), position: Position::row(position), leader: None };
    Write { cursor: Some(cursor), ..Write::default() }
}

#[tokio::test]
async fn a_cursor_starts_at_nothing_and_never_goes_back() {
    let opened = open().await;
    assert_eq!(opened.store.cursor("list", "own").await, Ok(Position::START));
    for (to, at) in [(5, 5), (3, 5), (9, 9)] {
        opened.store.commit(moved(to)).await.expect("written");
        assert_eq!(opened.store.cursor("list", "own").await, Ok(Position::row(at)));
    }
    assert_eq!(opened.store.cursor("list", "another").await, Ok(Position::START));
    assert_eq!(opened.again().await.store.cursor("list", "own").await, Ok(Position::row(9)));
}

#[tokio::test]
async fn a_cursor_and_its_effects_are_one_commit() {
    let opened = open().await;
    let mut write = moved(5);
    write.inbox = Some(("list", Uuid::from_u128(1)));
    write.rows = vec![insert("effect", "x", None, OnTaken::Refuse)];
    opened.store.commit(write).await.expect("written");
    let mut again = moved(8);
    again.inbox = Some(("list", Uuid::from_u128(1)));
    again.rows = vec![insert("effect", "twice", None, OnTaken::Replace)];
    assert_eq!(opened.store.commit(again).await, Err(CommitError::Taken("event")));
    assert_eq!(opened.store.cursor("list", "own").await, Ok(Position::row(5)), "a refused effect moves no cursor");
    let row = opened.store.row(TENANT, "thing", b"effect").await.expect("an answer").expect("the effect");
    assert_eq!(row.data, b"x");
    assert_eq!(opened.store.in_inbox("list", Uuid::from_u128(1)).await, Ok(true));
    assert_eq!(opened.store.in_inbox("another", Uuid::from_u128(1)).await, Ok(false));
}

#[tokio::test]
async fn who_waits_for_a_reader_is_woken_when_it_is_there() {
    let opened = open().await;
    let store = opened.store.clone();
    let waiting = tokio::spawn(async move { store.wait_for_reader("list", "own", Position::row(2)).await });
    tokio::task::yield_now().await;
    opened.store.commit(moved(1)).await.expect("written");
    opened.store.commit(moved(2)).await.expect("written");
    let waited = tokio::time::timeout(Duration::from_secs(1), waiting).await;
    assert!(waited.expect("woken well before the limit").expect("no panic"));
    assert!(opened.store.wait_for_reader("list", "own", Position::row(1)).await, "there already");
}

#[tokio::test]
async fn who_waits_for_a_reader_that_never_comes_gives_up() {
    let opened = open().await;
    assert!(!opened.store.wait_for_reader("list", "own", Position::row(1)).await);
}

#[tokio::test]
async fn followers_hear_of_both_logs() {
    let opened = open().await;
    let (mut events, mut facts) = (opened.store.follow(Log::Events), opened.store.follow(Log::Facts));
    events.borrow_and_update();
    facts.borrow_and_update();
    let mut write = upon(1, 0, 0, &["one", "two"]);
    write.facts = vec![fact("one"), fact("two"), fact("three")];
    let committed = opened.store.commit(write).await.expect("written");
    assert!(events.has_changed().expect("alive") && facts.has_changed().expect("alive"));
    let log = read_all(&opened.store, Log::Events).await;
    assert_eq!((committed.position, *events.borrow()), (log[1].position, log[1].position));
    let log = read_all(&opened.store, Log::Facts).await;
    assert_eq!((log.len(), *facts.borrow()), (3, log[2].position));
    let page = opened.store.read_log(Log::Facts, log[0].position, 1).await.expect("facts");
    assert_eq!(page.iter().map(|fact| &fact.payload[..]).collect::<Vec<_>>(), [b"two"]);
}

#[tokio::test]
async fn a_reader_is_shown_what_it_wants_and_how_far_it_has_seen() {
    let opened = open().await;
    let mut write = upon(1, 0, 0, &["1"; 40]);
    let events = &mut write.stream.as_mut().expect("a stream").events;
    events[9].encoded.event_type = "test.thing.ended";
    events[36].encoded.event_type = "test.thing.ended";
    opened.store.commit(write).await.expect("written");
    let log = read_all(&opened.store, Log::Events).await;
    let wanted = |kind: &str| kind == "test.thing.ended";
    for limit in [1, 2, 40, 1000] {
        let (mut found, mut at, mut reads) = (Vec::new(), Position::START, 0);
        loop {
            let stretch = opened.store.read_wanted(Log::Events, at, limit, &wanted).await.expect("a stretch");
            assert!(stretch.records.len() <= limit as usize, "no more than it asks for");
            assert!(stretch.records.iter().all(|record| at < record.position && record.position <= stretch.end));
            found.extend(stretch.records);
            reads += 1;
            if stretch.end == at {
                break;
            }
            assert!(stretch.more || stretch.end == log[39].position, "the rest is not kept back");
            at = stretch.end;
        }
        assert_eq!((at, &found[..]), (log[39].position, &[log[9].clone(), log[36].clone()][..]), "{limit} at a time");
        assert!(limit > 1 || reads > 2, "much is looked at, but not without bound");
    }
}

#[tokio::test]
async fn a_parked_event_is_kept_with_its_reason_for_its_consumer() {
    let opened = open().await;
    let park = ("list", "own".to_owned(), Position::row(4), Uuid::from_u128(1), "unreadable".to_owned());
    opened.store.commit(Write { park: Some(park), ..moved(4) }).await.expect("written");
    let parked = opened.again().await.store.parked("list").await.expect("an answer");
    assert_eq!(parked.len(), 1);
    assert_eq!((parked[0].position, parked[0].aggregate), (Position::row(4), Uuid::from_u128(1)));
    assert_eq!((parked[0].source.as_str(), parked[0].reason.as_str()), ("own", "unreadable"));
}

#[tokio::test]
async fn a_task_comes_when_due_again_when_it_failed_and_no_more_when_done() {
    let opened = open().await;
    let (id, now) = (Uuid::from_u128(1), opened.now());
    let later = now + TimeDelta::seconds(10);
    let change = |task| Write { tasks: vec![task], ..Write::default() };
    let task = NewTask { id, tenant: TENANT, kind: "mail", data: b"x".to_vec(), due_at: now };
    opened.store.commit(change(TaskChange::Add(task))).await.expect("written");
    assert!(opened.store.due_tasks("other", now, 9).await.expect("tasks").is_empty());
    assert_eq!(opened.store.due_tasks("mail", now, 9).await.expect("tasks").len(), 1);
    opened.store.commit(change(TaskChange::Later(id, later))).await.expect("written");
    assert!(opened.store.due_tasks("mail", now, 9).await.expect("tasks").is_empty());
    assert_eq!(opened.store.due_tasks("mail", later, 9).await.expect("tasks")[0].attempts, 1);
    let sooner = now + TimeDelta::seconds(5);
    let elsewhere = TaskChange::AllDue { tenant: TENANT, kind: "other", due_at: sooner };
    opened.store.commit(change(elsewhere)).await.expect("written");
    assert!(opened.store.due_tasks("mail", sooner, 9).await.expect("tasks").is_empty());
    for due_at in [sooner, later] {
        opened
            .store
            .commit(change(TaskChange::AllDue { tenant: TENANT, kind: "mail", due_at }))
            .await
            .expect("written");
        assert_eq!(opened.store.due_tasks("mail", sooner, 9).await.expect("tasks").len(), 1, "sooner, and never later");
    }
    opened.store.commit(change(TaskChange::Done(id))).await.expect("written");
    assert!(opened.store.due_tasks("mail", later, 9).await.expect("tasks").is_empty());
}

#[tokio::test]
async fn one_leads_at_a_time_and_a_former_leader_moves_no_cursor() {
    let opened = open().await;
    let lead = async || opened.store.try_lead("relay").await.expect("an answer");
    let moved_by = |leader, position| {
        let mut write = moved(position);
        write.cursor.as_mut().expect("a cursor").leader = Some(leader);
        write
    };
    let mut first = lead().await.expect("nobody leads yet");
    assert!(lead().await.is_none(), "somebody leads");
    assert!(opened.store.try_lead("another").await.expect("an answer").is_some());
    assert!(first.is_held().await);
    opened.store.commit(moved_by(first.leader(), 5)).await.expect("written");
    let former = first.leader();
    drop(first);
    let second = lead_soon(&opened, "relay").await;
    assert!(second.leader().epoch > former.epoch);
    assert_eq!(opened.store.commit(moved_by(former, 6)).await, Err(CommitError::Conflict));
    assert_eq!(opened.store.cursor("list", "own").await, Ok(Position::row(5)));
    opened.store.commit(moved_by(second.leader(), 7)).await.expect("written");
    assert_eq!(opened.store.cursor("list", "own").await, Ok(Position::row(7)));
}

/// A lead that was dropped ends as soon as the database has heard of it.
async fn lead_soon(opened: &Opened, name: &'static str) -> Lease {
    let soon = async {
        loop {
            if let Some(lease) = opened.store.try_lead(name).await.expect("an answer") {
                return lease;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), soon).await.expect("nobody leads")
}

#[tokio::test]
async fn a_claimed_task_that_failed_comes_again_and_a_done_one_does_not() {
    let opened = open().await;
    let (now, lease) = (opened.now(), TimeDelta::minutes(1));
    let task = |id| NewTask { id: Uuid::from_u128(id), tenant: TENANT, kind: "mail", data: Vec::new(), due_at: now };
    let tasks = (1..=3).map(|id| TaskChange::Add(task(id))).collect();
    opened.store.commit(Write { tasks, ..Write::default() }).await.expect("written");
    let claimed = opened.store.claim_tasks("mail", now, lease, 9).await.expect("tasks");
    assert_eq!(claimed.len(), 3);
    let later = now + TimeDelta::seconds(10);
    let tasks = vec![TaskChange::Done(Uuid::from_u128(1)), TaskChange::Later(Uuid::from_u128(2), later)];
    opened.store.commit(Write { tasks, ..Write::default() }).await.expect("written");
    let again = opened.store.claim_tasks("mail", now + TimeDelta::minutes(2), lease, 9).await.expect("tasks");
    let mut found: Vec<_> = again.iter().map(|task| (task.id.as_u128(), task.attempts)).collect();
    found.sort_unstable();
    assert_eq!(found, [(2, 1), (3, 0)], "who claimed 3 has died");
}
