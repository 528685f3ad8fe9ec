use grantor_eventsourcing::{Aggregate, fold};
use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone)]
enum Step {
    Exchange { own: bool, callback: bool, wait: i64 },
    Refresh { generation: u32, wait: i64 },
    Revoke { own: bool },
    Expire,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (any::<bool>(), any::<bool>(), 0..40_i64).prop_map(|(own, callback, wait)| Step::Exchange {
            own,
            callback,
            wait
        }),
        (0..4_u32, 0..90_i64).prop_map(|(generation, wait)| Step::Refresh { generation, wait }),
        any::<bool>().prop_map(|own| Step::Revoke { own }),
        Just(Step::Expire),
    ]
}

proptest! {
    #[test]
    fn the_state_is_the_fold_of_its_events(steps in proptest::collection::vec(step(), 0..20)) {
        let mut log = issue_code(&Grant::Unknown, approval()).events;
        let mut state: Grant = fold(&log);
        state.keep_claims("sealed".into());
        let mut now = 0;
        for step in steps {
            let client = |own: bool| if own { OWNER } else { OTHER };
            let mut moved = None;
            let events = match step {
                Step::Exchange { own, callback, wait } => {
                    now += wait;
                    let redirect_uri = Some(if callback { CALLBACK.into() } else { "https://other.example".to_owned() });
                    let command =
                        ExchangeCode { client: client(own), redirect_uri, now: at(now), key: key('a'), ..exchange() };
                    exchange_code(&state, &command).events
                }
                Step::Refresh { generation, wait } => {
                    now += wait;
                    let decision = rotate_refresh(&state, &RotateRefresh { key: key('a'), ..refresh(generation, at(now)) });
                    moved = decision.outcome.ok().map(|refreshed| refreshed.generation);
                    decision.events
                }
                Step::Revoke { own } => {
                    revoke(&state, &Revoke { client: Some(client(own)), reason: EndReason::Api, now: at(now) }).events
                }
                Step::Expire => expire(&state, at(200), at(now)).events,
            };
            state = events.iter().fold(state, Aggregate::evolve);
            if let Some(generation) = moved {
                state.refreshed(generation, at(now));
            }
            log.extend(events);
            prop_assert_eq!(fold::<Grant>(&log), state.clone().without_operational());
            let stored = serde_json::to_vec(&state).unwrap();
            prop_assert_eq!(serde_json::from_slice::<Grant>(&stored).unwrap(), state.clone());
            prop_assert!(log.len() < 10, "a grant's stream stays short");
        }
    }
}
