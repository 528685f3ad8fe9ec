//! The keyed rows of this service: what must be unique, and what leads to a stream.

use grantor_ids::{ClientKey, TenantId, UserId};
use grantor_registry_domain::client;
use grantor_store::{OnTaken, RowChange, RowKey};
use uuid::Uuid;

/// Slug → tenant; unique over all tenants.
pub(crate) const SLUG: &str = "slug";
/// Authority → tenant; unique over all tenants.
pub(crate) const AUTHORITY: &str = "authority";
/// `client_id` → client, within a tenant. Stays when the client is deleted: ids are never used
/// again.
pub(crate) const CLIENT_ID: &str = "client_id";
/// Developer and client → developer, within a tenant: the clients a developer has.
pub(crate) const CLIENT_OF: &str = "client_of";

/// Tenant → the sealed password of its own mail server.
pub(crate) const MAIL_PASSWORD: &str = "mail_password";

/// SHA-256 of an invitation's code → who was invited, sealed.
pub(crate) const INVITATION: &str = "invitation";

/// Where rows are that are unique over all tenants.
pub(crate) const EVERYWHERE: TenantId = TenantId::from_uuid(Uuid::nil());

/// A row that must be new.
pub(crate) fn unique(tenant: TenantId, kind: &'static str, key: &[u8], leads_to: Uuid) -> RowChange {
    RowChange::Insert {
        key: RowKey::new(tenant, kind, key),
        aggregate: Some(leads_to),
        data: Vec::new(),
        expires_at: None,
        on_taken: OnTaken::Refuse,
    }
}

/// The rows of a client that is registered.
pub(crate) fn of_client(tenant: TenantId, key: ClientKey, registration: &client::Registration) -> Vec<RowChange> {
    let mut rows = vec![unique(tenant, CLIENT_ID, registration.client_id.as_bytes(), key.uuid())];
    rows.extend(registration.contact.map(|user| unique(tenant, CLIENT_OF, &pair(user, key), user.uuid())));
    rows
}

/// The row that goes when a client is deleted.
pub(crate) fn no_more_of(tenant: TenantId, key: ClientKey, user: UserId) -> RowChange {
    RowChange::Delete { key: RowKey::new(tenant, CLIENT_OF, pair(user, key)), expected: None }
}

fn pair(user: UserId, key: ClientKey) -> Vec<u8> {
    [user.uuid().into_bytes(), key.uuid().into_bytes()].concat()
}
