use std::sync::Arc;

use grantor_crypto::{MacKey, RootKeys};
use grantor_ids::TenantId;
use grantor_keyring::{Keyring, not_read};
use grantor_ports::PortError;
use grantor_store::Store;
use serde::{Serialize, de::DeserializeOwned};

/// Seals unfinished visits, which hold what people typed and what partners said about them.
pub(crate) struct Keys(Keyring);

impl Keys {
    pub fn new(store: Store, root: Arc<RootKeys>) -> Self {
        Self(Keyring::new(store, root))
    }

    /// Seals a record for one row.
    pub async fn seal(
        &self,
        tenant: TenantId,
        table: &'static str,
        row: &[u8],
        record: &impl Serialize,
    ) -> Result<Vec<u8>, PortError> {
        let plain = serde_json::to_vec(record).map_err(not_read(table))?;
        Ok(self.0.of(tenant).await?.seal(table, row, &plain))
    }

    /// The tenant's key for one kind of keyed hash.
    pub async fn mac_key(&self, tenant: TenantId, label: &'static str) -> Result<MacKey, PortError> {
        Ok(self.0.of(tenant).await?.mac_key(label))
    }

    /// Opens what [`Self::seal`] made, at the same row.
    pub async fn open<T: DeserializeOwned>(
        &self,
        tenant: TenantId,
        table: &'static str,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<T, PortError> {
        let plain = self.0.of(tenant).await?.open(table, row, sealed)?;
        serde_json::from_slice(&plain).map_err(not_read(table))
    }
}
