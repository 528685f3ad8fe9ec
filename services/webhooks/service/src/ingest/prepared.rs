//! What the events of one batch need, looked up for all of them together.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use futures_util::future::join_all;
use grantor_ids::TenantId;
use grantor_ports::{Registry, TenantView};
use parking_lot::Mutex;

use crate::{Endpoints, endpoints::Directory};

/// Who hears what at the tenants of the batch that is being handled, and who these are. Read after the
/// events were, so an endpoint that was there before an event is here.
#[derive(Default)]
pub(super) struct Prepared(Mutex<HashMap<TenantId, Found>>);

/// Who hears what at a tenant, and who it is if anybody does.
type Found = (Arc<Directory>, Option<Arc<TenantView>>);

impl Prepared {
    /// Looks up these tenants, and forgets all others. What cannot be read is asked for again when it is
    /// needed.
    pub async fn of(&self, tenants: BTreeSet<TenantId>, endpoints: &Endpoints, registry: &dyn Registry) {
        self.0.lock().clear();
        let tenants: Vec<_> = tenants.into_iter().collect();
        let Ok(directories) = endpoints.directories_of(&tenants).await else { return };
        let look_up = directories.into_iter().map(|(tenant, directory)| async move {
            let view = if directory.is_empty() { None } else { registry.tenant(tenant).await.ok().flatten() };
            (tenant, (directory, view))
        });
        let found = join_all(look_up).await;
        self.0.lock().extend(found);
    }

    pub fn directory(&self, tenant: TenantId) -> Option<Arc<Directory>> {
        self.0.lock().get(&tenant).map(|(directory, _)| Arc::clone(directory))
    }

    pub fn tenant(&self, tenant: TenantId) -> Option<Arc<TenantView>> {
        self.0.lock().get(&tenant)?.1.clone()
    }

    /// Its endpoints have changed meanwhile.
    pub fn forget(&self, tenant: TenantId) {
        self.0.lock().remove(&tenant);
    }
}
