use std::sync::Arc;

use futures_util::future::join_all;
use grantor_ports::{ClientCommand, Page, RegistryAdmin};

use crate::{
    pages::{filled, post_create},
    world::{World, operator, wanted},
};

#[tokio::test(flavor = "multi_thread")]
async fn sixty_four_approvals_of_one_client_are_one_event() {
    let world = Arc::new(World::new().await);
    let tenant = world.tenant("bank", "financefeast").await;
    let answer = post_create(&world, &tenant, "alice", &filled("Buddy")).await;
    assert_eq!(answer.status(), 200);
    let page = Page { after: None, limit: 9 };
    let client = world.registry.clients(tenant.id, Some("pending"), page).await.unwrap().items.remove(0);
    let approvals = (0..64).map(|_| {
        let (world, id, tenant) = (Arc::clone(&world), client.client_id.clone(), tenant.id);
        tokio::spawn(
            async move { world.registry.command_client(tenant, &id, ClientCommand::Approve, &operator()).await },
        )
    });
    for answer in join_all(approvals).await {
        assert!(answer.unwrap().unwrap().is_approved(), "everybody hears that it is approved");
    }
    let events = world.events(tenant.id, client.key.uuid()).await;
    assert_eq!(events, ["oauth.client.registered", "oauth.client.submitted", "oauth.client.approved"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_tenants_with_one_slug_are_one_tenant() {
    let world = Arc::new(World::new().await);
    let births = (0..16).map(|port| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let mut tenant = wanted("bank", "strict");
            tenant.issuer = format!("http://bank.localhost:{}", 9000 + port);
            tenant.authorities.clear();
            world.registry.create_tenant(tenant, &operator()).await
        })
    });
    let born = join_all(births).await.into_iter().filter(|birth| birth.as_ref().is_ok_and(Result::is_ok)).count();
    assert_eq!(born, 1);
    assert_eq!(world.registry.tenants(Page { after: None, limit: 9 }).await.unwrap().items.len(), 1);
}
