use grantor_crypto::sha256;
use grantor_ports::{AdminError, ClientChange, ClientCommand, ClientKind, ClientState, Page, Registry, RegistryAdmin};
use secrecy::ExposeSecret;

use crate::world::{World, new_client, operator};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn an_operators_client_is_usable_at_once() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    let (client, secret) = world.registry.create_client(tenant.id, new_client("Buddy"), &operator()).await.unwrap();
    assert!(client.is_approved());
    assert_eq!(client.contact, None);
    assert_eq!(world.registry.client(tenant.id, &client.client_id).await.unwrap(), Some(client.clone()));
    let secret = secret.unwrap();
    assert_eq!(client.secrets[0].id, secret.id);
    assert_eq!(client.secrets[0].sha256, hex(&sha256(secret.secret.expose_secret())));
}

#[tokio::test]
async fn ids_and_secrets_have_the_shapes_of_the_profile() {
    let world = World::new().await;
    let hexadecimal = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let feast = world.tenant("feast", "financefeast").await;
    let (client, secret) = world.registry.create_client(feast.id, new_client("Buddy"), &operator()).await.unwrap();
    let secret = secret.unwrap().secret;
    assert!(client.client_id.len() == 32 && hexadecimal(&client.client_id));
    assert!(secret.expose_secret().len() == 40 && hexadecimal(secret.expose_secret()));
    let strict = world.tenant("strict-bank", "strict").await;
    let (client, secret) = world.registry.create_client(strict.id, new_client("Buddy"), &operator()).await.unwrap();
    assert!(uuid::Uuid::try_parse(&client.client_id).is_ok());
    assert_eq!(secret.unwrap().secret.expose_secret().len(), 43);
}

#[tokio::test]
async fn a_public_client_has_no_secret() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "openid").await;
    let mut native = new_client("Buddy");
    native.kind = ClientKind::Native;
    native.redirect_uris = vec!["http://127.0.0.1/cb".into(), "com.example.buddy:/cb".into()];
    let (client, secret) = world.registry.create_client(tenant.id, native, &operator()).await.unwrap();
    assert!(secret.is_none() && client.secrets.is_empty());
    let refused = world.registry.rotate_client_secret(tenant.id, &client.client_id, &operator()).await.unwrap_err();
    assert_eq!(refused, AdminError::Conflict("a public client has no secret".into()));
}

#[tokio::test]
async fn no_secret_is_in_the_database() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    let (client, first) = world.registry.create_client(tenant.id, new_client("Buddy"), &operator()).await.unwrap();
    let second = world.registry.rotate_client_secret(tenant.id, &client.client_id, &operator()).await.unwrap();
    world.registry.clients(tenant.id, None, Page { after: None, limit: 9 }).await.unwrap();
    let mut kept: Vec<u8> = Vec::new();
    for log in [grantor_store::Log::Events, grantor_store::Log::Facts] {
        let records = world.store.read_log(log, Default::default(), 100).await.unwrap();
        kept.extend(records.into_iter().flat_map(|record| record.payload.to_vec()));
    }
    let row = world.store.state(tenant.id, 2, client.key.uuid()).await.unwrap().unwrap();
    kept.extend(row.state);
    let kept = String::from_utf8_lossy(&kept);
    for secret in [first.unwrap(), second] {
        assert!(!kept.contains(secret.secret.expose_secret()));
    }
}

#[tokio::test]
async fn two_secrets_live_for_a_day_and_no_third() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "financefeast").await;
    let (client, _) = world.registry.create_client(tenant.id, new_client("Buddy"), &operator()).await.unwrap();
    let rotate = async || world.registry.rotate_client_secret(tenant.id, &client.client_id, &operator()).await;
    let second = rotate().await.unwrap();
    let view = world.registry.client(tenant.id, &client.client_id).await.unwrap().unwrap();
    assert_eq!(view.secrets[0].id, second.id);
    assert_eq!(view.secrets[0].expires_at, None);
    assert_eq!(view.secrets[1].expires_at, Some(crate::world::start() + chrono::TimeDelta::hours(24)));
    assert_eq!(rotate().await.unwrap_err(), AdminError::Conflict("two secrets are live; retire one first".into()));
    world.clock.advance_seconds(86_400);
    rotate().await.unwrap();
    let view = world.registry.client(tenant.id, &client.client_id).await.unwrap().unwrap();
    assert_eq!(view.secrets.len(), 2);
}

