//! `fold(events) == state row`, on the real file, for random command sequences.

use grantor_eventsourcing::{Aggregate, Codec, fold};
use grantor_ids::GrantId;
use grantor_ports::{GrantSelector, RevokeReason, Tokens};
use grantor_store::Log;
use grantor_token::GrantCodec;
use grantor_token_domain::grant::{Grant, GrantEvent};
use proptest::{prelude::*, test_runner::Config};

use crate::world::*;

#[derive(Debug, Clone)]
enum Step {
    Issue,
    Exchange(usize),
    Refresh(usize),
    RevokeToken(usize),
    RevokeGrant,
    Wait(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        Just(Step::Issue),
        (0..4_usize).prop_map(Step::Exchange),
        (0..6_usize).prop_map(Step::Refresh),
        (0..6_usize).prop_map(Step::RevokeToken),
        Just(Step::RevokeGrant),
        (1..90_i64).prop_map(Step::Wait),
    ]
}

async fn run(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let world = World::with(|profile| profile.refresh_tokens.grace_seconds = 30).await;
    let (mut codes, mut refresh_tokens) = (vec![world.code(OPEN, "offline_access").await], Vec::<String>::new());
    let keep = |reply: Reply, tokens: &mut Vec<String>| {
        assert!(reply.status < 500, "{reply:?}");
        tokens.extend(reply.json["refresh_token"].as_str().map(str::to_owned));
    };
    for step in steps {
        match step {
            Step::Issue => codes.push(world.code(OPEN, "offline_access").await),
            Step::Exchange(n) => {
                let reply = world.exchange(OPEN, &codes[n % codes.len()]).await;
                keep(reply, &mut refresh_tokens);
            }
            Step::Refresh(n) if !refresh_tokens.is_empty() => {
                let reply = world.refresh(OPEN, &refresh_tokens[n % refresh_tokens.len()].clone()).await;
                keep(reply, &mut refresh_tokens);
            }
            Step::RevokeToken(n) if !refresh_tokens.is_empty() => {
                let token = &refresh_tokens[n % refresh_tokens.len()];
                world.post_as(OPEN, "one", "revoke", &format!("token={token}")).await;
            }
            Step::RevokeGrant => {
                let log = world.store.read_log(Log::Events, Default::default(), 1).await.unwrap();
                let grant = GrantSelector::Grant(GrantId::from_uuid(log[0].aggregate_id));
                world.token.revoke(OPEN, grant, RevokeReason::Operator, &META).await.unwrap();
            }
            Step::Wait(seconds) => world.clock.advance_seconds(seconds),
            Step::Refresh(_) | Step::RevokeToken(_) => {}
        }
    }
    let log = world.store.read_log(Log::Events, Default::default(), 1000).await.unwrap();
    let grants: std::collections::BTreeSet<_> = log.iter().map(|event| event.aggregate_id).collect();
    for grant in grants {
        let stream = world.store.stream(OPEN, grant).await.unwrap();
        let events: Vec<GrantEvent> = stream.iter().map(|event| GrantCodec::decode(event).unwrap()).collect();
        let row = world.store.load::<Grant>(OPEN, grant).await.unwrap();
        prop_assert_eq!(fold::<Grant>(&events), row.state.without_operational());
        prop_assert_eq!(row.version as usize, events.len());
    }
    Ok(())
}

#[test]
fn the_row_is_the_fold_of_the_stream() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = proptest::test_runner::TestRunner::new(Config { cases: 8, ..Config::default() });
    let steps = proptest::collection::vec(step(), 1..14);
    runner.run(&steps, |steps| runtime.block_on(run(steps))).unwrap();
}
