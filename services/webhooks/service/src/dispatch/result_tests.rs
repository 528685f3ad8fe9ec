use chrono::DateTime;
use grantor_egress::OutboundTimes;
use grantor_ports::OsEntropy;
use grantor_store::DeliveryKey;
use uuid::Uuid;

use super::*;
use crate::dispatch::Details;

fn now() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")
}

fn delivery(why: &str, tries: u32) -> Delivery {
    Delivery {
        seq: 1,
        key: DeliveryKey { endpoint: Uuid::from_u128(7), message: Uuid::from_u128(1) },
        tenant: TenantId::from_uuid(Uuid::from_u128(1)),
        form: "standard".into(),
        event_type: "thing.happened".into(),
        occurred_at: now(),
        created_at: now(),
        urgent: false,
        state: Delivered::NotYet,
        why: why.into(),
        attempts: tries,
        tries,
        due_at: now() - TimeDelta::seconds(9),
        last_at: None,
        last_status: None,
        last_error: None,
    }
}

fn called(status: u16) -> Called {
    let ended = Ended::Answered { status, retry_after: None };
    Called { at: now(), ended, times: OutboundTimes::default(), details: Details::default() }
}

/// State, steps behind it, seconds until it is due, and how many facts there are.
fn outcome(delivery: &Delivery, status: u16, before: &Health) -> (Delivered, u32, i64, usize, Results) {
    let mut results = Results::default();
    results.called(delivery, &called(status), before, now(), &OsEntropy);
    let DeliveryChange::Attempted(made) = results.deliveries[0].clone() else { panic!("an attempt") };
    let facts = results.facts.len();
    (made.state, made.tries, (made.due_at - now()).num_seconds(), facts, results)
}

fn closed() -> Health {
    let ill = Ended::Failed(Failure::Connect).verdict();
    (0..5).fold(Health::default(), |health, n| health.after(Uuid::from_u128(n), &ill, now() - TimeDelta::seconds(60)))
}

#[test]
fn what_arrives_has_arrived_and_what_fails_is_tried_again() {
    let (state, tries, ..) = outcome(&delivery("schedule", 0), 204, &Health::default());
    assert_eq!((state, tries), (Delivered::Arrived, 1));
    let (state, tries, wait, facts, _) = outcome(&delivery("schedule", 0), 500, &Health::default());
    assert_eq!((state, tries, facts), (Delivered::NotYet, 1, 0));
    assert!((4..=6).contains(&wait), "{wait}");
}

#[test]
fn after_the_last_attempt_it_is_given_up_and_somebody_is_told() {
    let (state, tries, _, facts, results) = outcome(&delivery("schedule", 9), 400, &Health::default());
    assert_eq!((state, tries, facts), (Delivered::GivenUp, 10, 1));
    let fact = &results.facts[0];
    assert_eq!((fact.event.encoded.event_type, fact.aggregate), (EXHAUSTED, Uuid::from_u128(7)));
    let told = DeliveryExhausted::decode(fact.event.encoded.payload.clone()).expect("a payload");
    assert_eq!((told.attempts, told.last_status, told.event_type.as_str()), (10, 400, "thing.happened"));
    // Version 1 as it was first stored; these bytes never change.
    let hex: String = fact.event.encoded.payload.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, "0a1000000000000000000000000000000001120e7468696e672e68617070656e6564180a2090032880a0f1c2b134");
}

#[test]
fn a_probe_that_fails_is_no_step_and_one_that_succeeds_makes_all_due() {
    let (state, tries, wait, facts, results) = outcome(&delivery("schedule", 9), 503, &closed());
    assert_eq!((state, tries, wait, facts), (Delivered::NotYet, 9, 0, 0), "nothing is lost by probing");
    assert_eq!(results.deliveries.len(), 1);
    let (state, .., results) = outcome(&delivery("schedule", 9), 200, &closed());
    assert_eq!(state, Delivered::Arrived);
    let health = results.healths.values().next().expect("news");
    assert_eq!((health.untried_since(), results.deliveries.len()), (Some(now()), 1), "without a row more");
}

#[test]
fn a_test_is_sent_once() {
    let (state, _, _, facts, _) = outcome(&delivery(TEST, 0), 500, &Health::default());
    assert_eq!((state, facts), (Delivered::GivenUp, 0));
}

#[test]
fn who_is_gone_is_disabled_and_what_was_to_come_is_kept() {
    let (state, _, _, facts, results) = outcome(&delivery("schedule", 9), 410, &Health::default());
    assert_eq!((state, facts), (Delivered::NotYet, 0));
    assert_eq!(results.disable.len(), 1);
    assert_eq!(results.disable[0].2, "gone");
    let mut hopeless = Health::default();
    (hopeless.failures, hopeless.failing_since) = (30, Some(now() - TimeDelta::days(6)));
    let (.., results) = outcome(&delivery("schedule", 3), 500, &hopeless);
    assert_eq!(results.disable[0].2, "failing");
    assert_eq!(results.healths.values().next().map(|health| health.failures), Some(0), "it begins anew when resumed");
}

#[test]
fn who_is_left_alone_is_in_a_list_until_they_are_called_again() {
    let four = Ended::Failed(Failure::Connect).verdict();
    let nearly = (0..4).fold(Health::default(), |health, n| health.after(Uuid::from_u128(n + 9), &four, now()));
    let mut results = Results::default();
    let failed = Called { ended: Ended::Failed(Failure::Connect), ..called(500) };
    let after = results.called(&delivery("schedule", 0), &failed, &nearly, now(), &OsEntropy).health;
    assert!(matches!(after.lane, Lane::Closed { .. }));
    let listed = |results: &Results| results.left_alone.iter().map(listed).collect::<Vec<_>>();
    assert!(matches!(&listed(&results)[..], [ListChange::Put { list: LEFT_ALONE, .. }]));
    let (.., results) = outcome(&delivery("schedule", 0), 500, &Health::default());
    assert!(listed(&results).is_empty(), "one failure is no reason");
    let (.., results) = outcome(&delivery("schedule", 0), 204, &closed());
    assert!(matches!(&listed(&results)[..], [ListChange::Remove { list: LEFT_ALONE, .. }]));
}
