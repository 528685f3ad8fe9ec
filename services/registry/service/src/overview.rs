//! Lists for operators: which clients wait, which tenants have which words in their names, how many
//! tenants answer, and what happened.
//!
//! They have a reader of their own, so that a deployment that had none of them yet fills them from
//! the beginning of its log.

use std::collections::BTreeSet;

use async_trait::async_trait;
use grantor_bus::{Consumer, HandleError};
use grantor_eventsourcing::{AggregateType, Envelope};
use grantor_ids::{ClientKey, TenantId};
use grantor_ports::{AdminError, ClientState, ClientView, Page, PageOf, RegistryFigures, TenantState, TenantView};
use grantor_registry_domain::{client::Client, tenant::Tenant};
use grantor_store::{ListChange, Log, Store, StoreError, Write};
use serde_json::to_vec;

use crate::{
    Registry, SERVICE, history, lists,
    rows::EVERYWHERE,
    views::{client_view, tenant_view},
};

pub(crate) const NAME: &str = "registry.overview";
/// Clients that wait for a decision, the first to be registered first.
const WAITING: &str = "waiting_clients";
/// The ids of tenants, by state.
const BY_STATE: &str = "tenants_by_state";
/// The ids of tenants, by each word of slug and name.
const BY_WORD: &str = "tenants_by_word";
/// Of one tenant, this many words are found.
const MOST_WORDS: usize = 8;

/// Keeps the lists. Each event puts the stream's state of now in its place.
pub(crate) struct Overview {
    store: Store,
}

impl Overview {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    async fn tenant(&self, event: &Envelope) -> Result<Vec<ListChange>, HandleError> {
        let loaded = self.store.load::<Tenant>(event.tenant, event.aggregate_id).await.map_err(again)?;
        let Some(view) = tenant_view(event.tenant, &loaded.state, loaded.version) else { return Ok(Vec::new()) };
        // By word, and those of one word by slug: a space comes before every letter of a longer one.
        let put = |list, owner: &str, word: &str, id: String| ListChange::Put {
            tenant: EVERYWHERE,
            list,
            owner: owner.to_owned(),
            sort: format!("{word} {}", view.slug),
            id,
            version: view.version,
            data: to_vec(&(word, view.id)).unwrap_or_default(),
        };
        let mut changes = vec![put(BY_STATE, word(view.state), "", view.id.to_string())];
        let mut found = words_of(&view).into_iter();
        for place in 0..MOST_WORDS {
            let id = format!("{}.{place}", view.id);
            changes.push(match found.next() {
                Some(one) => put(BY_WORD, "", &one, id),
                None => ListChange::Remove { tenant: EVERYWHERE, list: BY_WORD, id },
            });
        }
        Ok(changes)
    }

    async fn client(&self, event: &Envelope) -> Result<Vec<ListChange>, HandleError> {
        let key = ClientKey::from_uuid(event.aggregate_id);
        let loaded = self.store.load::<Client>(event.tenant, event.aggregate_id).await.map_err(again)?;
        let view = client_view(event.tenant, key, &loaded.state, loaded.version);
        let id = format!("{}.{key}", event.tenant);
        Ok(vec![match view.filter(|view| view.state == ClientState::Pending) {
            Some(view) => ListChange::Put {
                tenant: EVERYWHERE,
                list: WAITING,
                owner: String::new(),
                sort: format!("{:020}", view.created_at.timestamp_millis()),
                id,
                version: view.version,
                data: to_vec(&view).unwrap_or_default(),
            },
            None => ListChange::Remove { tenant: EVERYWHERE, list: WAITING, id },
        }])
    }
}

fn again(error: StoreError) -> HandleError {
    HandleError::Again(error.to_string())
}

const fn word(state: TenantState) -> &'static str {
    match state {
        TenantState::Active => "active",
        TenantState::Suspended => "suspended",
    }
}

/// The words by which a tenant is found.
fn words_of(tenant: &TenantView) -> Vec<String> {
    let mut all = words(&format!("{} {}", tenant.slug, tenant.name));
    all.truncate(MOST_WORDS);
    all
}

/// The words of a text, each once, in lower case, in order.
fn words(text: &str) -> Vec<String> {
    let mut known = BTreeSet::new();
    let all = text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    all.map(str::to_lowercase).filter(|word| known.insert(word.clone())).collect()
}

#[async_trait]
impl Consumer for Overview {
    fn name(&self) -> &'static str {
        NAME
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type.starts_with("platform.tenant.") || event_type.starts_with("oauth.client.")
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        let mut lists = match event.aggregate_type {
            AggregateType::Tenant => self.tenant(event).await?,
            AggregateType::Client => self.client(event).await?,
            _ => return Ok(Write::default()),
        };
        lists.extend(history::entries(&self.store, event).await?);
        Ok(Write { lists, ..Write::default() })
    }
}

/// One page of the clients that wait.
pub(crate) async fn waiting(store: &Store, page: Page) -> Result<PageOf<ClientView>, StoreError> {
    lists::read_from(store, NAME, EVERYWHERE, WAITING, "", page).await
}

/// How many there are.
pub(crate) async fn figures(store: &Store) -> Result<RegistryFigures, StoreError> {
    store.wait_until_read(NAME, SERVICE, Log::Events).await;
    Ok(RegistryFigures {
        active: store.count(EVERYWHERE, BY_STATE, word(TenantState::Active)).await?,
        suspended: store.count(EVERYWHERE, BY_STATE, word(TenantState::Suspended)).await?,
        waiting: store.count(EVERYWHERE, WAITING, "").await?,
    })
}

/// Tenants whose words begin as these do. The list is read where the first of them begins, and
/// what the others rule out is left out, so a page may be shorter than asked for.
pub(crate) async fn find_tenants(
    registry: &Registry,
    text: &str,
    page: Page,
) -> Result<PageOf<TenantView>, AdminError> {
    let wanted = words(text);
    let Some(first) = wanted.first() else { return Ok(lists::tenants(&registry.store, page).await?) };
    // Everything from the first word on: a cursor just before whoever has that very word.
    let after = page.after.unwrap_or_else(|| format!("{first}\u{1f}"));
    let asked = Page { after: Some(after), limit: page.limit };
    let found: PageOf<(String, TenantId)> =
        lists::read_from(&registry.store, NAME, EVERYWHERE, BY_WORD, "", asked).await?;
    let (mut items, mut ended) = (Vec::new(), false);
    for (word, id) in found.items {
        // The list goes on with words that only sort behind it.
        ended |= !word.starts_with(first);
        if ended {
            break;
        }
        let Some(tenant) = registry.tenant_now(id).await? else { continue };
        let has = words_of(&tenant);
        let found_by = has.iter().filter(|word| word.starts_with(first)).min();
        let rest = wanted.iter().all(|wanted| has.iter().any(|word| word.starts_with(wanted)));
        // Who has two such words is found by one of them.
        if rest && found_by == Some(&word) {
            items.push((*tenant).clone());
        }
    }
    Ok(PageOf { items, next: found.next.filter(|_| !ended) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_is_between_them() {
        assert_eq!(words("acme-bank Acme Bank, GmbH & Söhne"), ["acme", "bank", "gmbh", "söhne"]);
        assert!(words(" -- ").is_empty());
    }
}
