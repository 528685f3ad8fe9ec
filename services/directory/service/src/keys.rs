use std::{ops::Deref, sync::Arc};

use grantor_crypto::{DataKey, MacKey, RootKeys};
use grantor_ids::{TenantId, UserId};
use grantor_keyring::{Keyring, TenantKeys, not_opened, not_read};
use grantor_ports::PortError;
use grantor_store::{OnTaken, RowChange, Store};

use crate::rows;

/// The tenants' keys and the users', rows of this service's own database.
pub(crate) struct Keys {
    store: Store,
    ring: Keyring,
}

/// One tenant's keys, with what the directory makes from them.
pub(crate) struct DirectoryKeys {
    keys: Arc<TenantKeys>,
    email: MacKey,
    counter: MacKey,
    code: MacKey,
}

impl Keys {
    pub fn new(store: Store, root: Arc<RootKeys>) -> Self {
        Self { ring: Keyring::new(store.clone(), root), store }
    }

    /// The tenant's keys; made when they are needed for the first time.
    pub async fn of(&self, tenant: TenantId) -> Result<DirectoryKeys, PortError> {
        let keys = self.ring.of(tenant).await?;
        let (email, counter) = (keys.mac_key("email_lookup"), keys.mac_key("login_counter"));
        Ok(DirectoryKeys { email, counter, code: keys.mac_key("sign_up_code"), keys })
    }

    /// The key of a user, unless they are erased. Never cached: an erased key must be gone.
    pub async fn subject(&self, tenant: TenantId, user: UserId) -> Result<Option<DataKey>, PortError> {
        let Some(row) = self.store.row(tenant, rows::SUBJECT_KEY, user.uuid().as_bytes()).await? else {
            return Ok(None);
        };
        let wrapped = serde_json::from_slice(&row.data).map_err(not_read("subject key"))?;
        self.ring.of(tenant).await?.subject(user, &wrapped).map(Some).map_err(not_opened("subject key"))
    }
}

impl Deref for DirectoryKeys {
    type Target = TenantKeys;
    fn deref(&self) -> &TenantKeys {
        &self.keys
    }
}

impl DirectoryKeys {
    /// A key for a new user, and the row that keeps it.
    pub fn subject_row(&self, user: UserId) -> Result<(DataKey, RowChange), PortError> {
        let (key, wrapped) = self.new_subject(user);
        let row = RowChange::Insert {
            key: rows::of_user(self.tenant(), rows::SUBJECT_KEY, user),
            aggregate: Some(user.uuid()),
            data: serde_json::to_vec(&wrapped).map_err(not_read("subject key"))?,
            expires_at: None,
            on_taken: OnTaken::Refuse,
        };
        Ok((key, row))
    }

    /// By which an address is found.
    pub fn email_hash(&self, key: &str) -> [u8; 32] {
        grantor_crypto::lookup_hash(&self.email, key)
    }

    /// By which something is counted.
    pub fn counter(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.counter.mac(parts)
    }

    /// From which a ticket's code is made.
    pub fn code_mac(&self, ticket: &[u8]) -> [u8; 32] {
        self.code.mac(&[ticket])
    }
}
