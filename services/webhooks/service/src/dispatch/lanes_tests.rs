use chrono::{DateTime, TimeDelta};
use grantor_store::{Delivered, DeliveryKey};
use grantor_webhooks_domain::{Ended, Failure};

use super::*;

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("an instant")
}

fn tenant(n: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(n))
}

fn endpoint(n: u128) -> WebhookId {
    WebhookId::from_uuid(Uuid::from_u128(n))
}

fn row(of: TenantId, to: WebhookId, message: u128) -> Delivery {
    Delivery {
        seq: 1,
        key: DeliveryKey { endpoint: to.uuid(), message: Uuid::from_u128(message) },
        tenant: of,
        form: "standard".into(),
        event_type: "thing.happened".into(),
        occurred_at: at(0),
        created_at: at(0),
        urgent: false,
        state: Delivered::NotYet,
        why: "schedule".into(),
        attempts: 0,
        tries: 0,
        due_at: at(0),
        last_at: None,
        last_status: None,
        last_error: None,
    }
}

/// The database: how many rows are due for each endpoint.
struct Rows(HashMap<WebhookId, Vec<Delivery>>);

impl Rows {
    fn of(counts: &[(u128, u128, u128)]) -> Self {
        let rows = |(of, to, count): &(u128, u128, u128)| {
            let (of, to) = (tenant(*of), endpoint(*to));
            (to, (0..*count).map(|n| row(of, to, n)).collect())
        };
        Self(counts.iter().map(rows).collect())
    }

    /// All that may be sent now.
    fn sent(&self, lanes: &mut Lanes, now: Timestamp) -> Vec<(WebhookId, u128, bool)> {
        let mut sent = Vec::new();
        loop {
            match lanes.next(now) {
                Next::Load { endpoint, limit, .. } => {
                    let rows = self.0.get(&endpoint).into_iter().flatten().take(limit as usize).cloned().collect();
                    lanes.loaded(endpoint, Some(lanes.lanes[&endpoint].health.clone()), rows, limit, None);
                }
                Next::Send(delivery, slow) => {
                    sent.push((WebhookId::from_uuid(delivery.key.endpoint), delivery.key.message.as_u128(), slow));
                }
                Next::Nothing(_) => return sent,
            }
        }
    }
}

