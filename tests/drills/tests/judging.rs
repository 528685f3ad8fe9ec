//! The judge sees what it is there to see.

use grantor_eventsourcing::{Actor, AggregateType, Envelope, Meta, Position};
use grantor_ids::EventId;
use grantor_ports::{Clock, SystemClock};
use grantor_tests_drills::{EVENT, TENANT, Verdict};
use uuid::Uuid;

fn event(stream: u128, version: u32) -> Envelope {
    let now = SystemClock.real();
    Envelope {
        position: Position::START,
        event_id: EventId::from_uuid(Uuid::from_u128(stream * 100 + u128::from(version))),
        event_type: EVENT.to_owned(),
        schema_version: 1,
        tenant: TENANT,
        aggregate_type: AggregateType::Grant,
        aggregate_id: Uuid::from_u128(stream),
        version,
        occurred_at: now,
        recorded_at: now,
        meta: Meta::by(Actor::System),
        payload: bytes::Bytes::new(),
    }
}

#[test]
fn the_judge_counts_what_is_lost_repeated_invented_and_out_of_order() {
    let log = [event(1, 1), event(1, 2), event(1, 3), event(2, 1)];
    let clean = Verdict::of(&log, &log);
    assert_eq!(clean, Verdict { sent: 4, ..Verdict::default() });
    assert!(clean.is_good());
    let repeated = [event(1, 1), event(1, 2), event(1, 1), event(1, 2), event(1, 3), event(2, 1)];
    let verdict = Verdict::of(&log, &repeated);
    assert!(verdict.is_good() && verdict.duplicated == 2, "{verdict}");
    let verdict = Verdict::of(&log, &[event(1, 2), event(1, 1), event(1, 3), event(3, 1)]);
    let (lost, invented, duplicated, reordered) = (1, 1, 0, 1);
    assert_eq!(verdict, Verdict { sent: 4, lost, invented, duplicated, reordered });
}
