//! `fold(events) == state row`, through the stored form, for random sequences of commands.

use grantor_ports::{WebhookChange, WebhookCommand, WebhookSigning, Webhooks as _};
use proptest::{prelude::*, test_runner::Config};

use crate::world::{BANK, World, operator, wanted};

#[derive(Debug, Clone, Copy)]
enum Step {
    Describe(u8),
    Sign(WebhookSigning),
    Command(WebhookCommand),
    Disable,
    Rotate(u64),
    Reveal,
    Hours(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => any::<u8>().prop_map(Step::Describe),
        1 => prop::sample::select(WebhookSigning::ALL.to_vec()).prop_map(Step::Sign),
        3 => prop::sample::select(vec![WebhookCommand::Pause, WebhookCommand::Resume]).prop_map(Step::Command),
        1 => Just(Step::Command(WebhookCommand::Delete)),
        1 => Just(Step::Disable),
        4 => (0..700_000_u64).prop_map(Step::Rotate),
        1 => Just(Step::Reveal),
        2 => (1..90_u8).prop_map(Step::Hours),
    ]
}

async fn run(world: &World, steps: &[Step]) {
    let (endpoint, _) = world.endpoints.create_webhook(BANK, wanted("https://a.example/"), &operator()).await.unwrap();
    let (id, meta) = (endpoint.id, operator());
    for step in steps {
        // Refusals are as good as successes here: what counts is what is written.
        match *step {
            Step::Describe(n) => {
                let change = WebhookChange { description: Some(format!("Ours {n}")), ..WebhookChange::default() };
                drop(world.endpoints.change_webhook(BANK, id, change, &meta).await);
            }
            Step::Sign(signing) => {
                let change = WebhookChange { signing: Some(signing), ..WebhookChange::default() };
                drop(world.endpoints.change_webhook(BANK, id, change, &meta).await);
            }
            Step::Command(command) => drop(world.endpoints.command_webhook(BANK, id, command, &meta).await),
            Step::Disable => drop(world.endpoints.disable(BANK, id, "failing", &meta).await),
            Step::Rotate(overlap) => {
                drop(world.endpoints.rotate_webhook_secret(BANK, id, Some(overlap), &meta).await);
            }
            Step::Reveal => drop(world.endpoints.reveal_webhook_secret(BANK, id, &meta).await),
            Step::Hours(hours) => world.clock.advance_seconds(i64::from(hours) * 3600),
        }
    }
    let (row, folded) = world.row_and_fold(BANK, id).await;
    assert_eq!(row, folded);
    let known = row.record().map(|record| record.keys.iter().map(|key| key.id.clone()).collect::<Vec<_>>());
    let mut known = known.unwrap_or_default();
    known.sort();
    let rows = world.store.rows_of(BANK, "endpoint_key", id.uuid()).await.unwrap();
    let mut kept: Vec<_> = rows.iter().map(|row| String::from_utf8_lossy(&row.key[16..]).into_owned()).collect();
    kept.sort();
    assert_eq!(known, kept, "sealed keys are those of the state, no more and no fewer");
    // A client may have twenty; the next case begins with none.
    drop(world.endpoints.command_webhook(BANK, id, WebhookCommand::Delete, &meta).await);
}

#[test]
fn an_endpoint_is_the_fold_of_its_events() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::new());
    proptest!(Config { failure_persistence: None, ..Config::with_cases(48) }, |(steps in prop::collection::vec(step(), 0..14))| {
        runtime.block_on(run(&world, &steps));
    });
    runtime.block_on(async { drop(world) });
}
