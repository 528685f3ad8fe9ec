//! Tenants: found by id, slug and authority; read through once.

use std::sync::{Arc, atomic::Ordering};

use futures_util::future::join_all;
use grantor_copies::TENANT_STATE;
use grantor_ids::TenantId;
use grantor_ports::{AuthorityRole, PortError, Registry, TenantView};
use uuid::Uuid;

use crate::owners::{TENANT, tenant, world};

#[tokio::test]
async fn a_tenant_that_is_not_there_yet_is_read_through_once_and_kept() {
    let world = world().await;
    world.owners.tenants.lock().insert(TENANT, Arc::new(tenant(1, "one")));
    let asking = (0..32).map(|_| world.copies.tenant_by_slug("one"));
    for found in join_all(asking).await {
        assert_eq!(found.expect("an answer").expect("a tenant").id, TENANT);
    }
    let by_authority = world.copies.tenant_by_authority("one.example").await.expect("an answer").expect("a tenant");
    assert_eq!(by_authority.1, AuthorityRole::Identity);
    assert!(world.copies.tenant(TENANT).await.expect("an answer").is_some());
    // One who waited while another asked may ask again; nobody does once the copy is there.
    let asked = world.owners.asked();
    world.owners.silent.store(true, Ordering::SeqCst);
    for found in join_all((0..32).map(|_| world.copies.tenant_by_slug("one"))).await {
        assert!(found.expect("the copy answers").is_some());
    }
    assert_eq!(world.owners.asked(), asked);
    assert_eq!(asked, 1, "one question for all who wait");
}

#[tokio::test]
async fn what_the_owner_does_not_know_is_asked_once_by_all_who_wait() {
    let world = world().await;
    for found in join_all((0..32).map(|_| world.copies.tenant_by_authority("nobody.example"))).await {
        assert!(found.expect("an answer").is_none());
    }
    assert_eq!(world.owners.asked(), 1);
    world.copies.tenant_by_slug("nobody").await.expect("an answer");
    assert_eq!(world.owners.asked(), 2, "another question");
}

#[tokio::test]
async fn a_silent_owner_is_no_answer_and_is_not_remembered_as_one() {
    let world = world().await;
    world.owners.silent.store(true, Ordering::SeqCst);
    assert_eq!(world.copies.tenant_by_slug("one").await.err(), Some(PortError::Unavailable));
    world.owners.silent.store(false, Ordering::SeqCst);
    world.owners.tenants.lock().insert(TENANT, Arc::new(tenant(1, "one")));
    assert!(world.copies.tenant_by_slug("one").await.expect("an answer").is_some());
}

#[tokio::test]
async fn what_was_heard_is_found_without_asking_and_never_goes_back() {
    let world = world().await;
    for (version, name) in [(2, "two"), (3, "three"), (2, "two again")] {
        let mut view = tenant(version, "one");
        view.name = name.into();
        world.hear(TENANT_STATE, TENANT.to_string(), version, Some(&view)).await;
    }
    let found = world.copies.tenant_by_slug("one").await.expect("an answer").expect("a tenant");
    assert_eq!((found.name.as_str(), found.version), ("three", 3));
    assert_eq!(world.owners.asked(), 0);
}

#[tokio::test]
async fn a_name_that_leads_to_another_tenant_now_is_followed_at_once() {
    const OTHER: TenantId = TenantId::from_uuid(Uuid::from_u128(7));
    let world = world().await;
    let found = async || {
        let by_slug = world.copies.tenant_by_slug("one").await.expect("an answer").expect("a tenant");
        let by_authority = world.copies.tenant_by_authority("one.example").await.expect("an answer");
        (by_slug.id, by_authority.expect("a tenant").0.id)
    };
    world.hear(TENANT_STATE, TENANT.to_string(), 1, Some(&tenant(1, "one"))).await;
    // The second time it is known whither the names led.
    for _ in 0..2 {
        assert_eq!(found().await, (TENANT, TENANT));
    }
    let other = TenantView { id: OTHER, ..tenant(2, "one") };
    world.hear_of(OTHER, TENANT_STATE, OTHER.to_string(), 2, Some(&other)).await;
    for _ in 0..2 {
        assert_eq!(found().await, (OTHER, OTHER));
    }
    assert_eq!(world.owners.asked(), 0);
}
