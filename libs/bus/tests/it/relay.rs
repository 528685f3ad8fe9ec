//! What the relay writes, and what it does not.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use bytes::Bytes;
use grantor_bus::{Kafka, events_after, from_proto};
use grantor_contracts::{Message, platform::v1::EventPage};
use grantor_eventsourcing::{Actor, AggregateType, Encoded, Envelope, Meta, Position};
use grantor_ports::{Drill, Point};
use grantor_store::{Log, NewEvent, NewFact, Write};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::{
    followed::{Followed, HAPPENED, SOURCE, TENANT, open},
    kafka::{followed, relay, until},
};

const TOPIC: &str = "oauth.authorization.v1";
const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn event(world: &Followed, event_type: &'static str, payload: Bytes) -> NewEvent {
    let encoded = Encoded { event_type, schema_version: 1, payload };
    let occurred_at = world.owner.clock().real();
    let meta = Meta { trace: Some(TRACE.to_owned()), ..Meta::by(Actor::System) };
    NewEvent { id: world.owner.event_id(), encoded, occurred_at, meta }
}

async fn fact(world: &Followed, stream: u128, event_type: &'static str, payload: Bytes) {
    let event = event(world, event_type, payload);
    let fact = NewFact { tenant: TENANT, kind: AggregateType::Grant, aggregate: Uuid::from_u128(stream), event };
    world.owner.commit(Write { facts: vec![fact], ..Write::default() }).await.expect("written");
}

async fn log(world: &Followed, log: Log) -> Vec<Envelope> {
    world.owner.read_log(log, Position::START, 10_000).await.expect("the log")
}

/// Payloads by key, in the order of the topic.
async fn by_key(kafka: &Kafka, topic: &str, least: usize) -> BTreeMap<String, Vec<Bytes>> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for record in grantor_tests_servers::read(kafka, &kafka.named(topic), least).await {
        let payload = record.envelope().payload;
        found.entry(record.key).or_default().push(payload);
    }
    found
}

fn key(stream: u128) -> String {
    Uuid::from_u128(stream).to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn records_are_cloud_events_around_the_envelope() {
    let world = followed("cloud events").await;
    let kafka = world.kafka.as_ref().expect("a broker");
    world.happen(7, &["one", "two"]).await;
    fact(&world, 7, "oauth.token.issued", Bytes::from_static(b"fact")).await;
    let relaying = tokio::spawn(relay(&world, kafka).run());
    let events = grantor_tests_servers::read(kafka, &kafka.named(TOPIC), 2).await;
    let facts = grantor_tests_servers::read(kafka, &kafka.named("oauth.fact.v1"), 1).await;
    relaying.abort();
    for (written, read) in log(&world, Log::Events).await.into_iter().zip(&events) {
        assert_eq!(read.key, key(7));
        assert_eq!(read.header("ce_specversion"), "1.0");
        assert_eq!(read.header("ce_id"), written.event_id.to_string());
        assert_eq!(read.header("ce_source"), "/grantor/token");
        assert_eq!(read.header("ce_type"), HAPPENED);
        assert_eq!(read.header("ce_partitionkey"), key(7));
        assert_eq!(read.header("ce_sequence"), written.version.to_string());
        assert_eq!(read.header("ce_tenantid"), TENANT.to_string());
        assert_eq!(read.header("content-type"), "application/protobuf");
        assert!(chrono::DateTime::parse_from_rfc3339(read.header("ce_time")).is_ok_and(|at| at == written.occurred_at));
        assert_eq!(read.envelope(), Envelope { position: Position::START, ..written });
    }
    assert_eq!((facts[0].header("ce_type"), facts[0].header("traceparent")), ("oauth.token.issued", TRACE));
    assert_eq!((facts[0].header("ce_sequence"), facts.len()), ("", 1));
}

/// Too large for the broker, or unknown to the catalogue: set aside with its own stream.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_cannot_be_sent_blocks_its_own_stream_alone() {
    let world = followed("poison").await;
    let kafka = world.kafka.as_ref().expect("a broker");
    let small = |text: &'static str| Bytes::from_static(text.as_bytes());
    fact(&world, 1, "oauth.token.issued", small("first of 1")).await;
    fact(&world, 2, "oauth.token.issued", small("first of 2")).await;
    fact(&world, 1, "oauth.token.issued", Bytes::from(vec![7; 2_000_000])).await;
    fact(&world, 1, "oauth.token.issued", small("second of 1")).await;
    fact(&world, 2, "oauth.token.issued", small("second of 2")).await;
    fact(&world, 3, "nobody.knows.this", small("unknown")).await;
    fact(&world, 3, "oauth.token.issued", small("behind the unknown")).await;
    fact(&world, 4, "oauth.token.issued", small("only of 4")).await;
    let relaying = tokio::spawn(relay(&world, kafka).run());
    let found = by_key(kafka, "oauth.fact.v1", 4).await;
    let source = format!("{SOURCE}.facts");
    let head = world.owner.newest(Log::Facts).await.expect("a position");
    until("the cursor is at the end", async || world.owner.cursor("relay", &source).await == Ok(head)).await;
    relaying.abort();
    let expected = [
        (key(1), vec![small("first of 1")]),
        (key(2), vec![small("first of 2"), small("second of 2")]),
        (key(4), vec![small("only of 4")]),
    ];
    assert_eq!(found, expected.into_iter().collect());
    let parked = world.owner.parked("relay").await.expect("parked records");
    let streams: Vec<_> = parked.iter().map(|event| event.aggregate.as_u128()).collect();
    assert_eq!(streams, [1, 1, 3, 3]);
    assert!(parked[0].reason.starts_with("the broker refuses it"), "{}", parked[0].reason);
    assert_eq!(parked[2].reason, "the catalogue has no topic for it");
}

