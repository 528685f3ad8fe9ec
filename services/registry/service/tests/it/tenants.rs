use grantor_copies::{Snapshot, TENANT_STATE};
use grantor_ports::{AdminError, AuthorityRole, Page, Registry, RegistryAdmin, TenantChange, TenantState};
use grantor_profile::Profile;
use grantor_store::Log;

use crate::world::{World, operator, wanted};

#[tokio::test]
async fn a_tenant_is_found_by_slug_authority_and_id() {
    let world = World::new().await;
    let made = world.tenant("bank", "financefeast").await;
    assert_eq!(world.registry.tenant_by_slug("bank").await.unwrap().as_ref(), Some(&made));
    assert_eq!(world.registry.tenant(made.id).await.unwrap().as_ref(), Some(&made));
    let at = world.registry.tenant_by_authority("bank.localhost:8080").await.unwrap();
    assert_eq!(at, Some((made, AuthorityRole::Identity)));
    assert_eq!(world.registry.tenant_by_authority("BANK.localhost:8080").await.unwrap(), None);
    assert_eq!(world.registry.tenant_by_slug("other").await.unwrap(), None);
}

#[tokio::test]
async fn slugs_and_authorities_are_unique_over_all_tenants() {
    let world = World::new().await;
    world.tenant("bank", "strict").await;
    let mut same_slug = wanted("bank", "strict");
    same_slug.issuer = "http://other.localhost:8080".into();
    same_slug.authorities.clear();
    let refused = world.registry.create_tenant(same_slug, &operator()).await.unwrap_err();
    assert_eq!(refused, AdminError::Conflict("the slug is taken by another tenant".into()));
    let mut same_authority = wanted("bank", "strict");
    same_authority.slug = "bank-2".into();
    let refused = world.registry.create_tenant(same_authority, &operator()).await.unwrap_err();
    assert_eq!(refused, AdminError::Conflict("an authority is taken by another tenant".into()));
    // Nothing of the refused ones is left.
    assert_eq!(world.registry.tenant_by_authority("other.localhost:8080").await.unwrap(), None);
    assert_eq!(world.registry.tenant_by_slug("bank-2").await.unwrap(), None);
}

#[tokio::test]
async fn an_issuer_without_a_path_is_an_authority_unasked() {
    let world = World::new().await;
    let mut bare = wanted("bank", "strict");
    bare.authorities.clear();
    let made = world.registry.create_tenant(bare, &operator()).await.unwrap();
    assert_eq!(made.authorities[0].authority, "bank.localhost:8080");
    assert!(world.registry.tenant_by_authority("bank.localhost:8080").await.unwrap().is_some());
}

#[tokio::test]
async fn wrong_values_are_refused_by_pointer() {
    let world = World::new().await;
    let mut http = wanted("bank", "strict");
    http.issuer = "http://bank.example".into();
    let refused = world.registry.create_tenant(http, &operator()).await.unwrap_err();
    assert!(matches!(refused, AdminError::Invalid { pointer, .. } if pointer == "/issuer"));
}

#[tokio::test]
async fn a_profile_change_is_an_event_a_fact_and_visible_at_once() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "strict").await;
    let profile = Profile::preset("openid").unwrap();
    let change = TenantChange::Profile(Box::new(profile.clone()));
    let changed = world.registry.change_tenant(tenant.id, change, &operator()).await.unwrap();
    assert_eq!(*changed.profile, profile);
    assert_eq!(changed.version, 2);
    assert_eq!(world.registry.tenant(tenant.id).await.unwrap(), Some(changed.clone()));
    let events = world.events(tenant.id, tenant.id.uuid()).await;
    assert_eq!(events, ["platform.tenant.created", "platform.tenant.profile_changed"]);
    let facts = world.store.read_log(Log::Facts, Default::default(), 10).await.unwrap();
    let newest = facts.last().unwrap();
    let expected = Snapshot::encode(TENANT_STATE, tenant.id.to_string(), 2, Some(&*changed));
    assert_eq!((newest.event_type.as_str(), &newest.payload), (TENANT_STATE, &expected.payload));
}

#[tokio::test]
async fn a_suspended_tenant_says_so_until_it_is_restored() {
    let world = World::new().await;
    let tenant = world.tenant("bank", "strict").await;
    let change = |change| world.registry.change_tenant(tenant.id, change, &OPERATOR);
    static OPERATOR: std::sync::LazyLock<grantor_eventsourcing::Meta> = std::sync::LazyLock::new(operator);
    assert_eq!(change(TenantChange::Suspend).await.unwrap().state, TenantState::Suspended);
    assert_eq!(change(TenantChange::Suspend).await.unwrap().version, 2, "a second time is no event");
    assert_eq!(change(TenantChange::Restore).await.unwrap().state, TenantState::Active);
    let nobody = grantor_ids::TenantId::from_uuid(uuid::Uuid::from_u128(9));
    let refused = world.registry.change_tenant(nobody, TenantChange::Suspend, &operator()).await.unwrap_err();
    assert_eq!(refused, AdminError::NotFound("tenant"));
}

#[tokio::test]
async fn tenants_are_listed_by_slug_page_by_page() {
    let world = World::new().await;
    for slug in ["cc", "aa", "bb"] {
        world.tenant(slug, "strict").await;
    }
    let first = world.registry.tenants(Page { after: None, limit: 2 }).await.unwrap();
    let slugs = |page: &grantor_ports::PageOf<grantor_ports::TenantView>| {
        page.items.iter().map(|tenant| tenant.slug.clone()).collect::<Vec<_>>()
    };
    assert_eq!(slugs(&first), ["aa", "bb"]);
    let second = world.registry.tenants(Page { after: first.next, limit: 2 }).await.unwrap();
    assert_eq!(slugs(&second), ["cc"]);
    assert_eq!(second.next, None);
}
