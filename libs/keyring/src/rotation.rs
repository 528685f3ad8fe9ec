//! After a rotation of the root key, the rows of tenants' keys are written anew, and nothing else.

use std::collections::BTreeMap;

use grantor_crypto::{KeyId, RootKeys};
use grantor_ids::TenantId;
use grantor_ports::PortError;
use grantor_store::{CommitError, Row, RowChange, RowKey, Store, Write, not_written};

use crate::{
    not_opened, not_read,
    ring::{KIND, TENANT, wrapped},
};

/// Brings every tenant's key in a database under the active root key; answers how many were not.
pub async fn rewrap_all(store: &Store, root: &RootKeys) -> Result<u64, PortError> {
    let (mut rewrapped, mut at) = (0, None);
    while let Some(tenant) = store.next_tenant(at).await? {
        if let Some(row) = store.row(tenant, KIND, TENANT).await? {
            rewrapped += u64::from(rewrap(store, root, tenant, &row).await?);
        }
        at = Some(tenant);
    }
    Ok(rewrapped)
}

/// How many tenants' keys in a database each root key wraps, by its name.
pub async fn wrapped_by(store: &Store) -> Result<BTreeMap<KeyId, u64>, PortError> {
    let (mut counts, mut at) = (BTreeMap::new(), None);
    while let Some(tenant) = store.next_tenant(at).await? {
        if let Some(row) = store.row(tenant, KIND, TENANT).await? {
            *counts.entry(wrapped(&row)?.sealed.key_id).or_default() += 1;
        }
        at = Some(tenant);
    }
    Ok(counts)
}

/// Writes this row anew if another root key than the active one wraps it.
pub(crate) async fn rewrap(store: &Store, root: &RootKeys, tenant: TenantId, row: &Row) -> Result<bool, PortError> {
    let Some(fresh) = root.rewrap(tenant, &wrapped(row)?).map_err(not_opened("tenant key"))? else {
        return Ok(false);
    };
    let change = RowChange::Update {
        key: RowKey::new(tenant, KIND, TENANT),
        expected: row.revision,
        data: serde_json::to_vec(&fresh).map_err(not_read("wrapped key"))?,
        expires_at: None,
    };
    match store.commit(Write { rows: vec![change], ..Write::default() }).await {
        // Somebody else was faster; theirs is as good.
        Ok(_) | Err(CommitError::Conflict) => Ok(true),
        Err(cause) => Err(not_written(cause)),
    }
}