/// Holds the relay at one point until it is let go.
struct Hold {
    point: Point,
    held: AtomicBool,
    reached: Notify,
    go_on: Notify,
}

#[async_trait]
impl Drill for Hold {
    async fn at(&self, point: Point) {
        if point == self.point && !self.held.swap(true, Ordering::SeqCst) {
            self.reached.notify_one();
            self.go_on.notified().await;
        }
    }
}

/// I19. A relay that stood still while another took over: what it had in hand never becomes
/// visible, and its cursor does not move.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deposed_relay_writes_nothing() {
    let world = followed("deposed").await;
    let kafka = world.kafka.as_ref().expect("a broker");
    world.happen(1, &["one", "two", "three"]).await;
    let (point, held) = (Point::Produced, AtomicBool::default());
    let hold = Arc::new(Hold { point, held, reached: Notify::new(), go_on: Notify::new() });
    let old = tokio::spawn(relay(&world, kafka).with_drill(hold.clone()).run());
    hold.reached.notified().await;
    // Another process on the same database, which knows nothing of the first.
    let other =
        Followed { owner: open(&world.folder.path().join("owner.sqlite")).await, ..followed_again(&world).await };
    let new = tokio::spawn(relay(&other, kafka).run());
    let head = other.owner.newest(Log::Events).await.expect("a position");
    until("the new one has sent all", async || other.owner.cursor("relay", SOURCE).await == Ok(head)).await;
    hold.go_on.notify_one();
    let found = by_key(kafka, TOPIC, 3).await;
    old.abort();
    new.abort();
    assert_eq!(found[&key(1)], ["one", "two", "three"], "each once");
}

async fn followed_again(world: &Followed) -> Followed {
    Followed { kafka: world.kafka.clone(), ..crate::followed::followed().await }
}

/// Cut off between the broker's word and the cursor: sent again, and in order.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_cut_off_at_any_point_sends_everything_in_order() {
    let world = followed("cut off relay").await;
    let kafka = world.kafka.as_ref().expect("a broker");
    let mut happened = Vec::new();
    for (round, point) in
        [Point::Produced, Point::Acknowledged, Point::Produced, Point::Acknowledged].into_iter().enumerate()
    {
        let words: &[&'static str] = if round % 2 == 0 { &["one", "two"] } else { &["three"] };
        world.happen(1, words).await;
        world.happen(2, words).await;
        happened.extend_from_slice(words);
        let hold = Arc::new(Hold { point, held: AtomicBool::default(), reached: Notify::new(), go_on: Notify::new() });
        let relaying = tokio::spawn(relay(&world, kafka).with_drill(hold.clone()).run());
        hold.reached.notified().await;
        relaying.abort();
        let _ = relaying.await;
    }
    let relaying = tokio::spawn(relay(&world, kafka).run());
    let head = world.owner.newest(Log::Events).await.expect("a position");
    until("all is sent", async || world.owner.cursor("relay", SOURCE).await == Ok(head)).await;
    relaying.abort();
    let records = grantor_tests_servers::read(kafka, &kafka.named(TOPIC), 2 * happened.len()).await;
    let mut repeated = 0;
    for stream in [1, 2] {
        let mut version = 0;
        let mut words = Vec::new();
        for event in records
            .iter()
            .map(grantor_tests_servers::Raw::envelope)
            .filter(|event| event.aggregate_id.as_u128() == stream)
        {
            if event.version <= version {
                repeated += 1;
                continue;
            }
            assert_eq!(event.version, version + 1, "a gap or a step back");
            version = event.version;
            words.push(event.payload);
        }
        assert_eq!(words, happened);
    }
    println!("{} records for {} events, {repeated} repeated", records.len(), 2 * happened.len());
}

/// The table is the archive: page by page, the same envelopes.
#[tokio::test]
async fn the_archive_answers_page_by_page() {
    let world = crate::followed::followed().await;
    for stream in 0..5 {
        world.happen(stream, &["one", "two"]).await;
    }
    let mut after = String::new();
    let mut found = Vec::new();
    loop {
        let (page, next) = events_after(&world.owner, Log::Events, Some(&after), 3).await.expect("a page");
        let page = EventPage::decode(&page[..]).expect("a page");
        assert_eq!(page.next, next);
        if page.events.is_empty() {
            assert_eq!(after, next, "the end stays the end");
            break;
        }
        found.extend(page.events.into_iter().map(|event| from_proto(event, Position::START).expect("an envelope")));
        after = next;
    }
    let all = log(&world, Log::Events).await.into_iter().map(|event| Envelope { position: Position::START, ..event });
    assert_eq!(found, all.collect::<Vec<_>>());
    for bad in ["x", "1.2", "1.2.3.4", "1.2.x"] {
        let refused = events_after(&world.owner, Log::Events, Some(bad), 3).await;
        assert_eq!(refused, Err(grantor_bus::PageError::After), "{bad}");
    }
}
