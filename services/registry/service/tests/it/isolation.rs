use grantor_ports::{AdminError, ClientCommand, Page, Registry, RegistryAdmin};
use grantor_store::{OnTaken, RowChange, RowKey, Write};

use crate::world::{World, new_client, operator};

#[tokio::test]
async fn a_client_of_one_tenant_is_unknown_at_another() {
    let world = World::new().await;
    let (a, b) = (world.tenant("aa", "strict").await, world.tenant("bb", "strict").await);
    let (client, _) = world.registry.create_client(a.id, new_client("Buddy"), &operator()).await.unwrap();
    let id = client.client_id.as_str();
    assert_eq!(world.registry.client(b.id, id).await.unwrap(), None);
    let not_found = AdminError::NotFound("client");
    let command = world.registry.command_client(b.id, id, ClientCommand::Delete, &operator()).await;
    assert_eq!(command.unwrap_err(), not_found);
    assert_eq!(world.registry.rotate_client_secret(b.id, id, &operator()).await.unwrap_err(), not_found);
    let page = Page { after: None, limit: 9 };
    assert!(world.registry.clients(b.id, None, page).await.unwrap().items.is_empty());
}

#[tokio::test]
async fn two_tenants_with_the_same_client_id_never_mix() {
    let world = World::new().await;
    let (a, b) = (world.tenant("aa", "strict").await, world.tenant("bb", "strict").await);
    let (of_a, _) = world.registry.create_client(a.id, new_client("Of A"), &operator()).await.unwrap();
    let (of_b, _) = world.registry.create_client(b.id, new_client("Of B"), &operator()).await.unwrap();
    // The generators would take for ever to draw one id twice, so the row says it instead.
    let row = RowChange::Insert {
        key: RowKey::new(b.id, "client_id", of_a.client_id.as_bytes()),
        aggregate: Some(of_b.key.uuid()),
        data: Vec::new(),
        expires_at: None,
        on_taken: OnTaken::Refuse,
    };
    world.store.commit(Write { rows: vec![row], ..Write::default() }).await.unwrap();
    let name = async |tenant| world.registry.client(tenant, &of_a.client_id).await.unwrap().unwrap().name.clone();
    assert_eq!(name(a.id).await, "Of A");
    assert_eq!(name(b.id).await, "Of B");
    world.registry.command_client(b.id, &of_a.client_id, ClientCommand::Delete, &operator()).await.unwrap();
    assert_eq!(name(a.id).await, "Of A");
    assert_eq!(world.registry.client(b.id, &of_a.client_id).await.unwrap(), None);
}

#[tokio::test]
async fn a_client_id_is_unique_within_its_tenant() {
    let world = World::new().await;
    let tenant = world.tenant("aa", "strict").await;
    let (client, _) = world.registry.create_client(tenant.id, new_client("Buddy"), &operator()).await.unwrap();
    let row = RowChange::Insert {
        key: RowKey::new(tenant.id, "client_id", client.client_id.as_bytes()),
        aggregate: None,
        data: Vec::new(),
        expires_at: None,
        on_taken: OnTaken::Refuse,
    };
    let taken = world.store.commit(Write { rows: vec![row], ..Write::default() }).await.unwrap_err();
    assert_eq!(taken, grantor_store::CommitError::Taken("client_id"));
}
