//! What the events of one batch need, looked up for all of them together.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use futures_util::future::join_all;
use grantor_eventsourcing::Envelope;
use grantor_ids::{EventId, TenantId};
use grantor_ports::{Registry, TenantView};
use parking_lot::Mutex;

use super::known::{Known, Past, begins};
use crate::{Endpoints, endpoints::Directory};

/// Who hears what at the tenants of the batch that is being handled, and who these are. Read after the
/// events were, so an endpoint that was there before an event is here.
#[derive(Default)]
pub(super) struct Prepared(Mutex<Batch>);

#[derive(Default)]
struct Batch {
    tenants: HashMap<TenantId, Found>,
    /// By the event of a new grant.
    pasts: HashMap<EventId, Past>,
}

/// Who hears what at a tenant, and who it is if anybody does.
type Found = (Arc<Directory>, Option<Arc<TenantView>>);

impl Prepared {
    /// Looks up what these events need, and forgets what others did. What cannot be read is asked for again
    /// when it is needed.
    pub async fn of(&self, events: &[&Envelope], endpoints: &Endpoints, registry: &dyn Registry, known: &Known) {
        *self.0.lock() = Batch::default();
        let tenants: BTreeSet<_> = events.iter().map(|event| event.tenant).collect();
        let tenants: Vec<_> = tenants.into_iter().collect();
        let Ok(directories) = endpoints.directories_of(&tenants).await else { return };
        let look_up = directories.into_iter().map(|(tenant, directory)| async move {
            let view = if directory.is_empty() { None } else { registry.tenant(tenant).await.ok().flatten() };
            (tenant, (directory, view))
        });
        let tenants: HashMap<_, _> = join_all(look_up).await.into_iter().collect();
        let is_heard = |tenant: &TenantId| tenants.get(tenant).is_some_and(|(directory, _)| !directory.is_empty());
        let grants = events.iter().copied().filter(|event| begins(&event.event_type) && is_heard(&event.tenant));
        let pasts = known.pasts_of(grants).await;
        *self.0.lock() = Batch { tenants, pasts };
    }

    pub fn directory(&self, tenant: TenantId) -> Option<Arc<Directory>> {
        self.0.lock().tenants.get(&tenant).map(|(directory, _)| Arc::clone(directory))
    }

    pub fn tenant(&self, tenant: TenantId) -> Option<Arc<TenantView>> {
        self.0.lock().tenants.get(&tenant)?.1.clone()
    }

    /// What had happened to the person of this new grant; once, since who asks again wants to know it anew.
    pub fn past(&self, grant: EventId) -> Option<Past> {
        self.0.lock().pasts.remove(&grant)
    }

    /// Its endpoints have changed meanwhile.
    pub fn forget(&self, tenant: TenantId) {
        self.0.lock().tenants.remove(&tenant);
    }
}
