use grantor_ids::{TenantId, UserId};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{Context, KeyId, MacKey, OpenFailed, SealedField, key::Key};

/// A key under another key, for a row of the caller's store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrappedKey {
    /// The name of the key inside.
    pub id: KeyId,
    /// The key; `sealed.key_id` names the key around it.
    pub sealed: SealedField,
}

impl WrappedKey {
    pub(crate) fn wrap(outer: &Key, tenant: TenantId, kind: &str, inner: &Key) -> Self {
        let context = Context { tenant, table: "wrapped_key", row: inner.id.as_str().as_bytes(), field: kind };
        Self { id: inner.id.clone(), sealed: outer.seal(&context, inner.expose()) }
    }

    pub(crate) fn unwrap(&self, outer: &Key, tenant: TenantId, kind: &str) -> Result<Key, OpenFailed> {
        let context = Context { tenant, table: "wrapped_key", row: self.id.as_str().as_bytes(), field: kind };
        let bytes = outer.open(&context, &self.sealed)?;
        Key::from_slice(self.id.clone(), &bytes).ok_or(OpenFailed::Malformed)
    }
}

/// What a data key is for. It is bound to the wrapped key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The tenant's own secrets: signing keys, webhook secrets, link keys.
    TenantSecrets,
    /// Everything personal about one user; erasure deletes this key.
    Subject(UserId),
}

impl Purpose {
    fn kind(self) -> String {
        match self {
            Self::TenantSecrets => "data/tenant_secrets".to_owned(),
            Self::Subject(user) => format!("data/subject/{user}"),
        }
    }
}

/// A tenant's key: wraps data keys and is the root of the tenant's keyed hashes. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TenantKey {
    tenant: TenantId,
    key: Key,
}

impl TenantKey {
    pub(crate) const KIND: &'static str = "tenant";

    pub(crate) fn new(tenant: TenantId, key: Key) -> Self {
        Self { tenant, key }
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// Whose it is.
    pub fn tenant(&self) -> TenantId {
        self.tenant
    }

    /// The name of the key.
    pub fn id(&self) -> &KeyId {
        &self.key.id
    }

    /// Makes a data key; the wrapped form is to be stored.
    pub fn new_data_key(&self, purpose: Purpose) -> (DataKey, WrappedKey) {
        let key = Key::random(KeyId::random());
        let wrapped = WrappedKey::wrap(&self.key, self.tenant, &purpose.kind(), &key);
        (DataKey { key }, wrapped)
    }

    /// The data key in a stored form. Another tenant's or another purpose's does not open.
    pub fn unwrap_data_key(&self, purpose: Purpose, wrapped: &WrappedKey) -> Result<DataKey, OpenFailed> {
        wrapped.unwrap(&self.key, self.tenant, &purpose.kind()).map(|key| DataKey { key })
    }

    /// The key for one kind of keyed hash: `email_lookup`, `address_counter`, `refresh_token`.
    /// The same label gives the same key for the tenant's life.
    pub fn mac_key(&self, label: &'static str) -> MacKey {
        MacKey::derive(&self.key, label)
    }
}

/// Seals fields. Cheap to clone.
#[derive(Debug, Clone)]
pub struct DataKey {
    key: Key,
}

impl DataKey {
    /// The name of the key, as sealed fields carry it.
    pub fn id(&self) -> &KeyId {
        &self.key.id
    }

    /// Seals a field for its place, under a fresh nonce.
    pub fn seal(&self, context: &Context<'_>, plain: &[u8]) -> SealedField {
        self.key.seal(context, plain)
    }

    /// Opens a field at its place. The plaintext is wiped when dropped.
    pub fn open(&self, context: &Context<'_>, field: &SealedField) -> Result<Zeroizing<Vec<u8>>, OpenFailed> {
        self.key.open(context, field)
    }
}
