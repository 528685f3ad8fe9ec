//! Who hears what at a tenant, kept in memory for as long as it is so.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use grantor_eventsourcing::{Aggregate, Position, Revision};
use grantor_ids::{ClientKey, TenantId, WebhookId};
use grantor_store::{Log, StateRow, Store, StoreError};
use grantor_webhooks_domain::endpoint::Endpoint;
use parking_lot::Mutex;
use uuid::Uuid;

use super::Hearer;

/// Endpoints kept in all; when there are more, it starts anew.
const MOST: usize = 20_000;

/// The endpoints of one tenant.
#[derive(Default)]
pub(crate) struct Directory {
    /// By whose events they hear; `None`: the whole tenant's.
    of: BTreeMap<Option<ClientKey>, Vec<Arc<Hearer>>>,
}

impl Directory {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.of.is_empty()
    }

    /// Who hears of such an event of these clients: the tenant's own endpoints first, paused and disabled
    /// ones as well.
    pub fn hearers(&self, clients: &[ClientKey], event: &str) -> Vec<Arc<Hearer>> {
        let whose = [None].into_iter().chain(clients.iter().copied().map(Some));
        let theirs = whose.flat_map(|whose| {
            let found = self.of.get(&whose).into_iter().flatten();
            found.filter(move |hearer| hearer.record.hears(event, whose)).cloned()
        });
        theirs.collect()
    }
}

/// What was read of a tenant.
struct Kept {
    /// Where the log of endpoints was then.
    at: Position,
    directory: Arc<Directory>,
    /// Each by its revision, so that only what has changed is read anew.
    hearers: HashMap<Uuid, (Revision, Arc<Hearer>)>,
}

/// The directories of every tenant. Never stale: where nobody else writes, what was read is good until
/// the log of endpoints moves; elsewhere the rows are read each time, in one statement.
#[derive(Default)]
pub(super) struct Directories(Mutex<HashMap<TenantId, Kept>>);

impl Directories {
    /// Of these tenants, each once.
    pub async fn of(
        &self,
        store: &Store,
        tenants: &[TenantId],
    ) -> Result<HashMap<TenantId, Arc<Directory>>, StoreError> {
        let at = store.head(Log::Events);
        let mut directories = HashMap::new();
        if store.is_alone() {
            let kept = self.0.lock();
            let good = |tenant: &TenantId| kept.get(tenant).filter(|kept| kept.at == at);
            let known = tenants.iter().filter_map(|tenant| Some((*tenant, Arc::clone(&good(tenant)?.directory))));
            directories.extend(known);
        }
        let wanted: Vec<_> = tenants.iter().copied().filter(|tenant| !directories.contains_key(tenant)).collect();
        if wanted.is_empty() {
            return Ok(directories);
        }
        let mut found: HashMap<TenantId, Vec<(Uuid, StateRow)>> = HashMap::new();
        for (tenant, id, row) in store.states(&wanted, Endpoint::TYPE.code()).await? {
            found.entry(tenant).or_default().push((id, row));
        }
        for tenant in wanted {
            let directory = self.keep(tenant, at, found.remove(&tenant).unwrap_or_default())?;
            directories.insert(tenant, directory);
        }
        Ok(directories)
    }

    /// What was read of a tenant.
    fn keep(&self, tenant: TenantId, at: Position, found: Vec<(Uuid, StateRow)>) -> Result<Arc<Directory>, StoreError> {
        let mut kept = self.0.lock();
        let before = kept.remove(&tenant).map(|kept| kept.hearers).unwrap_or_default();
        let mut hearers = HashMap::new();
        for (id, row) in found {
            let known = before.get(&id).filter(|(revision, _)| *revision == row.revision);
            let hearer = match known {
                Some((_, hearer)) => Some(Arc::clone(hearer)),
                None => read(id, &row)?.map(Arc::new),
            };
            hearers.extend(hearer.map(|hearer| (id, (row.revision, hearer))));
        }
        let directory = Arc::new(listed(&hearers));
        // Tenants without any count as well.
        let in_all = kept.values().map(|kept| 1 + kept.hearers.len()).sum::<usize>();
        if in_all + hearers.len() >= MOST {
            kept.clear();
        }
        kept.insert(tenant, Kept { at, directory: Arc::clone(&directory), hearers });
        Ok(directory)
    }
}

fn read(id: Uuid, row: &StateRow) -> Result<Option<Hearer>, StoreError> {
    let state: Endpoint = serde_json::from_slice(&row.state).map_err(|cause| {
        tracing::error!(%cause, "the state of an endpoint cannot be read");
        StoreError::Failed
    })?;
    Ok(state.record().map(|record| Hearer { id: WebhookId::from_uuid(id), record: record.clone() }))
}

fn listed(hearers: &HashMap<Uuid, (Revision, Arc<Hearer>)>) -> Directory {
    let mut directory = Directory::default();
    let mut all: Vec<_> = hearers.values().map(|(_, hearer)| hearer).collect();
    all.sort_by_key(|hearer| hearer.id);
    for hearer in all {
        let whose = hearer.record.listener.as_ref().map(|listener| listener.key);
        directory.of.entry(whose).or_default().push(Arc::clone(hearer));
    }
    directory
}
