use chrono::{DateTime, TimeDelta};
use grantor_store::{Delivered, DeliveryKey};
use grantor_webhooks_domain::{Ended, Failure};

use super::*;
use crate::dispatch::{
    lane::{MOST_FRESH, MOST_READ},
    pools::{MOST_NEW, MOST_QUICK, MOST_SLOW, SHARE},
};

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

/// The database: the rows that are due for each endpoint, and limits of endpoints.
struct Rows(HashMap<WebhookId, Vec<Delivery>>, HashMap<WebhookId, Rate>);

impl Rows {
    fn of(counts: &[(u128, u128, u128)]) -> Self {
        let rows = |(of, to, count): &(u128, u128, u128)| {
            let (of, to) = (tenant(*of), endpoint(*to));
            (to, (0..*count).map(|n| row(of, to, n)).collect())
        };
        Self(counts.iter().map(rows).collect(), HashMap::new())
    }

    /// All that may be sent now.
    fn sent(&self, lanes: &mut Lanes, now: Timestamp) -> Vec<(WebhookId, u128)> {
        let mut sent = Vec::new();
        loop {
            match lanes.next(now) {
                Next::Load(load) => {
                    let rows = self.0.get(&load.endpoint).into_iter().flatten();
                    let rows = rows.take(load.limit as usize).cloned().collect();
                    let health = Some(lanes.lanes[&load.endpoint].health.clone());
                    let rate = self.1.get(&load.endpoint).copied();
                    lanes.loaded(load, Loaded { health, rate, rows, ..Loaded::default() });
                }
                Next::Send(delivery) => {
                    sent.push((WebhookId::from_uuid(delivery.key.endpoint), delivery.key.message.as_u128()));
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
    assert_eq!(sent.iter().map(|(_, message)| *message).collect::<Vec<_>>(), [0, 1, 2, 3]);
    assert!(lanes.lanes[&endpoint(7)].in_memory() <= MOST_READ as usize, "the rest stays in the database");
    lanes.returned(endpoint(7), Uuid::from_u128(2), None);
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
    let first: Vec<_> = sent.iter().take(4).map(|(to, _)| to.uuid().as_u128()).collect();
    assert_eq!(sent.len(), 12, "four each");
    assert!(first.contains(&20) && first.contains(&10) && first.contains(&11), "{first:?}");
}

/// A lane whose endpoint answered well a moment ago.
fn is_well(lanes: &mut Lanes, of: TenantId, to: WebhookId) {
    lanes.touch(of, to);
    let well = Ended::Answered { status: 200, retry_after: None }.verdict();
    lanes.get_mut(to).expect("a lane").health = Health::default().after(Uuid::from_u128(99), &well, at(0));
}

#[test]
fn a_tenant_gets_its_share_while_others_wait_and_more_when_nobody_does() {
    let mut counts: Vec<_> = (0..100).map(|n| (1, 1000 + n, 9)).collect();
    let alone = Rows::of(&counts);
    let mut lanes = Lanes::default();
    counts.iter().for_each(|(of, to, _)| is_well(&mut lanes, tenant(*of), endpoint(*to)));
    let all = alone.sent(&mut lanes, at(0)).len();
    assert_eq!(all, MOST_QUICK, "nobody else wants any");
    // The same with a second tenant that has as much.
    counts.extend((0..100).map(|n| (2, 2000 + n, 9)));
    let both = Rows::of(&counts);
    let mut lanes = Lanes::default();
    counts.iter().for_each(|(of, to, _)| is_well(&mut lanes, tenant(*of), endpoint(*to)));
    let sent = both.sent(&mut lanes, at(0));
    let of_first = sent.iter().filter(|(to, _)| to.uuid().as_u128() < 2000).count();
    assert!((SHARE..=sent.len() - SHARE).contains(&of_first), "{of_first} of {}", sent.len());
}

#[test]
fn who_is_slow_takes_nothing_from_who_is_not() {
    let counts: Vec<_> = (0..100).map(|n| (1, 1000 + n, 9)).chain([(1, 1, 9)]).collect();
    let rows = Rows::of(&counts);
    let mut lanes = Lanes::default();
    for (of, to, _) in &counts {
        lanes.touch(tenant(*of), endpoint(*to));
        if *to >= 1000 {
            lanes.get_mut(endpoint(*to)).expect("a lane").health = Health::default().took(20_000, true);
        }
    }
    let sent = rows.sent(&mut lanes, at(0));
    assert_eq!(sent.iter().filter(|(to, _)| *to != endpoint(1)).count(), MOST_SLOW);
    assert_eq!(sent.iter().filter(|(to, _)| *to == endpoint(1)).count(), 4, "as if nobody were slow");
}

#[test]
fn who_is_not_known_leaves_half_of_the_calls_to_those_who_answer() {
    let strangers: Vec<_> = (0..1000).map(|n| (1 + n % 10, 1000 + n, 9)).collect();
    let rows = Rows::of(&[strangers.as_slice(), &[(99, 1, 9)]].concat());
    let mut lanes = Lanes::default();
    strangers.iter().for_each(|(of, to, _)| lanes.touch(tenant(*of), endpoint(*to)));
    assert_eq!(rows.sent(&mut lanes, at(0)).len(), MOST_NEW);
    is_well(&mut lanes, tenant(99), endpoint(1));
    let sent = rows.sent(&mut lanes, at(0));
    assert_eq!(sent.iter().filter(|(to, _)| *to == endpoint(1)).count(), 4, "at once");
}

#[test]
fn a_call_that_takes_long_gives_its_place_to_others() {
    let strangers: Vec<_> = (0..1000).map(|n| (1, 1000 + n, 9)).collect();
    let rows = Rows::of(&strangers);
    let mut lanes = Lanes::default();
    strangers.iter().for_each(|(of, to, _)| lanes.touch(tenant(*of), endpoint(*to)));
    let first = rows.sent(&mut lanes, at(0));
    assert_eq!(first.len(), MOST_NEW);
    assert!(rows.sent(&mut lanes, at(1)).is_empty());
    assert_eq!(rows.sent(&mut lanes, at(2)).len(), MOST_NEW, "others, though none has ended");
    let mut all = first.len() + MOST_NEW;
    for seconds in 2..40 {
        all += rows.sent(&mut lanes, at(2 * seconds)).len();
    }
    assert!(all <= 4 * MOST_NEW, "not for ever: {all} on their way");
    // Whoever turned out to be slow is, until the call has ended.
    let (to, message) = first[0];
    assert_eq!(lanes.lanes[&to].pool(), Pool::Slow);
    let on_their_way: Vec<_> = lanes.lanes[&to].on_their_way.keys().copied().collect();
    on_their_way.iter().for_each(|message| lanes.returned(to, *message, None));
    assert!(on_their_way.contains(&Uuid::from_u128(message)));
    assert_eq!(lanes.lanes[&to].pool(), Pool::New);
}

#[test]
fn what_is_new_need_not_be_read() {
    let (of, to) = (tenant(1), endpoint(7));
    let nothing = Rows::of(&[]);
    let mut lanes = Lanes::default();
    is_well(&mut lanes, of, to);
    assert!(nothing.sent(&mut lanes, at(0)).is_empty());
    lanes.offer(row(of, to, 1), at(0));
    lanes.offer(row(of, to, 1), at(0));
    assert!(matches!(lanes.next(at(0)), Next::Send(sent) if sent.key.message == Uuid::from_u128(1)));
    assert!(matches!(lanes.next(at(0)), Next::Nothing(None)), "the same row twice is one delivery");
    lanes.returned(to, Uuid::from_u128(1), None);
    assert!(matches!(lanes.next(at(0)), Next::Nothing(None)), "and nothing is read");
    // What is there later, what is done, and what there is no room for.
    lanes.offer(Delivery { due_at: at(5), ..row(of, to, 2) }, at(0));
    lanes.offer(Delivery { state: Delivered::Arrived, ..row(of, to, 3) }, at(0));
    assert!(matches!(lanes.next(at(0)), Next::Nothing(Some(due)) if due == at(5)));
    (0..1000).for_each(|n| lanes.offer(row(of, to, 100 + n), at(0)));
    assert_eq!(lanes.lanes[&to].in_memory(), MOST_FRESH);
    assert!(lanes.lanes[&to].more, "the rest is read when there is room");
}

#[test]
fn what_is_new_waits_little_for_what_has_waited() {
    let (of, to) = (tenant(1), endpoint(7));
    let rows = Rows::of(&[(1, 7, 1000)]);
    let mut lanes = Lanes::default();
    is_well(&mut lanes, of, to);
    let mut sent = rows.sent(&mut lanes, at(0));
    (0..20).for_each(|n| lanes.offer(row(of, to, 5000 + n), at(0)));
    let urgent = Delivery { urgent: true, ..row(of, to, 9000) };
    lanes.offer(urgent, at(0));
    let mut order = Vec::new();
    while order.len() < 15 {
        let (_, message) = sent.pop().expect("one on its way");
        lanes.returned(to, Uuid::from_u128(message), None);
        let next = rows.sent(&mut lanes, at(0));
        order.extend(next.iter().map(|(_, message)| *message));
        sent.splice(..0, next);
    }
    assert_eq!(order[0], 9000, "ends of access first");
    let new = order[1..].iter().filter(|message| **message >= 5000).count();
    assert!((10..=12).contains(&new), "four of five: {order:?}");
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
    assert_eq!(lanes.lanes[&endpoint(7)].in_memory(), 0, "nothing in memory meanwhile");
    assert!(matches!(lanes.next(at(4)), Next::Nothing(Some(next)) if next == at(5)));
    assert_eq!(rows.sent(&mut lanes, at(5)).len(), 1);
    assert!(rows.sent(&mut lanes, at(6)).is_empty(), "one at a time");
}

#[test]
fn a_lane_that_is_open_again_takes_up_what_waited_a_part_at_a_time() {
    let mut rows = Rows::of(&[(1, 7, 200)]);
    let mut lanes = Lanes::default();
    lanes.touch(tenant(1), endpoint(7));
    let ill = Ended::Failed(Failure::Connect).verdict();
    let well = Ended::Answered { status: 200, retry_after: None }.verdict();
    let closed = (0..5).fold(Health::default(), |health, n| health.after(Uuid::from_u128(n), &ill, at(0)));
    lanes.get_mut(endpoint(7)).expect("a lane").health = closed.after(Uuid::from_u128(0), &well, at(60));
    let since = |lanes: &Lanes| lanes.lanes[&endpoint(7)].health.untried_since();
    let (mut arrived, mut loads) = (0, 0);
    while arrived < 200 {
        match lanes.next(at(60)) {
            Next::Load(load) => {
                assert!(load.health || load.untried_since == Some(at(60)), "whatever its schedule says");
                assert!(load.limit <= MOST_READ + 1, "{}", load.limit);
                loads += 1;
                let found = rows.0[&endpoint(7)].iter().take(load.limit as usize).cloned().collect();
                let health = load.health.then(|| lanes.lanes[&endpoint(7)].health.clone());
                lanes.loaded(load, Loaded { health, rows: found, ..Loaded::default() });
            }
            Next::Send(sent) => {
                rows.0.get_mut(&endpoint(7)).expect("rows").retain(|row| row.key != sent.key);
                lanes.returned(endpoint(7), sent.key.message, None);
                arrived += 1;
            }
            Next::Nothing(_) => panic!("{arrived} have arrived, and no more is looked for"),
        }
    }
    assert!(loads > 6, "{loads}");
    assert!(rows.sent(&mut lanes, at(60)).is_empty());
    assert_eq!(since(&lanes), None, "all that waited was taken up");
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
    lanes.returned(endpoint(7), Uuid::from_u128(0), None);
    for n in 0..3 {
        lanes.returned(endpoint(8), Uuid::from_u128(n), None);
    }
    lanes.touch(tenant(1), endpoint(8));
    assert!(empty.sent(&mut lanes, at(0)).is_empty());
    assert!(lanes.lanes[&endpoint(7)].is_idle() && !lanes.lanes[&endpoint(8)].is_idle());
    (0..MOST_IDLE as u128).for_each(|n| lanes.touch(tenant(1), endpoint(1000 + n)));
    empty.sent(&mut lanes, at(0));
    lanes.forget_idle();
    assert_eq!(lanes.lanes.keys().copied().collect::<Vec<_>>(), [endpoint(8)]);
    lanes.look_again();
    assert_eq!(empty.sent(&mut lanes, at(0)).len(), 3, "somebody has resumed it");
}

/// The instants of the calls of an endpoint that answers at once, and whose rows go as they are sent; others
/// are called beside it.
fn paced_calls(rows: &mut Rows, lanes: &mut Lanes, to: WebhookId, until: Timestamp) -> Vec<Timestamp> {
    let (mut now, mut calls) = (at(0), Vec::new());
    let well = Ended::Answered { status: 200, retry_after: None }.verdict();
    while now < until {
        let all = rows.sent(lanes, now);
        for (sent, message) in &all {
            let message = Uuid::from_u128(*message);
            rows.0.get_mut(sent).expect("rows").retain(|row| row.key.message != message);
            let lane = lanes.get_mut(*sent).expect("a lane");
            lane.health = lane.health.clone().after(message, &well, now);
            lanes.returned(*sent, message, None);
        }
        calls.extend(all.iter().filter(|(sent, _)| *sent == to).map(|_| now));
        if all.is_empty() {
            match lanes.next(now) {
                Next::Nothing(Some(next)) => now = next,
                _ => break,
            }
        }
    }
    calls
}

#[test]
fn who_has_a_limit_is_called_as_often_as_it_says_and_others_as_often_as_they_can_be() {
    let (limited, free) = (endpoint(7), endpoint(8));
    let mut rows = Rows::of(&[(1, 7, 1000), (1, 8, 500)]);
    rows.1.insert(limited, Rate::per_second(20).expect("a limit"));
    let mut lanes = Lanes::default();
    lanes.touch(tenant(1), limited);
    lanes.touch(tenant(1), free);
    let calls = paced_calls(&mut rows, &mut lanes, limited, at(30));
    assert!(rows.0[&free].is_empty(), "the other one's have gone at once");
    for from in 0..20 {
        let ten = calls.iter().filter(|call| (at(from)..at(from + 10)).contains(*call)).count();
        assert!((190..=211).contains(&ten), "{ten} from {from}");
    }
    let at_first = calls.iter().filter(|call| **call == at(0)).count();
    assert_eq!(at_first, 1, "whoever made the calls before may have used up the rest");
    assert!(lanes.lanes[&limited].in_memory() <= MOST_READ as usize);
}

#[test]
fn a_limit_that_is_changed_counts_from_the_next_call() {
    let to = endpoint(7);
    let mut rows = Rows::of(&[(1, 7, 100)]);
    rows.1.insert(to, Rate::per_second(1).expect("a limit"));
    let mut lanes = Lanes::default();
    lanes.touch(tenant(1), to);
    assert_eq!(rows.sent(&mut lanes, at(0)).len(), 1);
    assert!(rows.sent(&mut lanes, at(0)).is_empty());
    assert!(matches!(lanes.next(at(0)), Next::Nothing(Some(next)) if next == at(1)));
    // Nobody asks for it while nothing has changed; then it is asked for at once.
    rows.1.clear();
    assert!(rows.sent(&mut lanes, at(0)).is_empty());
    lanes.look_again();
    assert_eq!(rows.sent(&mut lanes, at(0)).len(), 3, "as many as may be on their way");
    rows.1.insert(to, Rate::per_second(2).expect("a limit"));
    lanes.look_again();
    (0..4).for_each(|n| lanes.returned(to, Uuid::from_u128(n), None));
    assert_eq!(rows.sent(&mut lanes, at(5)).len(), 2, "what half a second brings, and one");
    assert!(rows.sent(&mut lanes, at(5)).is_empty());
}

#[test]
fn what_is_due_later_is_looked_for_then() {
    let load = |lanes: &mut Lanes, now| match lanes.next(now) {
        Next::Load(load) => load,
        _ => panic!("nothing is looked for"),
    };
    let mut lanes = Lanes::default();
    lanes.touch(tenant(1), endpoint(7));
    let wanted = load(&mut lanes, at(0));
    lanes.loaded(wanted, Loaded { health: Some(Health::default()), next_due: Some(at(30)), ..Loaded::default() });
    assert!(matches!(lanes.next(at(29)), Next::Nothing(Some(next)) if next == at(30)));
    lanes.touch(tenant(1), endpoint(7));
    let wanted = load(&mut lanes, at(29));
    assert!(!wanted.health, "something new has come, and how it does is known");
    let next_due = Some(at(29) + TimeDelta::milliseconds(500));
    lanes.loaded(wanted, Loaded { next_due, ..Loaded::default() });
    load(&mut lanes, at(30));
}
