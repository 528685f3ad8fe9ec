use grantor_copies::{Snapshot, TENANT_STATE};
use grantor_ports::{
    AdminError, AuthorityRole, ClientCommand, HistoryEntry, HistoryOf, Page, Registry, RegistryAdmin, TenantChange,
    TenantState,
};
use grantor_profile::Profile;
use grantor_store::Log;

use crate::world::{World, new_client, operator, wanted};

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

#[tokio::test]
async fn tenants_are_found_by_the_words_of_their_names_and_counted() {
    let world = World::new().await;
    for (slug, name) in [("acme", "Acme Savings"), ("acorn", "Bank of Acorns"), ("zebra", "Zebra Bank")] {
        let mut tenant = wanted(slug, "strict");
        tenant.name = name.into();
        world.registry.create_tenant(tenant, &operator()).await.unwrap();
    }
    let slugs = async |words: &str, limit: u32| {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = world.registry.find_tenants(words, Page { after, limit }).await.unwrap();
            found.extend(page.items.into_iter().map(|tenant| tenant.slug));
            after = page.next;
            if after.is_none() {
                return found;
            }
        }
    };
    for limit in [1, 2, 50] {
        assert_eq!(slugs("AC", limit).await, ["acme", "acorn"], "{limit}");
        assert_eq!(slugs("bank", limit).await, ["acorn", "zebra"], "{limit}");
        assert_eq!(slugs("ac ban", limit).await, ["acorn"], "{limit}");
        assert_eq!(slugs("nothing", limit).await, [""; 0], "{limit}");
        assert_eq!(slugs(" ", limit).await, ["acme", "acorn", "zebra"], "{limit}");
    }
    let acorn = world.registry.tenant_by_slug("acorn").await.unwrap().unwrap();
    let named = TenantChange::Presentation { name: Some("Oak".into()), branding: None, contact: None, terms: None };
    world.registry.change_tenant(acorn.id, named, &operator()).await.unwrap();
    world.registry.change_tenant(acorn.id, TenantChange::Suspend, &operator()).await.unwrap();
    assert_eq!(slugs("bank", 50).await, ["zebra"], "a word that went is found no more");
    assert_eq!(slugs("oak", 50).await, ["acorn"]);
    let figures = world.registry.figures().await.unwrap();
    assert_eq!((figures.active, figures.suspended, figures.waiting), (2, 1, 0));
}

#[tokio::test]
async fn what_happened_is_kept_with_who_did_it_and_what_is_different() {
    let world = World::new().await;
    let bank = world.tenant("bank", "strict").await;
    let other = world.tenant("other", "strict").await;
    let mut profile = Profile::clone(&bank.profile);
    profile.codes.ttl_seconds = 30;
    world.registry.change_tenant(bank.id, TenantChange::Profile(Box::new(profile)), &operator()).await.unwrap();
    let (client, _) = world.registry.create_client(bank.id, new_client("Ledger"), &operator()).await.unwrap();
    let suspend = ClientCommand::Suspend { reason: "late".into() };
    world.registry.command_client(bank.id, &client.client_id, suspend, &operator()).await.unwrap();
    let history = async |tenant, of: HistoryOf| {
        world.registry.history(tenant, of, Page { after: None, limit: 50 }).await.unwrap().items
    };
    let all = history(bank.id, HistoryOf::All).await;
    let types: Vec<_> = all.iter().map(|entry| entry.event.as_str()).collect();
    assert_eq!(types[0], "oauth.client.suspended", "newest first");
    assert_eq!(types[types.len() - 2..], ["platform.tenant.profile_changed", "platform.tenant.created"]);
    assert!(all.iter().all(|entry| entry.actor == operator().actor));
    let told = |entry: &HistoryEntry| -> Vec<_> {
        let told = entry.changes.iter();
        told.map(|one| (one.pointer.clone(), one.before.clone(), one.after.clone())).collect()
    };
    let text = |text: &str| Some(text.to_owned());
    let profile = history(bank.id, HistoryOf::Type("platform.tenant.profile_changed".into())).await;
    assert_eq!(profile.len(), 1);
    assert_eq!(told(&profile[0]), [("/profile/codes/ttl_seconds".to_owned(), text("60"), text("30"))]);
    let of_client = history(bank.id, HistoryOf::Client(client.client_id.clone())).await;
    assert_eq!(told(&of_client[0])[0].0, "/status");
    assert!(of_client.iter().all(|entry| entry.client_id.as_ref() == Some(&client.client_id)));
    assert_eq!(history(other.id, HistoryOf::All).await.len(), 1);
    assert!(history(other.id, HistoryOf::Client(client.client_id.clone())).await.is_empty());
    let digests = serde_json::to_string(&all).unwrap();
    assert!(client.secrets.iter().all(|secret| !digests.contains(&secret.sha256)));
    let first = world.registry.history(bank.id, HistoryOf::All, Page { after: None, limit: 1 }).await.unwrap();
    let second = world.registry.history(bank.id, HistoryOf::All, Page { after: first.next, limit: 1 }).await.unwrap();
    assert_eq!([&first.items[0], &second.items[0]], [&all[0], &all[1]]);
}
