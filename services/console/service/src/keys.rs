use std::sync::Arc;

use grantor_crypto::{Context, DataKey, MacKey, Purpose, RootKeys, SealedField, WrappedKey};
use grantor_ids::TenantId;
use grantor_ports::PortError;
use grantor_store::{CommitError, OnTaken, Row, RowChange, RowKey, Store, Write};
use moka::sync::Cache;
use zeroize::Zeroizing;

use crate::{
    failure::{not_opened, not_read, not_written},
    rows,
};

const TENANT: &[u8] = b"tenant";
const SECRETS: &[u8] = b"secrets";

/// The keys of the tenants in this service's own database, wrapped by the root key. The
/// deployment has some too, as the nil tenant.
pub(crate) struct Keys {
    store: Store,
    root: Arc<RootKeys>,
    known: Cache<TenantId, Arc<TenantKeys>>,
}

/// What is made from one tenant's key.
pub(crate) struct TenantKeys {
    tenant: TenantId,
    secrets: DataKey,
    address: MacKey,
}

impl Keys {
    pub fn new(store: Store, root: Arc<RootKeys>) -> Self {
        Self { store, root, known: Cache::new(1_000) }
    }

    /// The tenant's keys; made when they are needed for the first time.
    pub async fn of(&self, tenant: TenantId) -> Result<Arc<TenantKeys>, PortError> {
        if let Some(keys) = self.known.get(&tenant) {
            return Ok(keys);
        }
        if self.store.row(tenant, rows::KEY, TENANT).await?.is_none() {
            self.make(tenant).await?;
        }
        let keys = Arc::new(self.read(tenant).await?);
        self.known.insert(tenant, Arc::clone(&keys));
        Ok(keys)
    }

    /// Both rows in one commit, kept if somebody was faster. Both replicas' pairs could mix
    /// only if one row could be there without the other, and one commit rules that out.
    async fn make(&self, tenant: TenantId) -> Result<(), PortError> {
        let (key, wrapped) = self.root.new_tenant_key(tenant);
        let (_, secrets) = key.new_data_key(Purpose::TenantSecrets);
        let rows = vec![row(tenant, TENANT, &wrapped)?, row(tenant, SECRETS, &secrets)?];
        self.store.commit(Write { rows, ..Write::default() }).await.map(drop).map_err(not_written)
    }

    async fn read(&self, tenant: TenantId) -> Result<TenantKeys, PortError> {
        let outer = self.row(tenant, TENANT).await?;
        let key = self.root.unwrap_tenant_key(tenant, &wrapped(&outer)?).map_err(not_opened("tenant key"))?;
        self.rewrap(tenant, &outer).await?;
        let inner = self.row(tenant, SECRETS).await?;
        let secrets =
            key.unwrap_data_key(Purpose::TenantSecrets, &wrapped(&inner)?).map_err(not_opened("secrets key"))?;
        Ok(TenantKeys { tenant, secrets, address: key.mac_key("console_address") })
    }

    async fn row(&self, tenant: TenantId, key: &[u8]) -> Result<Row, PortError> {
        self.store.row(tenant, rows::KEY, key).await?.ok_or_else(|| {
            tracing::error!("half of a tenant's keys are missing");
            PortError::Unavailable
        })
    }

    /// After a rotation of the root key the row is written anew, and nothing else.
    async fn rewrap(&self, tenant: TenantId, row: &Row) -> Result<(), PortError> {
        let Some(fresh) = self.root.rewrap(tenant, &wrapped(row)?).map_err(not_opened("tenant key"))? else {
            return Ok(());
        };
        let data = serde_json::to_vec(&fresh).map_err(not_read("wrapped key"))?;
        let key = RowKey::new(tenant, rows::KEY, TENANT);
        let change = RowChange::Update { key, expected: row.revision, data, expires_at: None };
        match self.store.commit(Write { rows: vec![change], ..Write::default() }).await {
            // Somebody else was faster; theirs is as good.
            Ok(_) | Err(CommitError::Conflict) => Ok(()),
            Err(cause) => Err(not_written(cause)),
        }
    }
}

fn wrapped(row: &Row) -> Result<WrappedKey, PortError> {
    serde_json::from_slice(&row.data).map_err(not_read("wrapped key"))
}

fn row(tenant: TenantId, key: &[u8], wrapped: &WrappedKey) -> Result<RowChange, PortError> {
    Ok(RowChange::Insert {
        key: RowKey::new(tenant, rows::KEY, key),
        aggregate: None,
        data: serde_json::to_vec(wrapped).map_err(not_read("wrapped key"))?,
        expires_at: None,
        on_taken: OnTaken::Keep,
    })
}

impl TenantKeys {
    /// Seals a row's data.
    pub fn seal(&self, kind: &'static str, row: &[u8], plain: &[u8]) -> Vec<u8> {
        self.secrets.seal(&self.context(kind, row), plain).to_bytes()
    }

    /// Opens what [`Self::seal`] made, at the same row.
    pub fn open(&self, kind: &'static str, row: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, PortError> {
        let field = SealedField::from_bytes(sealed).map_err(not_opened(kind))?;
        self.secrets.open(&self.context(kind, row), &field).map_err(not_opened(kind))
    }

    /// By which a mail or network address is found without being stored.
    pub fn address_hash(&self, what: &str, address: &str) -> [u8; 32] {
        self.address.mac(&[what.as_bytes(), address.as_bytes()])
    }

    fn context<'a>(&self, kind: &'a str, row: &'a [u8]) -> Context<'a> {
        Context { tenant: self.tenant, table: kind, row, field: "data" }
    }
}
