//! What time takes away, and what erasing leaves behind.

use grantor_eventsourcing::Position;
use grantor_store::{Log, OnTaken, RowChange, Write};
use uuid::Uuid;

use crate::opened::{TENANT, contains, fact, insert, key, open, rows, upon};

const DAY: i64 = 86_400;

#[tokio::test]
async fn the_sweep_takes_what_is_over_and_nothing_else() {
    let opened = open().await;
    let soon = opened.in_seconds(10);
    opened.store.commit(rows([insert("ends", "x", soon, OnTaken::Refuse)])).await.expect("written");
    opened.store.commit(rows([insert("stays", "x", None, OnTaken::Refuse)])).await.expect("written");
    let mut write = upon(1, 0, 0, &["kept"]);
    write.facts = vec![fact("for 90 days")];
    opened.store.commit(write).await.expect("written");
    let handled = Write { inbox: Some(("consumer", Uuid::from_u128(1))), ..Write::default() };
    opened.store.commit(handled).await.expect("written");
    for (days, gone) in [(1, 0), (1, 1), (12, 0), (1, 1), (75, 0), (1, 1), (400, 0)] {
        opened.clock.advance_seconds(days * DAY);
        assert_eq!(opened.store.sweep(opened.now()).await, Ok(gone), "after {days} more days");
    }
    assert_eq!(opened.store.in_inbox("consumer", Uuid::from_u128(1)).await, Ok(false));
    assert!(opened.store.read_log(Log::Facts, Position::START, 9).await.expect("facts").is_empty());
    assert_eq!(opened.store.stream(TENANT, Uuid::from_u128(1)).await.expect("a stream").len(), 1);
    assert!(opened.store.row(TENANT, "thing", b"stays").await.expect("an answer").is_some());
}

#[tokio::test]
async fn the_sweep_goes_in_slices() {
    let opened = open().await;
    let soon = opened.in_seconds(1);
    let changes = (0..1200).map(|n| insert(&format!("{n}"), "x", soon, OnTaken::Refuse));
    opened.store.commit(rows(changes)).await.expect("written");
    opened.clock.advance_seconds(2 * DAY);
    let mut gone = Vec::new();
    while gone.last() != Some(&0) {
        gone.push(opened.store.sweep(opened.now()).await.expect("swept"));
    }
    assert_eq!(gone, [500, 500, 200, 0]);
}

#[tokio::test]
async fn positions_of_swept_facts_are_never_given_again() {
    let opened = open().await;
    let write = || Write { facts: vec![fact("x")], ..Write::default() };
    opened.store.commit(write()).await.expect("written");
    opened.clock.advance_seconds(91 * DAY);
    assert_eq!(opened.store.sweep(opened.now()).await, Ok(1));
    let opened = opened.again().await;
    opened.store.commit(write()).await.expect("written");
    let facts = opened.store.read_log(Log::Facts, Position::row(1), 9).await.expect("facts");
    assert_eq!(facts.len(), 1, "a reader that stands at 1 must see the next one");
}

#[tokio::test]
async fn what_is_deleted_and_scrubbed_is_in_no_file() {
    const DATUM: &str = "grace.hopper@navy.example";
    let opened = open().await;
    // Long enough to need pages of its own, beside a short one.
    let long = DATUM.repeat(2000);
    opened.store.commit(rows([insert("a", DATUM, None, OnTaken::Refuse)])).await.expect("written");
    opened.store.commit(rows([insert("b", &long, None, OnTaken::Refuse)])).await.expect("written");
    assert!(contains(&opened.bytes(), DATUM.as_bytes()), "the test would find it");
    opened.store.scrub().await.expect("scrubbed");
    assert!(contains(&opened.bytes(), DATUM.as_bytes()), "what is not deleted stays");
    let delete = |name| RowChange::Delete { key: key(name), expected: None };
    opened.store.commit(rows([delete("a"), delete("b")])).await.expect("deleted");
    opened.store.scrub().await.expect("scrubbed");
    assert!(!contains(&opened.bytes(), DATUM.as_bytes()));
}

#[tokio::test]
async fn a_replaced_row_leaves_nothing_of_the_old_one() {
    let opened = open().await;
    opened.store.commit(rows([insert("a", "old-datum-of-somebody", None, OnTaken::Refuse)])).await.expect("written");
    opened.store.commit(rows([insert("a", "new", None, OnTaken::Replace)])).await.expect("written");
    opened.store.scrub().await.expect("scrubbed");
    assert!(!contains(&opened.bytes(), b"old-datum-of-somebody"));
}

#[tokio::test]
async fn the_log_stays_short_while_it_is_written_without_a_pause() {
    const MOST: u64 = 64 << 20;
    let opened = open().await;
    let page = "x".repeat(60_000);
    let log = opened.folder.path().join("one.sqlite-wal");
    let mut written = 0;
    // Three times what the log may hold, and always somebody who waits to write.
    while written < 3 * MOST {
        let each = (0..64).map(|number| {
            let name = format!("{written} {number}");
            opened.store.commit(rows([insert(&name, &page, None, OnTaken::Refuse)]))
        });
        futures_util::future::try_join_all(each).await.expect("written");
        written += 64 * 60_000;
        let length = std::fs::metadata(&log).expect("a log").len();
        assert!(length < MOST, "{length} bytes of log after {written}");
    }
}

#[tokio::test]
async fn the_write_ahead_log_does_not_stay_long() {
    let opened = open().await;
    let log = opened.folder.path().join("one.sqlite-wal");
    let length = || std::fs::metadata(&log).expect("the log").len();
    let big = "x".repeat(60_000);
    let mut longest = 0;
    for round in 0..20 {
        let changes = (0..64).map(|n| insert(&format!("{round}-{n}"), &big, None, OnTaken::Refuse));
        opened.store.commit(rows(changes)).await.expect("written");
        longest = longest.max(length());
    }
    assert!(longest > 10 << 20, "nothing was written: {longest}");
    let emptied = async {
        while length() >= 64 << 20 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), emptied).await.expect("the log is emptied");
    assert!(opened.store.row(TENANT, "thing", b"19-63").await.expect("an answer").is_some(), "and nothing is lost");
}
