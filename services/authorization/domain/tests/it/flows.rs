use grantor_authorization_domain::{
    EndFlow, Flow, FlowEnd, FlowEvent, FlowFailure, FlowKind, FlowOver, FlowTerms, end_flow, initiate_flow,
};
use grantor_eventsourcing::{Aggregate, Decision, fold};
use grantor_ids::ConsentId;
use proptest::prelude::*;
use uuid::Uuid;

use crate::{CLIENT, USER, at};

fn terms() -> FlowTerms {
    FlowTerms {
        client: CLIENT,
        client_id: "c".into(),
        kind: FlowKind::OneTime,
        language: "de".into(),
        sync_period: 90,
        named_accounts: 1,
        expires_at: at(600),
    }
}

fn complete() -> EndFlow {
    EndFlow::Complete { user: USER, consent: ConsentId::from_uuid(Uuid::from_u128(9)), accounts: 2 }
}

fn after(events: &[FlowEvent]) -> Flow {
    events.iter().fold(Flow::default(), Flow::evolve)
}

#[test]
fn a_flow_ends_once() {
    let begun = FlowEvent::Initiated(terms());
    let open = after(std::slice::from_ref(&begun));
    assert_eq!(initiate_flow(&Flow::Unknown, terms()), Decision::accept((), [begun.clone()]));
    assert_eq!(initiate_flow(&open, terms()), Decision::refuse((), []));
    for (command, end) in [
        (complete(), FlowEnd::Completed),
        (EndFlow::Cancel, FlowEnd::Cancelled),
        (EndFlow::Fail(FlowFailure::NoAccounts), FlowEnd::Failed(FlowFailure::NoAccounts)),
    ] {
        let decision = end_flow(&open, &command, at(599));
        let ended = decision.events.iter().fold(open.clone(), Flow::evolve);
        assert_eq!(ended, Flow::Ended { terms: terms(), end });
        assert_eq!(end_flow(&ended, &complete(), at(599)), Decision::refuse(FlowOver::Ended, []));
    }
    assert_eq!(end_flow(&Flow::Unknown, &EndFlow::Cancel, at(0)), Decision::refuse(FlowOver::Unknown, []));
}

#[test]
fn after_its_time_a_flow_can_only_expire() {
    let open = after(&[FlowEvent::Initiated(terms())]);
    assert_eq!(end_flow(&open, &EndFlow::Expire, at(599)), Decision::refuse(FlowOver::StillOpen, []));
    assert_eq!(end_flow(&open, &EndFlow::Expire, at(600)), Decision::accept((), [FlowEvent::Expired]));
    for late in [complete(), EndFlow::Cancel, EndFlow::Fail(FlowFailure::BankRefused)] {
        assert_eq!(end_flow(&open, &late, at(600)), Decision::refuse(FlowOver::Expired, [FlowEvent::Expired]));
    }
}

proptest! {
    #[test]
    fn a_flow_is_the_fold_of_its_events(steps in prop::collection::vec((0..5usize, 0i64..1200), 0..12)) {
        let mut row = serde_json::to_string(&Flow::default()).expect("JSON");
        let mut log = Vec::new();
        for (what, now) in steps {
            let state: Flow = serde_json::from_str(&row).expect("a stored state");
            let events = match what {
                0 => initiate_flow(&state, terms()).events,
                1 => end_flow(&state, &EndFlow::Cancel, at(now)).events,
                2 => end_flow(&state, &EndFlow::Fail(FlowFailure::BankUnavailable), at(now)).events,
                3 => end_flow(&state, &EndFlow::Expire, at(now)).events,
                _ => end_flow(&state, &complete(), at(now)).events,
            };
            let after = events.iter().fold(state, Flow::evolve);
            row = serde_json::to_string(&after).expect("JSON");
            log.extend(events);
        }
        prop_assert_eq!(fold::<Flow>(&log), serde_json::from_str::<Flow>(&row).expect("a stored state"));
        prop_assert!(log.len() <= 2);
    }
}
