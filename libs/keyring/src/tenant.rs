use grantor_crypto::{Context, DataKey, MacKey, OpenFailed, Purpose, SealedField, TenantKey, WrappedKey};
use grantor_ids::{TenantId, UserId};
use grantor_ports::PortError;
use zeroize::Zeroizing;

use crate::not_opened;

/// What one tenant's key opens.
pub struct TenantKeys {
    tenant: TenantId,
    key: TenantKey,
    secrets: DataKey,
}

impl TenantKeys {
    pub(crate) fn new(tenant: TenantId, key: TenantKey, secrets: DataKey) -> Self {
        Self { tenant, key, secrets }
    }

    /// Whose.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// Seals what is the tenant's secret and no one person's.
    pub fn secrets(&self) -> &DataKey {
        &self.secrets
    }

    /// The key for one kind of keyed hash; the same label gives the same key for the tenant's life.
    pub fn mac_key(&self, label: &'static str) -> MacKey {
        self.key.mac_key(label)
    }

    /// Seals a row's data: it opens at the same row of the same table only.
    pub fn seal(&self, table: &str, row: &[u8], plain: &[u8]) -> Vec<u8> {
        self.secrets.seal(&self.context(table, row), plain).to_bytes()
    }

    /// Opens what [`Self::seal`] made, at the same row.
    pub fn open(&self, table: &'static str, row: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, PortError> {
        let field = SealedField::from_bytes(sealed).map_err(not_opened(table))?;
        self.secrets.open(&self.context(table, row), &field).map_err(not_opened(table))
    }

    /// A key for a person's data, and its wrapped form to keep.
    pub fn new_subject(&self, user: UserId) -> (DataKey, WrappedKey) {
        self.key.new_data_key(Purpose::Subject(user))
    }

    /// A person's key.
    pub fn subject(&self, user: UserId, wrapped: &WrappedKey) -> Result<DataKey, OpenFailed> {
        self.key.unwrap_data_key(Purpose::Subject(user), wrapped)
    }

    fn context<'a>(&self, table: &'a str, row: &'a [u8]) -> Context<'a> {
        Context { tenant: self.tenant, table, row, field: "data" }
    }
}
