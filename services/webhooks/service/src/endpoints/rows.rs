//! The keyed rows of endpoints.

use grantor_ids::{ClientKey, TenantId, WebhookId};
use grantor_store::{OnTaken, RowChange, RowKey};
use uuid::Uuid;

/// Endpoint → the client whose events it hears, or nobody: the endpoints that somebody has. The data are
/// how it does ([`grantor_webhooks_domain::Health`], JSON), once it was called.
pub(super) const OF: &str = "endpoint_of";
/// Endpoint and key id → the key, sealed.
pub(super) const KEY: &str = "endpoint_key";

/// The key of the row that is there for as long as an endpoint is.
pub(crate) fn row_of(tenant: TenantId, id: WebhookId) -> RowKey {
    RowKey::new(tenant, OF, *id.uuid().as_bytes())
}

/// The row by which an endpoint is found.
pub(super) fn of(tenant: TenantId, id: WebhookId, client: Option<ClientKey>) -> RowChange {
    RowChange::Insert {
        key: row_of(tenant, id),
        aggregate: Some(client.map_or(Uuid::nil(), ClientKey::uuid)),
        data: Vec::new(),
        expires_at: None,
        on_taken: OnTaken::Refuse,
    }
}

/// … and the one that takes it away.
pub(super) fn no_more(tenant: TenantId, id: WebhookId) -> RowChange {
    RowChange::Delete { key: row_of(tenant, id), expected: None }
}

/// The endpoint that such a row is of.
pub(super) fn endpoint(key: &[u8]) -> Option<WebhookId> {
    Uuid::from_slice(key).ok().map(WebhookId::from_uuid)
}

/// What a key's row is found by, and bound to.
pub(super) fn of_key(id: WebhookId, key: &str) -> Vec<u8> {
    [id.uuid().as_bytes(), key.as_bytes()].concat()
}

/// A key's row.
pub(super) fn key(tenant: TenantId, id: WebhookId, key: &str, sealed: Vec<u8>) -> RowChange {
    RowChange::Insert {
        key: RowKey::new(tenant, KEY, of_key(id, key)),
        aggregate: Some(id.uuid()),
        data: sealed,
        expires_at: None,
        on_taken: OnTaken::Refuse,
    }
}

/// Takes a key away.
pub(super) fn no_key(tenant: TenantId, id: WebhookId, key: &str) -> RowChange {
    RowChange::Delete { key: RowKey::new(tenant, KEY, of_key(id, key)), expected: None }
}
