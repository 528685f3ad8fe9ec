//! Keyed rows: what "taken" means, when a row ends, and counting.

use futures_util::future::join_all;
use grantor_ids::TenantId;
use grantor_store::{CommitError, OnTaken, Row, RowChange, RowKey, Store, Write};
use uuid::Uuid;

use crate::{
    opened::open,
    writes::{OTHER, TENANT, insert, key, rows},
};

async fn row(store: &Store, name: &str) -> Option<Row> {
    store.row(TENANT, "thing", name.as_bytes()).await.expect("an answer")
}

async fn data(store: &Store, name: &str) -> Option<String> {
    row(store, name).await.map(|row| String::from_utf8(row.data).expect("text"))
}

#[tokio::test]
async fn a_row_is_found_by_tenant_kind_and_key_and_nothing_less() {
    let opened = open().await;
    opened.store.commit(rows([insert("a", "mine", None, OnTaken::Refuse)])).await.expect("written");
    assert_eq!(data(&opened.store, "a").await.as_deref(), Some("mine"));
    assert_eq!(opened.store.row(OTHER, "thing", b"a").await, Ok(None));
    assert_eq!(opened.store.row(TENANT, "other", b"a").await, Ok(None));
    assert_eq!(opened.store.row(TENANT, "thing", b"b").await, Ok(None));
}

#[tokio::test]
async fn a_taken_row_is_refused_replaced_or_kept() {
    let opened = open().await;
    let put = |text: &'static str, on_taken| opened.store.commit(rows([insert("a", text, None, on_taken)]));
    put("first", OnTaken::Refuse).await.expect("written");
    assert_eq!(put("second", OnTaken::Refuse).await, Err(CommitError::Taken("thing")));
    assert_eq!(data(&opened.store, "a").await.as_deref(), Some("first"));
    put("third", OnTaken::Keep).await.expect("kept is no refusal");
    assert_eq!(data(&opened.store, "a").await.as_deref(), Some("first"));
    put("fourth", OnTaken::Replace).await.expect("written");
    assert_eq!(data(&opened.store, "a").await.as_deref(), Some("fourth"));
    assert_eq!(row(&opened.store, "a").await.expect("a row").revision, 2);
}

#[tokio::test]
async fn one_of_64_inserts_of_a_key_wins() {
    let opened = open().await;
    let put = |n: u32| opened.store.commit(rows([insert("a", &n.to_string(), None, OnTaken::Refuse)]));
    let answers = join_all((0..64).map(put)).await;
    let winners: Vec<usize> = answers.iter().enumerate().filter(|(_, a)| a.is_ok()).map(|(n, _)| n).collect();
    assert_eq!(winners.len(), 1);
    assert_eq!(data(&opened.store, "a").await, Some(winners[0].to_string()));
}

#[tokio::test]
async fn an_expired_row_is_gone_and_its_key_is_free_again() {
    for on_taken in [OnTaken::Refuse, OnTaken::Keep, OnTaken::Replace] {
        let opened = open().await;
        let first = insert("a", "first", opened.in_seconds(10), OnTaken::Refuse);
        opened.store.commit(rows([first])).await.expect("written");
        opened.clock.advance_seconds(9);
        assert!(row(&opened.store, "a").await.is_some());
        opened.clock.advance_seconds(1);
        assert!(row(&opened.store, "a").await.is_none(), "at its end it is over");
        assert!(opened.store.rows(TENANT, "thing").await.expect("rows").is_empty());
        let second = insert("a", "second", opened.in_seconds(10), on_taken);
        opened.store.commit(rows([second])).await.expect("an expired row is not there");
        assert_eq!(data(&opened.store, "a").await.as_deref(), Some("second"), "{on_taken:?}");
    }
}

#[tokio::test]
async fn an_update_wants_the_revision_that_was_read() {
    let opened = open().await;
    opened.store.commit(rows([insert("a", "1", opened.in_seconds(10), OnTaken::Refuse)])).await.expect("written");
    let update = |expected, text: &str, expires_at| {
        rows([RowChange::Update { key: key("a"), expected, data: text.into(), expires_at }])
    };
    opened.store.commit(update(1, "2", None)).await.expect("written");
    assert_eq!(opened.store.commit(update(1, "3", None)).await, Err(CommitError::Conflict));
    let found = row(&opened.store, "a").await.expect("a row");
    assert_eq!((found.data, found.revision, found.expires_at), (b"2".to_vec(), 2, opened.in_seconds(10)));
    opened.store.commit(update(2, "4", opened.in_seconds(99))).await.expect("written");
    assert_eq!(row(&opened.store, "a").await.expect("a row").expires_at, opened.in_seconds(99));
}

