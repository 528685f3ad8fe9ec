//! Each tenant's keys in this service's database.

use std::sync::Arc;

use grantor_crypto::{DataKey, MacKey, Purpose, RootKeys, WrappedKey};
use grantor_ids::TenantId;
use grantor_ports::PortError;
use grantor_store::{CommitError, OnTaken, RowChange, RowKey, Store, Write};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};

/// Row kind: a tenant's wrapped keys.
const KEYS: &str = "keys";
/// Its only key.
const THE_KEYS: &[u8] = b"1";

/// The keys of one tenant, opened.
pub(crate) struct TenantSecrets {
    /// Seals signing keys and what waits in codes.
    pub data: DataKey,
    /// Makes refresh tokens.
    pub refresh: MacKey,
    /// Hides addresses in counters.
    pub address: MacKey,
}

#[derive(Serialize, Deserialize)]
struct Wrapped {
    tenant: WrappedKey,
    data: WrappedKey,
}

/// Opens them once, as long as there is room.
pub(crate) struct Secrets {
    store: Store,
    root: Arc<RootKeys>,
    opened: Cache<TenantId, Arc<TenantSecrets>>,
}

impl Secrets {
    pub fn new(store: Store, root: Arc<RootKeys>) -> Self {
        Self { store, root, opened: Cache::new(1_000) }
    }

    /// A tenant's keys; made at first need.
    pub async fn of(&self, tenant: TenantId) -> Result<Arc<TenantSecrets>, PortError> {
        if let Some(secrets) = self.opened.get(&tenant) {
            return Ok(secrets);
        }
        let row = match self.store.row(tenant, KEYS, THE_KEYS).await? {
            Some(row) => row,
            None => {
                self.make(tenant).await?;
                self.store.row(tenant, KEYS, THE_KEYS).await?.ok_or(PortError::Unavailable)?
            }
        };
        let wrapped: Wrapped = serde_json::from_slice(&row.data).map_err(|_| unreadable())?;
        let key = self.root.unwrap_tenant_key(tenant, &wrapped.tenant).map_err(|_| unreadable())?;
        let data = key.unwrap_data_key(Purpose::TenantSecrets, &wrapped.data).map_err(|_| unreadable())?;
        let (refresh, address) = (key.mac_key("refresh_token"), key.mac_key("address_counter"));
        let secrets = Arc::new(TenantSecrets { data, refresh, address });
        self.opened.insert(tenant, Arc::clone(&secrets));
        Ok(secrets)
    }

    /// Whoever comes first wins; all others take what is there.
    async fn make(&self, tenant: TenantId) -> Result<(), PortError> {
        let (key, wrapped) = self.root.new_tenant_key(tenant);
        let (_, data) = key.new_data_key(Purpose::TenantSecrets);
        let row = RowChange::Insert {
            key: RowKey::new(tenant, KEYS, THE_KEYS),
            aggregate: None,
            data: serde_json::to_vec(&Wrapped { tenant: wrapped, data }).map_err(|_| unreadable())?,
            expires_at: None,
            on_taken: OnTaken::Keep,
        };
        self.store.commit(Write { rows: vec![row], ..Write::default() }).await.map_err(unwritten)?;
        Ok(())
    }
}

fn unreadable() -> PortError {
    tracing::error!("a tenant's keys cannot be opened");
    PortError::Unavailable
}

/// A commit that came to nothing, for a caller who can only try again.
pub(crate) fn unwritten(error: CommitError) -> PortError {
    match error {
        CommitError::Store(error) => error.into(),
        CommitError::Conflict | CommitError::Taken(_) => PortError::Busy,
    }
}
