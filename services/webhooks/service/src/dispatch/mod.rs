//! Makes the deliveries: which, when, and what comes of it.
//!
//! The rows are the truth, and lanes are a cache: killing the process loses nothing. One process
//! makes deliveries at a time, by its lead over the database; when it dies, another goes on at once,
//! and what was on its way is sent again.

mod callables;
mod lane;
mod lanes;
mod nudges;
mod pools;
mod result;
mod schedule;
mod sender;
mod settle;
mod step;
mod timers;

pub(crate) use callables::Callables;
pub(crate) use nudges::Nudges;
pub(crate) use result::TEST;
pub(crate) use schedule::Dispatcher;
pub(crate) use sender::{Details, Sender};

use grantor_ids::{TenantId, WebhookId};
use grantor_store::{Store, StoreError};
use grantor_webhooks_domain::Health;
use uuid::Uuid;

use crate::endpoints::row_of;

/// Endpoints of all tenants that are left alone because they failed too often, the longest first.
pub(crate) const LEFT_ALONE: &str = "left_alone";
/// What belongs to no tenant stands under this one.
pub(crate) const EVERYWHERE: TenantId = TenantId::from_uuid(Uuid::nil());

/// How an endpoint does, as it was last written; nobody has to know it to go on.
pub(crate) async fn health_of(store: &Store, tenant: TenantId, endpoint: WebhookId) -> Result<Health, StoreError> {
    let key = row_of(tenant, endpoint);
    let row = store.row(tenant, key.kind, &key.key).await?;
    // One that was never called has nothing there.
    Ok(row.and_then(|row| serde_json::from_slice(&row.data).ok()).unwrap_or_default())
}
