//! Lists: order, pages, versions.

use grantor_eventsourcing::Version;
use grantor_ids::TenantId;
use grantor_store::{ListChange, Store, Write};

use crate::{
    opened::open,
    writes::{OTHER, TENANT},
};

fn put(tenant: TenantId, owner: &str, sort: &str, id: &str, version: Version) -> ListChange {
    let data = format!("{id}@{version}").into_bytes();
    ListChange::Put { tenant, list: "things", owner: owner.into(), sort: sort.into(), id: id.into(), version, data }
}

async fn write(store: &Store, lists: Vec<ListChange>) {
    store.commit(Write { lists, ..Write::default() }).await.expect("written");
}

async fn page(store: &Store, owner: &str, after: Option<&str>, limit: u32) -> (Vec<String>, Option<String>) {
    let found = store.list(TENANT, "things", owner, after, limit).await.expect("a page");
    let cursor = found.last().map(|(_, cursor)| cursor.clone());
    (found.into_iter().map(|(data, _)| String::from_utf8(data).expect("text")).collect(), cursor)
}

#[tokio::test]
async fn pages_go_through_everything_once_even_where_sort_keys_are_the_same() {
    let opened = open().await;
    let changes = (0..25).map(|n| put(TENANT, "", ["a", "b"][n % 2], &format!("{n:02}"), 1)).collect();
    write(&opened.store, changes).await;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let (items, cursor) = page(&opened.store, "", after.as_deref(), 4).await;
        if items.is_empty() {
            break;
        }
        // Somebody adds to the pages that were seen and to those that come.
        write(&opened.store, vec![put(TENANT, "", "0", &format!("early {}", seen.len()), 1)]).await;
        seen.extend(items);
        after = cursor;
    }
    let even = (0..25).filter(|n| n % 2 == 0);
    let expected: Vec<String> = even.chain((0..25).filter(|n| n % 2 == 1)).map(|n| format!("{n:02}@1")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_list_is_its_tenants_and_its_owners() {
    let opened = open().await;
    let changes =
        vec![put(TENANT, "ada", "1", "x", 1), put(TENANT, "bob", "1", "y", 1), put(OTHER, "ada", "1", "z", 1)];
    write(&opened.store, changes).await;
    assert_eq!(page(&opened.store, "ada", None, 9).await.0, ["x@1"]);
    assert_eq!(page(&opened.store, "bob", None, 9).await.0, ["y@1"]);
    assert!(page(&opened.store, "", None, 9).await.0.is_empty());
    for (owner, count) in [("ada", 1), ("bob", 1), ("", 0)] {
        assert_eq!(opened.store.count(TENANT, "things", owner).await, Ok(count), "{owner}");
    }
}

#[tokio::test]
async fn an_older_version_changes_nothing() {
    let opened = open().await;
    write(&opened.store, vec![put(TENANT, "", "1", "x", 3)]).await;
    write(&opened.store, vec![put(TENANT, "", "2", "x", 2)]).await;
    assert_eq!(page(&opened.store, "", None, 9).await.0, ["x@3"]);
    write(&opened.store, vec![put(TENANT, "", "2", "x", 4), put(TENANT, "", "1", "y", 1)]).await;
    assert_eq!(page(&opened.store, "", None, 9).await.0, ["y@1", "x@4"], "a new sort key moves it");
    write(&opened.store, vec![ListChange::Remove { tenant: TENANT, list: "things", id: "x".into() }]).await;
    assert_eq!(page(&opened.store, "", None, 9).await.0, ["y@1"]);
}

#[tokio::test]
async fn a_cursor_that_is_none_is_the_beginning() {
    let opened = open().await;
    write(&opened.store, vec![put(TENANT, "", "1", "x", 1)]).await;
    assert_eq!(page(&opened.store, "", Some("no cursor of ours"), 9).await.0, ["x@1"]);
}