#[tokio::test]
async fn a_redirect_uri_follows_the_rules_of_its_tenant() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "strict").await;
    for (uri, fine) in [
        ("https://buddy.example/cb", true),
        ("http://127.0.0.1:5000/cb", true),
        ("http://buddy.example/cb", false),
        ("javascript:alert(1)", false),
        ("data:text/html,x", false),
        ("https://buddy.example/cb#x", false),
        ("https:buddy.example", false),
    ] {
        let mut wanted = new_client("Buddy");
        wanted.redirect_uris = vec![uri.into()];
        let made = world.registry.create_client(tenant.id, wanted, &operator()).await;
        assert_eq!(made.is_ok(), fine, "{uri}");
        let pointer = "/redirect_uris/0";
        assert!(fine || matches!(made, Err(AdminError::Invalid { pointer: at, .. }) if at == pointer), "{uri}");
    }
}

#[tokio::test]
async fn an_operator_changes_suspends_restores_and_deletes() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "strict").await;
    let (client, _) = world.registry.create_client(tenant.id, new_client("Buddy"), &operator()).await.unwrap();
    let id = client.client_id.as_str();
    let change = ClientChange { name: Some("Pal".into()), website: Some(String::new()), ..ClientChange::default() };
    let changed = world.registry.change_client(tenant.id, id, change, &operator()).await.unwrap();
    assert_eq!((changed.name.as_str(), &changed.website), ("Pal", &None));
    assert!(changed.is_approved(), "an operator's word is the approval");
    let command = async |command| world.registry.command_client(tenant.id, id, command, &operator()).await;
    let suspended = command(ClientCommand::Suspend { reason: "abuse".into() }).await.unwrap();
    assert_eq!(suspended.state, ClientState::Suspended { reason: "abuse".into() });
    assert!(command(ClientCommand::Approve).await.is_err());
    assert!(command(ClientCommand::Restore).await.unwrap().is_approved());
    command(ClientCommand::Delete).await.unwrap();
    assert_eq!(world.registry.client(tenant.id, id).await.unwrap(), None);
    assert_eq!(command(ClientCommand::Delete).await.unwrap_err(), AdminError::NotFound("client"));
    assert!(world.store.row(tenant.id, "client_id", id.as_bytes()).await.unwrap().is_some(), "an id is never reused");
}

#[tokio::test]
async fn clients_are_listed_newest_first_and_by_state() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "strict").await;
    let mut ids = Vec::new();
    for name in ["One", "Two", "Three"] {
        let (client, _) = world.registry.create_client(tenant.id, new_client(name), &operator()).await.unwrap();
        ids.push(client.client_id.clone());
        world.clock.advance_seconds(1);
    }
    let names = async |state: Option<&str>, after| {
        let page = world.registry.clients(tenant.id, state, Page { after, limit: 2 }).await.unwrap();
        (page.items.iter().map(|client| client.name.clone()).collect::<Vec<_>>(), page.next)
    };
    let (first, next) = names(None, None).await;
    assert_eq!(first, ["Three", "Two"]);
    assert_eq!(names(None, next).await.0, ["One"]);
    let suspend = ClientCommand::Suspend { reason: String::new() };
    world.registry.command_client(tenant.id, &ids[1], suspend, &operator()).await.unwrap();
    world.registry.command_client(tenant.id, &ids[2], ClientCommand::Delete, &operator()).await.unwrap();
    assert_eq!(names(Some("suspended"), None).await.0, ["Two"]);
    assert_eq!(names(Some("approved"), None).await.0, ["One"]);
    assert_eq!(names(None, None).await.0, ["Two", "One"]);
}
