use grantor_authorization_domain::{
    Consent, EndReason, EndSession, GiveConsent, Session, StartSession, WithdrawConsent, end_session, give_consent,
    start_session, withdraw_consent,
};
use grantor_eventsourcing::{Aggregate, fold};
use proptest::prelude::*;

use crate::{CLIENT, USER, at, scopes};

/// Applies decisions as the store does: each event to the state row as it is stored.
fn stored<A: Aggregate>(row: &str, events: &[A::Event]) -> String {
    let state: A = serde_round(row);
    serde_json::to_string(&events.iter().fold(state, A::evolve)).expect("a state has a JSON form")
}

fn serde_round<A: Aggregate>(row: &str) -> A {
    serde_json::from_str(row).expect("a stored state can be read")
}

proptest! {
    #[test]
    fn a_session_is_the_fold_of_its_events(steps in prop::collection::vec((any::<bool>(), 0..5usize, 0i64..100), 0..20)) {
        let mut row = serde_json::to_string(&Session::default()).expect("JSON");
        let mut log = Vec::new();
        for (start, reason, now) in steps {
            let state: Session = serde_round(&row);
            let decision = if start {
                start_session(&state, &StartSession { user: USER, amr: vec!["pwd".into()], now: at(now), absolute_seconds: 60 })
            } else {
                end_session(&state, &EndSession { reason: EndReason::ALL[reason] })
            };
            row = stored::<Session>(&row, &decision.events);
            log.extend(decision.events);
        }
        prop_assert_eq!(fold::<Session>(&log), serde_round::<Session>(&row).without_operational());
        prop_assert!(log.len() <= 2);
    }

    #[test]
    fn a_consent_is_the_fold_of_its_events(steps in prop::collection::vec((0..3usize, 0..4usize, 0i64..400, 0u16..3), 0..20)) {
        let sets = ["openid", "openid profile", "plan", "openid profile plan"];
        let mut row = serde_json::to_string(&Consent::default()).expect("JSON");
        let mut log = Vec::new();
        for (what, set, day, days) in steps {
            let state: Consent = serde_round(&row);
            let events = if what == 0 {
                withdraw_consent(&state, &WithdrawConsent).events
            } else {
                let command = GiveConsent {
                    user: USER, client: CLIENT, client_id: "c".into(), scopes: scopes(sets[set]),
                    left_out: scopes("plan").difference(&scopes(sets[set])), text_version: "t".into(),
                    expires_days: (days > 0).then_some(days), now: at(day * 86_400),
                };
                let decision = give_consent(&state, &command);
                let after = decision.events.iter().fold(state.clone(), Consent::evolve);
                prop_assert!(after.covers(&command.scopes, command.now), "what was agreed to is covered");
                decision.events
            };
            row = stored::<Consent>(&row, &events);
            log.extend(events);
        }
        prop_assert_eq!(fold::<Consent>(&log), serde_round::<Consent>(&row));
    }
}
