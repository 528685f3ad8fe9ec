//! What time takes away.

use grantor_store::{Log, OnTaken, Write};
use uuid::Uuid;

use crate::{
    opened::open,
    writes::{TENANT, fact, insert, read_all, rows, upon},
};

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
    assert!(
        opened.store.read_log(Log::Facts, grantor_eventsourcing::Position::START, 9).await.expect("facts").is_empty()
    );
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
    let first = opened.store.head(Log::Facts);
    opened.clock.advance_seconds(91 * DAY);
    assert_eq!(opened.store.sweep(opened.now()).await, Ok(1));
    let opened = opened.again().await;
    opened.store.commit(write()).await.expect("written");
    let facts = read_all(&opened.store, Log::Facts).await;
    assert_eq!(facts.len(), 1);
    assert!(facts[0].position > first, "a reader that stands at the first must see the next one");
}
