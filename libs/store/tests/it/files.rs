//! What erasing leaves in SQLite's files, and how long its log gets.

use grantor_store::{OnTaken, RowChange};

use crate::{
    opened::{contains, open},
    writes::{TENANT, insert, key, rows},
};

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
    // It is started anew at two thirds of that, unless whoever copies is in the way: on a busy
    // machine a few commits come between.
    const MOST: u64 = 96 << 20;
    let opened = open().await;
    let page = "x".repeat(60_000);
    let log = opened.folder.path().join("one.sqlite-wal");
    let mut written = 0;
    // Twice what the log may hold, and always somebody who waits to write.
    while written < 2 * MOST {
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
