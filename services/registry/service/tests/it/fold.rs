//! `fold(events) == state row`, through the stored form, for random sequences of commands.

use grantor_ids::UserId;
use grantor_ports::{
    Branding, ClientChange, ClientCommand, CreateTenant, Page, RegistryAdmin, StaffRole, TenantChange, TenantKind,
    Terms,
};
use grantor_profile::Profile;
use grantor_registry::publish::{ClientCodec, TenantCodec};
use proptest::{prelude::*, test_runner::Config};

use crate::{
    pages::{act, filled, post_create},
    world::{World, operator, wanted},
};

#[derive(Debug, Clone, Copy)]
enum OnClient {
    Command(u8),
    Rename(u8),
    Rotate,
    Page(&'static str),
    Retire(usize),
    Hours(u8),
}

fn on_client() -> impl Strategy<Value = OnClient> {
    prop_oneof![
        5 => (0..4_u8).prop_map(OnClient::Command),
        1 => Just(OnClient::Command(4)),
        3 => any::<u8>().prop_map(OnClient::Rename),
        3 => Just(OnClient::Rotate),
        2 => Just(OnClient::Page("submit=submit")),
        2 => (0..2_usize).prop_map(OnClient::Retire),
        2 => (1..30_u8).prop_map(OnClient::Hours),
    ]
}

async fn run_client(world: &World, sequence: &[OnClient]) {
    let tenant = world.registry.tenants(Page { after: None, limit: 1 }).await.unwrap().items.remove(0);
    let tenant = std::sync::Arc::new(tenant);
    let answer = post_create(world, &tenant, "alice", &filled("Buddy")).await;
    assert_eq!(answer.status(), 200, "{}", String::from_utf8_lossy(answer.body()));
    let id = crate::pages::output(&answer, "client_id");
    let key = world.store.row(tenant.id, "client_id", id.as_bytes()).await.unwrap().unwrap().aggregate.unwrap();
    for step in sequence {
        // Refusals are as good as successes here: what counts is what is written.
        match *step {
            OnClient::Command(n) => {
                let command = match n {
                    0 => ClientCommand::Approve,
                    1 => ClientCommand::Reject { reason: "No.\nNot yet.".into() },
                    2 => ClientCommand::Suspend { reason: String::new() },
                    3 => ClientCommand::Restore,
                    _ => ClientCommand::Delete,
                };
                drop(world.registry.command_client(tenant.id, &id, command, &operator()).await);
            }
            OnClient::Rename(n) => {
                let change = ClientChange { name: Some(format!("Buddy {n}")), ..ClientChange::default() };
                drop(world.registry.change_client(tenant.id, &id, change, &operator()).await);
            }
            OnClient::Rotate => drop(world.registry.rotate_client_secret(tenant.id, &id, &operator()).await),
            OnClient::Page(button) => drop(act(world, &tenant, "alice", &id, button).await),
            OnClient::Retire(nth) => {
                let state = world.store.load::<grantor_registry_domain::client::Client>(tenant.id, key).await.unwrap();
                let secret = state.state.record().and_then(|record| record.secrets.get(nth)).map(|s| s.id.clone());
                if let Some(secret) = secret {
                    act(world, &tenant, "alice", &id, &format!("retire={secret}")).await;
                }
            }
            OnClient::Hours(hours) => world.clock.advance_seconds(i64::from(hours) * 3600),
        }
    }
    let (row, folded) = world.row_and_fold::<ClientCodec>(tenant.id, key).await;
    assert_eq!(row, folded);
    // A developer may have fifty; the next case begins with none.
    drop(world.registry.command_client(tenant.id, &id, ClientCommand::Delete, &operator()).await);
}

async fn run_tenant(world: &World, tenant: grantor_ids::TenantId, sequence: &[u8]) {
    for step in sequence {
        let change = match step % 11 {
            0 => TenantChange::Suspend,
            1 => TenantChange::Restore,
            2 => TenantChange::Profile(Box::new(Profile::preset("openid").unwrap())),
            3 => TenantChange::Profile(Box::new(Profile::preset("financefeast").unwrap())),
            4 => TenantChange::AdvanceClock { seconds: u64::from(*step) },
            5 | 6 => TenantChange::MailServer {
                server: (step % 11 == 5).then(|| grantor_ports::MailServer {
                    host: "smtp.example.com".into(),
                    port: u16::from(*step) + 1,
                    security: grantor_ports::MailSecurity::StartTls,
                    username: Some("bank".into()),
                    from: "login@example.com".into(),
                }),
                password: Some("a password".to_owned().into()),
            },
            // Three people, who come, change and go; by the operator, or by the team itself.
            9 | 10 => TenantChange::Member {
                user: UserId::from_uuid(uuid::Uuid::from_u128(u128::from(step % 3))),
                role: [None, Some(StaffRole::Viewer), Some(StaffRole::Reviewer), Some(StaffRole::Owner)]
                    [usize::from(step / 11 % 4)],
                by_team: step % 11 == 10,
            },
            7 => TenantChange::Presentation {
                name: Some(format!("Bank {step}")),
                branding: Some(Branding { colour: Some("#abcdef".into()), monogram: None }),
                contact: Some(String::new()),
                terms: None,
            },
            _ => TenantChange::Presentation {
                name: None,
                branding: None,
                contact: Some("partners@example.com".into()),
                terms: Some(Terms { version: format!("v{step}"), text: format!("Text {step}.\n\nMore.") }),
            },
        };
        drop(world.registry.change_tenant(tenant, change, &operator()).await);
    }
    let (row, folded) = world.row_and_fold::<TenantCodec>(tenant, tenant.uuid()).await;
    assert_eq!(row, folded);
}

#[test]
fn a_client_is_the_fold_of_its_events() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(async {
        let world = World::new().await;
        world.tenant("bank", "financefeast").await;
        world
    });
    proptest!(Config { failure_persistence: None, ..Config::with_cases(48) }, |(sequence in prop::collection::vec(on_client(), 0..14))| {
        runtime.block_on(run_client(&world, &sequence));
    });
    runtime.block_on(async { drop(world) });
}

#[test]
fn a_tenant_is_the_fold_of_its_events() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (world, tenant) = runtime.block_on(async {
        let world = World::new().await;
        let sandbox = CreateTenant { kind: TenantKind::Sandbox, ..wanted("bank", "strict") };
        let tenant = world.registry.create_tenant(sandbox, &operator()).await.unwrap().id;
        (world, tenant)
    });
    proptest!(Config { failure_persistence: None, ..Config::with_cases(32) }, |(sequence in prop::collection::vec(any::<u8>(), 0..8))| {
        runtime.block_on(run_tenant(&world, tenant, &sequence));
    });
    runtime.block_on(async { drop(world) });
}
