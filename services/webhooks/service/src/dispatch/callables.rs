//! What has to be known of an endpoint to call it, kept in memory until an endpoint changes.

use std::{collections::HashMap, sync::Arc};

use grantor_eventsourcing::Position;
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::PortError;
use grantor_store::{Log, Store};
use parking_lot::Mutex;

use crate::{Endpoints, endpoints::Callable};

/// Kept at most; when there are more, it starts anew.
const MOST: usize = 4096;

/// The endpoints that are being called. A change that this process makes counts from the next call on;
/// one of another process from when the log's head is seen here, a quarter of a second at most.
pub(crate) struct Callables {
    store: Store,
    endpoints: Arc<Endpoints>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Where the log of endpoints was.
    at: Position,
    /// How often all was forgotten.
    forgotten: u64,
    of: HashMap<WebhookId, Arc<Callable>>,
}

impl Callables {
    pub fn new(store: Store, endpoints: Arc<Endpoints>) -> Self {
        Self { store, endpoints, kept: Mutex::default() }
    }

    /// An endpoint has changed.
    pub fn forget(&self) {
        let mut kept = self.kept.lock();
        kept.of.clear();
        kept.forgotten += 1;
    }

    /// `None` when there is no such endpoint.
    pub async fn get(&self, tenant: TenantId, id: WebhookId) -> Result<Option<Arc<Callable>>, PortError> {
        let forgotten = {
            let at = self.store.head(Log::Events);
            let mut kept = self.kept.lock();
            if kept.at != at {
                (kept.at, kept.forgotten) = (at, kept.forgotten + 1);
                kept.of.clear();
            }
            if let Some(known) = kept.of.get(&id) {
                return Ok(Some(Arc::clone(known)));
            }
            kept.forgotten
        };
        let Some(found) = self.endpoints.callable(tenant, id).await?.map(Arc::new) else { return Ok(None) };
        let mut kept = self.kept.lock();
        // What has changed meanwhile may not have been seen.
        if kept.forgotten == forgotten {
            if kept.of.len() >= MOST {
                kept.of.clear();
            }
            kept.of.insert(id, Arc::clone(&found));
        }
        Ok(Some(found))
    }
}