#[tokio::test]
async fn an_expired_row_cannot_be_changed_back_to_life() {
    let opened = open().await;
    opened.store.commit(rows([insert("a", "1", opened.in_seconds(10), OnTaken::Refuse)])).await.expect("written");
    opened.clock.advance_seconds(11);
    let expires_at = opened.in_seconds(99);
    let update = RowChange::Update { key: key("a"), expected: 1, data: b"2".to_vec(), expires_at };
    assert_eq!(opened.store.commit(rows([update])).await, Err(CommitError::Conflict));
    assert!(row(&opened.store, "a").await.is_none());
}

#[tokio::test]
async fn a_row_is_deleted_once_by_whoever_read_it() {
    let opened = open().await;
    opened.store.commit(rows([insert("a", "1", None, OnTaken::Refuse)])).await.expect("written");
    let delete = |expected| rows([RowChange::Delete { key: key("a"), expected }]);
    assert_eq!(opened.store.commit(delete(Some(2))).await, Err(CommitError::Conflict));
    opened.store.commit(delete(Some(1))).await.expect("deleted");
    assert_eq!(opened.store.commit(delete(Some(1))).await, Err(CommitError::Conflict), "the second one loses");
    opened.store.commit(delete(None)).await.expect("nothing to delete is no refusal");
}

#[tokio::test]
async fn rows_of_a_stream_are_found_by_it() {
    let opened = open().await;
    let leading = |name: &str, to: u128| RowChange::Insert {
        key: key(name),
        aggregate: Some(Uuid::from_u128(to)),
        data: Vec::new(),
        expires_at: None,
        on_taken: OnTaken::Refuse,
    };
    opened.store.commit(rows([leading("a", 1), leading("b", 2), leading("c", 1)])).await.expect("written");
    let mut found: Vec<_> = opened
        .store
        .rows_of(TENANT, "thing", Uuid::from_u128(1))
        .await
        .expect("rows")
        .into_iter()
        .map(|r| r.key)
        .collect();
    found.sort();
    assert_eq!(found, [b"a", b"c"]);
    assert!(opened.store.rows_of(OTHER, "thing", Uuid::from_u128(1)).await.expect("rows").is_empty());
}

#[tokio::test]
async fn rows_of_several_streams_are_found_together() {
    let opened = open().await;
    let leading = |tenant, name: &str, to: u128, ends: i64| RowChange::Insert {
        key: RowKey::new(tenant, "thing", name),
        aggregate: Some(Uuid::from_u128(to)),
        data: name.into(),
        expires_at: opened.in_seconds(ends),
        on_taken: OnTaken::Refuse,
    };
    let there = [leading(TENANT, "a", 1, 99), leading(TENANT, "b", 2, 99), leading(TENANT, "c", 1, 99)];
    let not = [leading(TENANT, "d", 3, 99), leading(TENANT, "e", 1, 5), leading(OTHER, "f", 1, 99)];
    opened.store.commit(rows(there.into_iter().chain(not))).await.expect("written");
    opened.clock.advance_seconds(9);
    let id = Uuid::from_u128;
    let asked = [(TENANT, id(1)), (TENANT, id(2)), (TENANT, id(1)), (OTHER, id(2)), (TENANT, id(9))];
    let found = opened.store.rows_of_each("thing", &asked).await.expect("rows");
    let mut found: Vec<_> = found.iter().map(|(tenant, row)| (*tenant, row.aggregate, row.key.as_slice())).collect();
    found.sort();
    let of = |to: u128, name: &'static [u8]| (TENANT, Some(id(to)), name);
    assert_eq!(found, [of(1, b"a"), of(1, b"c"), of(2, b"b")]);
    assert!(opened.store.rows_of_each("thing", &[]).await.expect("rows").is_empty());
    assert!(opened.store.rows_of_each("other", &asked).await.expect("rows").is_empty());
}

#[tokio::test]
async fn only_a_row_that_is_there_is_overwritten() {
    let opened = open().await;
    let overwrite = |text: &str| rows([RowChange::Overwrite { key: key("a"), data: text.into() }]);
    opened.store.commit(overwrite("nobody")).await.expect("no refusal");
    assert_eq!(data(&opened.store, "a").await, None);
    opened.store.commit(rows([insert("a", "first", opened.in_seconds(9), OnTaken::Refuse)])).await.expect("written");
    opened.store.commit(overwrite("second")).await.expect("written");
    let second = row(&opened.store, "a").await.expect("a row");
    assert_eq!((second.data.as_slice(), second.revision, second.expires_at), (&b"second"[..], 2, opened.in_seconds(9)));
    // In one commit with what takes it away, before and after.
    let away = || RowChange::Delete { key: key("a"), expected: None };
    let over = || RowChange::Overwrite { key: key("a"), data: b"third".to_vec() };
    opened.store.commit(rows([over(), away(), over()])).await.expect("written");
    assert_eq!(data(&opened.store, "a").await, None);
    opened.store.commit(rows([insert("a", "ended", opened.in_seconds(5), OnTaken::Refuse)])).await.expect("written");
    opened.clock.advance_seconds(6);
    opened.store.commit(overwrite("late")).await.expect("no refusal");
    opened.store.commit(rows([insert("a", "again", None, OnTaken::Refuse)])).await.expect("it had expired");
    assert_eq!(data(&opened.store, "a").await.as_deref(), Some("again"));
}

