//! Messages, deliveries and attempts.

use chrono::TimeDelta;
use grantor_eventsourcing::Position;
use grantor_store::{
    Attempted, CommitError, CursorMove, Delivered, DeliveryChange, DeliveryKey, DeliveryQuery, Leader, NewDelivery,
    NewMessage, Write,
};
use uuid::Uuid;

use crate::{
    opened::{Opened, open},
    writes::TENANT,
};

fn key(endpoint: u128, message: u128) -> DeliveryKey {
    DeliveryKey { endpoint: Uuid::from_u128(endpoint), message: Uuid::from_u128(message) }
}

fn delivery(opened: &Opened, key: DeliveryKey, urgent: bool, in_seconds: i64) -> DeliveryChange {
    DeliveryChange::Add(NewDelivery {
        key,
        tenant: TENANT,
        form: "standard",
        event_type: "thing.happened".into(),
        occurred_at: opened.now(),
        urgent,
        state: Delivered::NotYet,
        why: "schedule",
        due_at: opened.now() + TimeDelta::seconds(in_seconds),
    })
}

fn message(opened: &Opened, id: u128, body: &str) -> NewMessage {
    NewMessage {
        id: Uuid::from_u128(id),
        form: "standard",
        tenant: TENANT,
        event_type: "thing.happened".into(),
        trace: Some("00-trace".into()),
        body: body.into(),
        expires_at: opened.now() + TimeDelta::days(30),
    }
}

fn attempted(opened: &Opened, key: DeliveryKey, state: Delivered, in_seconds: i64) -> DeliveryChange {
    DeliveryChange::Attempted(Box::new(Attempted {
        key,
        state,
        tries: 3,
        due_at: opened.now() + TimeDelta::seconds(in_seconds),
        why: "schedule".into(),
        started_at: opened.now(),
        duration_ms: 12,
        status: (state == Delivered::Arrived).then_some(204),
        error: (state != Delivered::Arrived).then_some("timeout"),
        details: b"{}".to_vec(),
    }))
}

async fn write(opened: &Opened, messages: Vec<NewMessage>, deliveries: Vec<DeliveryChange>) {
    opened.store.commit(Write { messages, deliveries, ..Write::default() }).await.expect("written");
}

async fn due(opened: &Opened, endpoint: u128) -> Vec<u128> {
    let (found, _) =
        opened.store.due_deliveries(Uuid::from_u128(endpoint), opened.now(), None, 10).await.expect("rows");
    found.into_iter().map(|delivery| delivery.key.message.as_u128()).collect()
}

#[tokio::test]
async fn a_repeated_event_makes_one_delivery_and_changes_nothing() {
    let opened = open().await;
    for body in ["first", "again"] {
        // Twice in one commit, too.
        let twice = || vec![message(&opened, 1, body), message(&opened, 1, body)];
        let rows = vec![delivery(&opened, key(7, 1), false, 0), delivery(&opened, key(7, 1), true, 9)];
        write(&opened, twice(), rows).await;
    }
    write(&opened, vec![], vec![attempted(&opened, key(7, 1), Delivered::Arrived, 0)]).await;
    write(&opened, vec![message(&opened, 1, "late")], vec![delivery(&opened, key(7, 1), false, 0)]).await;
    let all = opened.store.deliveries(Uuid::from_u128(7), DeliveryQuery { limit: 9, ..DeliveryQuery::default() }).await;
    let all = all.expect("rows");
    assert_eq!(all.len(), 1);
    assert_eq!((all[0].state, all[0].attempts, all[0].last_status), (Delivered::Arrived, 1, Some(204)));
    let bodies = opened.store.messages(vec![(Uuid::from_u128(1), "standard".into())]).await.expect("messages");
    assert_eq!((bodies.len(), &bodies[0].body[..]), (1, b"first".as_slice()));
    assert_eq!(bodies[0].trace.as_deref(), Some("00-trace"));
    assert!(due(&opened, 7).await.is_empty());
}

#[tokio::test]
async fn what_is_urgent_comes_first_and_what_is_not_due_waits() {
    let opened = open().await;
    let rows = vec![
        delivery(&opened, key(7, 1), false, -9),
        delivery(&opened, key(7, 2), true, -1),
        delivery(&opened, key(7, 3), false, 20),
        delivery(&opened, key(7, 4), true, 40),
        delivery(&opened, key(8, 5), false, 0),
    ];
    write(&opened, vec![], rows).await;
    assert_eq!(due(&opened, 7).await, [2, 1]);
    let (few, next) = opened.store.due_deliveries(Uuid::from_u128(7), opened.now(), None, 1).await.expect("rows");
    assert_eq!((few.len(), few[0].key), (1, key(7, 2)));
    assert_eq!(next, opened.in_seconds(20));
    let (none, next) = opened.store.due_deliveries(Uuid::from_u128(9), opened.now(), None, 1).await.expect("rows");
    assert_eq!((none.len(), next), (0, None));
}