#[test]
fn an_endpoint_gets_few_calls_at_once_and_the_next_when_one_has_ended() {
    let rows = Rows::of(&[(1, 7, 1_000_000)]);
    let mut lanes = Lanes::default();
    lanes.touch(tenant(1), endpoint(7));
    let sent = rows.sent(&mut lanes, at(0));
    assert_eq!(sent.iter().map(|(_, message, _)| *message).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(lanes.lanes[&endpoint(7)].queue.len() <= MOST_LOADED as usize, "the rest stays in the database");
    lanes.returned(endpoint(7), Uuid::from_u128(2), false, None);
    assert_eq!(rows.sent(&mut lanes, at(0)).len(), 1);
}

#[test]
fn tenants_and_their_endpoints_take_turns() {
    let rows = Rows::of(&[(1, 10, 9), (1, 11, 9), (2, 20, 9)]);
    let mut lanes = Lanes::default();
    for (of, to) in [(1, 10), (1, 11), (2, 20)] {
        lanes.touch(tenant(of), endpoint(to));
    }
    let sent = rows.sent(&mut lanes, at(0));
    let first: Vec<_> = sent.iter().take(4).map(|(to, ..)| to.uuid().as_u128()).collect();
    assert_eq!(sent.len(), 12, "four each");
    assert!(first.contains(&20) && first.contains(&10) && first.contains(&11), "{first:?}");
}

#[test]
fn a_tenant_gets_its_share_while_others_wait_and_more_when_nobody_does() {
    let mut counts: Vec<_> = (0..100).map(|n| (1, 1000 + n, 9)).collect();
    let alone = Rows::of(&counts);
    let mut lanes = Lanes::default();
    counts.iter().for_each(|(of, to, _)| lanes.touch(tenant(*of), endpoint(*to)));
    let all = alone.sent(&mut lanes, at(0)).len();
    assert_eq!(all, MOST_CALLS - MOST_SLOW, "nobody else wants any");
    // The same with a second tenant that has as much.
    counts.extend((0..100).map(|n| (2, 2000 + n, 9)));
    let both = Rows::of(&counts);
    let mut lanes = Lanes::default();
    counts.iter().for_each(|(of, to, _)| lanes.touch(tenant(*of), endpoint(*to)));
    let sent = both.sent(&mut lanes, at(0));
    let of_first = sent.iter().filter(|(to, ..)| to.uuid().as_u128() < 2000).count();
    assert!((MOST_CALLS / SHARE..=sent.len() - MOST_CALLS / SHARE).contains(&of_first), "{of_first} of {}", sent.len());
}

#[test]
fn who_is_slow_takes_nothing_from_who_is_not() {
    let counts: Vec<_> = (0..100).map(|n| (1, 1000 + n, 9)).chain([(1, 1, 9)]).collect();
    let rows = Rows::of(&counts);
    let mut lanes = Lanes::default();
    for (of, to, _) in &counts {
        lanes.touch(tenant(*of), endpoint(*to));
        lanes.fast = Rotation::default();
        lanes.slow = Rotation::default();
    }
    for n in 0..100 {
        let lane = lanes.get_mut(endpoint(1000 + n)).expect("a lane");
        lane.health = Health::default().took(20_000, true);
    }
    let ids: Vec<_> = lanes.lanes.keys().copied().collect();
    for id in ids {
        lanes.get_mut(id).expect("a lane").listed = false;
        lanes.list(id);
    }
    let sent = rows.sent(&mut lanes, at(0));
    assert_eq!(sent.iter().filter(|(.., slow)| *slow).count(), MOST_SLOW);
    assert_eq!(sent.iter().filter(|(to, ..)| *to == endpoint(1)).count(), 4, "as if nobody were slow");
}

#[test]
fn a_closed_lane_waits_for_its_probe_and_sends_one() {
    let rows = Rows::of(&[(1, 7, 50)]);
    let mut lanes = Lanes::default();
    lanes.touch(tenant(1), endpoint(7));
    let ill = Ended::Failed(Failure::Connect).verdict();
    let closed = (0..5).fold(Health::default(), |health, n| health.after(Uuid::from_u128(n), &ill, at(0)));
    lanes.get_mut(endpoint(7)).expect("a lane").health = closed;
    assert!(rows.sent(&mut lanes, at(0)).is_empty());
    assert!(lanes.lanes[&endpoint(7)].queue.is_empty(), "nothing in memory meanwhile");
    assert!(matches!(lanes.next(at(4)), Next::Nothing(Some(next)) if next == at(5)));
    assert_eq!(rows.sent(&mut lanes, at(5)).len(), 1);
    assert!(rows.sent(&mut lanes, at(6)).is_empty(), "one at a time");
}

#[test]
fn who_has_nothing_takes_no_memory_and_who_is_stopped_is_not_called() {
    let rows = Rows::of(&[(1, 7, 1), (1, 8, 3)]);
    let mut lanes = Lanes::default();
    lanes.touch(tenant(1), endpoint(7));
    lanes.touch(tenant(1), endpoint(8));
    assert_eq!(rows.sent(&mut lanes, at(0)).len(), 4);
    lanes.stop(endpoint(8));
    let empty = Rows::of(&[(1, 7, 0), (1, 8, 3)]);
    lanes.returned(endpoint(7), Uuid::from_u128(0), false, None);
    for n in 0..3 {
        lanes.returned(endpoint(8), Uuid::from_u128(n), false, None);
    }
    lanes.touch(tenant(1), endpoint(8));
    assert!(empty.sent(&mut lanes, at(0)).is_empty());
    assert!(!lanes.lanes.contains_key(&endpoint(7)));
    lanes.look_again();
    assert_eq!(empty.sent(&mut lanes, at(0)).len(), 3, "somebody has resumed it");
}

#[test]
fn what_is_due_later_is_looked_for_then() {
    let mut lanes = Lanes::default();
    lanes.touch(tenant(1), endpoint(7));
    assert!(matches!(lanes.next(at(0)), Next::Load { .. }));
    lanes.loaded(endpoint(7), Some(Health::default()), Vec::new(), 8, Some(at(30)));
    assert!(matches!(lanes.next(at(29)), Next::Nothing(Some(next)) if next == at(30)));
    lanes.touch(tenant(1), endpoint(7));
    assert!(matches!(lanes.next(at(29)), Next::Load { .. }), "something new has come");
    lanes.loaded(endpoint(7), None, Vec::new(), 8, Some(at(29) + TimeDelta::milliseconds(500)));
    assert!(matches!(lanes.next(at(30)), Next::Load { .. }));
}
