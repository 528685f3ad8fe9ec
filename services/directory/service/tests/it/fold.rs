use grantor_directory::UserCodec;
use grantor_directory_domain::{Event, User};
use grantor_eventsourcing::{Aggregate, Codec, fold};
use grantor_ports::{DirectoryAdmin, UserChange, UserCommand};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::json;

use crate::world::{META, TENANT, World, object};

#[derive(Debug, Clone)]
enum Command {
    Attribute(u8),
    Verified(bool),
    Email(u8),
    Password,
    State(UserCommand),
    /// The clock moves, sometimes back.
    Clock(i64),
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        4 => any::<u8>().prop_map(Command::Attribute),
        2 => any::<bool>().prop_map(Command::Verified),
        2 => (0..3_u8).prop_map(Command::Email),
        1 => Just(Command::Password),
        3 => Just(Command::State(UserCommand::Lock)),
        3 => Just(Command::State(UserCommand::Unlock)),
        1 => Just(Command::State(UserCommand::Deactivate)),
        1 => Just(Command::State(UserCommand::Erase)),
        2 => (-100..1000_i64).prop_map(Command::Clock),
    ]
}

async fn run(world: &World, serial: u64, commands: Vec<Command>) -> Result<(), TestCaseError> {
    let email = |n: u8| format!("user{serial}.{n}@example.org");
    let user = world.user(&email(0), None).await;
    for command in commands {
        let change = match command {
            Command::Attribute(n) => UserChange { attributes: object(json!({"n": n})), ..UserChange::default() },
            Command::Verified(verified) => UserChange { email_verified: Some(verified), ..UserChange::default() },
            Command::Email(n) => UserChange { email: Some(email(n)), ..UserChange::default() },
            Command::Password => UserChange { password: Some("a long password".into()), ..UserChange::default() },
            Command::State(command) => {
                // A refusal is as good as a change here.
                let _ = world.directory.command_user(TENANT, user, command, &META).await;
                continue;
            }
            Command::Clock(seconds) => {
                world.clock.advance_seconds(seconds);
                continue;
            }
        };
        let _ = world.directory.change_user(TENANT, user, change, &META).await;
    }
    let log = world.store.stream(TENANT, user.uuid()).await.unwrap();
    let events: Vec<Event> = log.iter().map(|envelope| UserCodec::decode(envelope).unwrap()).collect();
    let row = world.store.load::<User>(TENANT, user.uuid()).await.unwrap();
    prop_assert_eq!(fold::<User>(&events), row.state.without_operational());
    prop_assert_eq!(log.iter().map(|it| it.version).collect::<Vec<_>>(), (1..=row.version).collect::<Vec<_>>());
    Ok(())
}

#[test]
fn the_state_row_is_the_fold_of_the_log() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let world = runtime.block_on(World::new());
    let serial = std::cell::Cell::new(0);
    let mut runner = TestRunner::new(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() });
    runner
        .run(&proptest::collection::vec(command(), 0..12), |commands| {
            serial.set(serial.get() + 1);
            runtime.block_on(run(&world, serial.get(), commands))
        })
        .unwrap();
    runtime.block_on(async { drop(world) });
}