#[tokio::test]
async fn attempts_are_numbered_and_kept_and_a_delivery_can_be_made_again() {
    let opened = open().await;
    write(&opened, vec![], vec![delivery(&opened, key(7, 1), false, 0)]).await;
    write(&opened, vec![], vec![attempted(&opened, key(7, 1), Delivered::NotYet, 5)]).await;
    assert!(due(&opened, 7).await.is_empty(), "it is due in five seconds");
    write(&opened, vec![], vec![attempted(&opened, key(7, 1), Delivered::GivenUp, 0)]).await;
    let numbers = |found: Vec<grantor_store::Attempt>| found.into_iter().map(|a| a.number).collect::<Vec<_>>();
    assert_eq!(numbers(opened.store.attempts(key(7, 1)).await.expect("attempts")), [1, 2]);
    let again = DeliveryChange::Again { key: key(7, 1), why: "resend", due_at: opened.now() };
    write(&opened, vec![], vec![again]).await;
    assert_eq!(due(&opened, 7).await, [1]);
    let found = opened.store.delivery(key(7, 1)).await.expect("an answer").expect("a row");
    assert_eq!(found.tries, 0, "from the beginning");
    assert_eq!((found.why.as_str(), found.attempts, found.last_error.as_deref()), ("resend", 2, Some("timeout")));
    write(&opened, vec![], vec![DeliveryChange::GiveUp { key: key(7, 1), error: "deleted" }]).await;
    let found = opened.store.delivery(key(7, 1)).await.expect("an answer").expect("a row");
    assert_eq!((found.state, found.last_error.as_deref()), (Delivered::GivenUp, Some("deleted")));
    // Of what is not there, nothing is kept.
    write(&opened, vec![], vec![attempted(&opened, key(7, 2), Delivered::Arrived, 0)]).await;
    assert!(opened.store.attempts(key(7, 2)).await.expect("attempts").is_empty());
}

#[tokio::test]
async fn a_result_and_a_resend_in_one_commit_leave_it_to_be_made_again() {
    let opened = open().await;
    write(&opened, vec![], vec![delivery(&opened, key(7, 1), false, 0)]).await;
    let again = DeliveryChange::Again { key: key(7, 1), why: "resend", due_at: opened.now() };
    write(&opened, vec![], vec![attempted(&opened, key(7, 1), Delivered::Arrived, 0), again]).await;
    assert_eq!(due(&opened, 7).await, [1]);
    assert_eq!(opened.store.attempts(key(7, 1)).await.expect("attempts").len(), 1);
}

#[tokio::test]
async fn what_was_not_tried_since_an_instant_can_count_as_due() {
    let opened = open().await;
    let rows = [(1, 0), (2, 0), (3, 0), (4, 100)].map(|(n, wait)| delivery(&opened, key(7, n), n == 4, wait));
    write(&opened, vec![], rows.into_iter().chain([delivery(&opened, key(8, 9), false, 100)]).collect()).await;
    let failed = |n, wait| attempted(&opened, key(7, n), Delivered::NotYet, wait);
    write(&opened, vec![], vec![failed(1, 300), failed(2, 200), failed(3, 250)]).await;
    opened.clock.advance_seconds(10);
    let since = opened.now();
    // One is tried afterwards, one arrives, one more comes.
    opened.clock.advance_seconds(1);
    let arrived = attempted(&opened, key(7, 3), Delivered::Arrived, 0);
    let later = delivery(&opened, key(7, 5), false, 50);
    write(&opened, vec![], vec![attempted(&opened, key(7, 1), Delivered::NotYet, 300), arrived, later]).await;
    assert!(due(&opened, 7).await.is_empty());
    let untried = async |limit| {
        let found = opened.store.due_deliveries(Uuid::from_u128(7), opened.now(), Some(since), limit).await;
        let (found, next) = found.expect("rows");
        (found.into_iter().map(|delivery| delivery.key.message.as_u128()).collect::<Vec<_>>(), next)
    };
    assert_eq!(untried(9).await, (vec![4, 2], opened.in_seconds(50)), "urgent ones first; when the next is due");
    assert_eq!(untried(1).await.0, [4], "no more than are wanted");
    opened.clock.advance_seconds(60);
    assert_eq!(untried(9).await.0, [4, 5, 2], "what is due is so all the same");
}