#[tokio::test]
async fn a_row_of_a_small_kind_is_there_as_soon_as_it_is_written_and_as_long_as_it_lasts() {
    let opened = open().await;
    let small = async |tenant, name: &str| {
        let row = opened.store.small_row(tenant, "thing", name.as_bytes()).await.expect("an answer");
        row.map(|row| String::from_utf8(row.data).expect("a text"))
    };
    assert_eq!(small(TENANT, "a").await, None);
    opened.store.commit(rows([insert("a", "1", opened.in_seconds(10), OnTaken::Refuse)])).await.expect("written");
    assert_eq!((small(TENANT, "a").await, small(TENANT, "b").await), (Some("1".into()), None));
    opened.store.commit(rows([insert("b", "2", None, OnTaken::Refuse)])).await.expect("written");
    opened.store.commit(rows([insert("a", "3", opened.in_seconds(10), OnTaken::Replace)])).await.expect("written");
    assert_eq!((small(TENANT, "a").await, small(TENANT, "b").await), (Some("3".into()), Some("2".into())));
    assert_eq!(small(OTHER, "a").await, None, "another tenant's");
    opened.clock.advance_seconds(10);
    assert_eq!(small(TENANT, "a").await, None, "it ended without a write");
    opened.store.commit(rows([RowChange::Delete { key: key("b"), expected: None }])).await.expect("deleted");
    assert_eq!(small(TENANT, "b").await, None);
}

#[tokio::test]
async fn tenants_that_have_rows_are_found_one_after_another() {
    let opened = open().await;
    let (nil, last) = (TenantId::from_uuid(Uuid::nil()), TenantId::from_uuid(Uuid::max()));
    let of = |tenant, name: &str| RowChange::Insert {
        key: RowKey::new(tenant, "thing", name),
        aggregate: None,
        data: Vec::new(),
        expires_at: None,
        on_taken: OnTaken::Refuse,
    };
    assert_eq!(opened.store.next_tenant(None).await, Ok(None));
    let all = [of(OTHER, "a"), of(last, "a"), of(nil, "a"), of(OTHER, "b"), of(TENANT, "a")];
    opened.store.commit(rows(all)).await.expect("written");
    let (mut found, mut at) = (Vec::new(), None);
    while let Some(tenant) = opened.store.next_tenant(at).await.expect("an answer") {
        found.push(tenant);
        at = Some(tenant);
    }
    assert_eq!(found, [nil, TENANT, OTHER, last]);
}

#[tokio::test]
async fn counts_are_exact_under_concurrency_and_start_again_after_their_end() {
    let opened = open().await;
    let count = || Write {
        rows: vec![RowChange::Count { key: key("c"), expires_at: opened.in_seconds(60).expect("an instant") }],
        ..Write::default()
    };
    let answers = join_all((0..200).map(|_| opened.store.commit(count()))).await;
    let mut counts: Vec<u64> = answers.into_iter().map(|answer| answer.expect("counted").counts[0]).collect();
    counts.sort_unstable();
    assert!(counts.into_iter().eq(1..=200));
    opened.clock.advance_seconds(30);
    assert_eq!(opened.store.commit(count()).await.expect("counted").counts, [201], "the first count's end stays");
    opened.clock.advance_seconds(30);
    assert_eq!(opened.store.commit(count()).await.expect("counted").counts, [1]);
}

#[tokio::test]
async fn a_count_is_taken_back_down_to_nothing() {
    let opened = open().await;
    let end = opened.in_seconds(60).expect("an instant");
    let key = || RowKey::new(TENANT, "thing", "c");
    let uncount = || rows([RowChange::Uncount { key: key() }]);
    opened.store.commit(uncount()).await.expect("nothing to take back is no refusal");
    opened.store.commit(rows([RowChange::Count { key: key(), expires_at: end }])).await.expect("counted");
    opened.store.commit(uncount()).await.expect("taken back");
    opened.store.commit(uncount()).await.expect("taken back");
    assert_eq!(row(&opened.store, "c").await.expect("a row").revision, 0);
    let again = opened.store.commit(rows([RowChange::Count { key: key(), expires_at: end }])).await;
    assert_eq!(again.expect("counted").counts, [1]);
}
