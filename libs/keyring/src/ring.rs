use std::sync::Arc;

use grantor_crypto::{Purpose, RootKeys, WrappedKey};
use grantor_ids::TenantId;
use grantor_ports::PortError;
use grantor_store::{OnTaken, Row, RowChange, RowKey, Store, Write, not_written};
use moka::sync::Cache;

use crate::{TenantKeys, not_opened, not_read, rotation::rewrap};

/// Kind of the rows that hold wrapped keys.
pub(crate) const KIND: &str = "key";
pub(crate) const TENANT: &[u8] = b"tenant";
const SECRETS: &[u8] = b"secrets";
/// Tenants whose keys are kept opened.
const OPENED: u64 = 10_000;

/// Opens the tenants' keys; makes them at first need. The deployment's own are those of the
/// nil tenant.
pub struct Keyring {
    store: Store,
    root: Arc<RootKeys>,
    opened: Cache<TenantId, Arc<TenantKeys>>,
}

impl Keyring {
    /// Keys that are rows of `store`, wrapped by `root`.
    pub fn new(store: Store, root: Arc<RootKeys>) -> Self {
        Self { store, root, opened: Cache::new(OPENED) }
    }

    /// A tenant's keys.
    pub async fn of(&self, tenant: TenantId) -> Result<Arc<TenantKeys>, PortError> {
        if let Some(keys) = self.opened.get(&tenant) {
            return Ok(keys);
        }
        if self.store.row(tenant, KIND, TENANT).await?.is_none() {
            self.make(tenant).await?;
        }
        let keys = Arc::new(self.read(tenant).await?);
        self.opened.insert(tenant, Arc::clone(&keys));
        Ok(keys)
    }

    /// Both rows in one commit, kept if somebody was faster: a tenant never has two keys.
    async fn make(&self, tenant: TenantId) -> Result<(), PortError> {
        let (key, wrapped) = self.root.new_tenant_key(tenant);
        let (_, secrets) = key.new_data_key(Purpose::TenantSecrets);
        let rows = vec![insert(tenant, TENANT, &wrapped)?, insert(tenant, SECRETS, &secrets)?];
        self.store.commit(Write { rows, ..Write::default() }).await.map(drop).map_err(not_written)
    }

    async fn read(&self, tenant: TenantId) -> Result<TenantKeys, PortError> {
        let outer = self.row(tenant, TENANT).await?;
        let key = self.root.unwrap_tenant_key(tenant, &wrapped(&outer)?).map_err(not_opened("tenant key"))?;
        rewrap(&self.store, &self.root, tenant, &outer).await?;
        let inner = wrapped(&self.row(tenant, SECRETS).await?)?;
        let secrets = key.unwrap_data_key(Purpose::TenantSecrets, &inner).map_err(not_opened("secrets key"))?;
        Ok(TenantKeys::new(tenant, key, secrets))
    }

    async fn row(&self, tenant: TenantId, key: &[u8]) -> Result<Row, PortError> {
        self.store.row(tenant, KIND, key).await?.ok_or_else(|| {
            tracing::error!("half of a tenant's keys are missing");
            PortError::Unavailable
        })
    }
}

pub(crate) fn wrapped(row: &Row) -> Result<WrappedKey, PortError> {
    serde_json::from_slice(&row.data).map_err(not_read("wrapped key"))
}

fn insert(tenant: TenantId, key: &[u8], wrapped: &WrappedKey) -> Result<RowChange, PortError> {
    Ok(RowChange::Insert {
        key: RowKey::new(tenant, KIND, key),
        aggregate: None,
        data: serde_json::to_vec(wrapped).map_err(not_read("wrapped key"))?,
        expires_at: None,
        on_taken: OnTaken::Keep,
    })
}
