//! Each tenant's keys in this service's database.

use std::sync::Arc;

use grantor_crypto::{DataKey, MacKey, RootKeys};
use grantor_ids::TenantId;
use grantor_keyring::{Keyring, TenantKeys};
use grantor_ports::PortError;
use grantor_store::Store;

/// The keys of one tenant, opened.
pub(crate) struct TenantSecrets(Arc<TenantKeys>);

impl TenantSecrets {
    /// Seals signing keys and what waits in codes.
    pub fn data(&self) -> &DataKey {
        self.0.secrets()
    }

    /// Makes refresh tokens.
    pub fn refresh(&self) -> MacKey {
        self.0.mac_key("refresh_token")
    }

    /// Hides addresses in counters.
    pub fn address(&self) -> MacKey {
        self.0.mac_key("address_counter")
    }
}

/// Opens them once, as long as there is room.
pub(crate) struct Secrets(Keyring);

impl Secrets {
    pub fn new(store: Store, root: Arc<RootKeys>) -> Self {
        Self(Keyring::new(store, root))
    }

    /// A tenant's keys; made at first need.
    pub async fn of(&self, tenant: TenantId) -> Result<TenantSecrets, PortError> {
        self.0.of(tenant).await.map(TenantSecrets)
    }
}