#[tokio::test]
async fn who_waits_is_found_one_after_the_other() {
    let opened = open().await;
    let rows = (1..=5).flat_map(|endpoint| (0..20).map(move |n| (endpoint, n)));
    let rows = rows.map(|(endpoint, n)| delivery(&opened, key(endpoint, n), n % 2 == 0, 0)).collect();
    write(&opened, vec![], rows).await;
    write(&opened, vec![], (0..20).map(|n| attempted(&opened, key(3, n), Delivered::Arrived, 0)).collect()).await;
    let found = |found: Vec<(_, Uuid)>| found.into_iter().map(|(_, id)| id.as_u128()).collect::<Vec<_>>();
    assert_eq!(found(opened.store.waiting_endpoints(Uuid::nil(), 9).await.expect("rows")), [1, 2, 4, 5]);
    assert_eq!(found(opened.store.waiting_endpoints(Uuid::from_u128(1), 2).await.expect("rows")), [2, 4]);
    assert_eq!(opened.store.count_waiting(Uuid::from_u128(1), 7).await.expect("a count"), 7);
    assert_eq!(opened.store.count_waiting(Uuid::from_u128(1), 90).await.expect("a count"), 20);
}

#[tokio::test]
async fn pages_go_from_the_newest_to_the_oldest() {
    let opened = open().await;
    for n in 0..5 {
        write(&opened, vec![], vec![delivery(&opened, key(7, n), false, 0)]).await;
    }
    write(&opened, vec![], vec![attempted(&opened, key(7, 3), Delivered::Arrived, 0)]).await;
    let page = |query: DeliveryQuery| {
        let store = opened.store.clone();
        async move { store.deliveries(Uuid::from_u128(7), query).await.expect("rows") }
    };
    let first = page(DeliveryQuery { limit: 2, ..DeliveryQuery::default() }).await;
    assert_eq!(first.iter().map(|d| d.key.message.as_u128()).collect::<Vec<_>>(), [4, 3]);
    let rest = page(DeliveryQuery { limit: 9, before: Some(first[1].seq), ..DeliveryQuery::default() }).await;
    assert_eq!(rest.iter().map(|d| d.key.message.as_u128()).collect::<Vec<_>>(), [2, 1, 0]);
    let arrived = page(DeliveryQuery { limit: 9, state: Some(Delivered::Arrived), ..DeliveryQuery::default() }).await;
    assert_eq!(arrived.iter().map(|d| d.key.message.as_u128()).collect::<Vec<_>>(), [3]);
    let later = opened.in_seconds(1);
    assert!(page(DeliveryQuery { limit: 9, since: later, ..DeliveryQuery::default() }).await.is_empty());
    assert_eq!(page(DeliveryQuery { limit: 9, until: later, ..DeliveryQuery::default() }).await.len(), 5);
    let newer = opened.store.newer_deliveries(0, 9).await.expect("rows");
    assert!(newer.is_sorted_by_key(|newer| newer.seq) && newer.len() == 5);
    assert_eq!(opened.store.newest_delivery().await.expect("a number"), newer[4].seq);
}

#[tokio::test]
async fn one_who_has_lost_the_lead_writes_no_results() {
    let opened = open().await;
    write(&opened, vec![], vec![delivery(&opened, key(7, 1), false, 0)]).await;
    let first = opened.store.try_lead("dispatch").await.expect("an answer").expect("the lead");
    let old = first.leader();
    assert!(opened.store.try_lead("dispatch").await.expect("an answer").is_none(), "one leads");
    drop(first);
    let second = loop {
        if let Some(lease) = opened.store.try_lead("dispatch").await.expect("an answer") {
            break lease;
        }
        tokio::task::yield_now().await;
    };
    let result = |leader: Leader| Write {
        deliveries: vec![attempted(&opened, key(7, 1), Delivered::Arrived, 0)],
        cursor: Some(CursorMove {
            reader: "dispatch",
            source: "deliveries".into(),
            position: Position::START,
            leader: Some(leader),
        }),
        ..Write::default()
    };
    assert_eq!(opened.store.commit(result(old)).await.unwrap_err(), CommitError::Conflict);
    assert_eq!(due(&opened, 7).await, [1]);
    opened.store.commit(result(second.leader())).await.expect("written");
    assert!(due(&opened, 7).await.is_empty());
}

#[tokio::test]
async fn who_follows_is_told_and_old_things_go() {
    let opened = open().await;
    let mut told = opened.store.follow_deliveries();
    told.borrow_and_update();
    write(&opened, vec![message(&opened, 1, "x")], vec![delivery(&opened, key(7, 1), false, 0)]).await;
    assert!(told.has_changed().expect("open"));
    told.borrow_and_update();
    write(&opened, vec![], vec![attempted(&opened, key(7, 1), Delivered::Arrived, 0)]).await;
    assert!(!told.has_changed().expect("open"), "a result is none more");
    opened.store.sweep(opened.now() + TimeDelta::days(29)).await.expect("swept");
    assert_eq!(opened.store.attempts(key(7, 1)).await.expect("attempts").len(), 1);
    while opened.store.sweep(opened.now() + TimeDelta::days(31)).await.expect("swept") > 0 {}
    assert!(opened.store.delivery(key(7, 1)).await.expect("an answer").is_none());
    assert!(opened.store.attempts(key(7, 1)).await.expect("attempts").is_empty());
    assert!(opened.store.messages(vec![(Uuid::from_u128(1), "standard".into())]).await.expect("an answer").is_empty());
}
