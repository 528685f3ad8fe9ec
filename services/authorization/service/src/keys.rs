use std::sync::Arc;

use grantor_crypto::{Context, DataKey, OpenFailed, Purpose, RootKeys, SealedField, WrappedKey};
use grantor_ids::TenantId;
use grantor_ports::PortError;
use grantor_store::{CommitError, OnTaken, Row, RowChange, RowKey, Store, Write};
use moka::sync::Cache;
use serde::{Serialize, de::DeserializeOwned};

const KEY: &str = "key";
const TENANT: &[u8] = b"tenant";
const SECRETS: &[u8] = b"secrets";

/// The tenants' keys, rows of this service's own database, wrapped by the root key. They seal
/// unfinished visits, which hold what people typed and what partners said about them.
pub(crate) struct Keys {
    store: Store,
    root: Arc<RootKeys>,
    known: Cache<TenantId, DataKey>,
}

impl Keys {
    pub fn new(store: Store, root: Arc<RootKeys>) -> Self {
        Self { store, root, known: Cache::new(10_000) }
    }

    /// Seals a record for one row.
    pub async fn seal(
        &self,
        tenant: TenantId,
        table: &str,
        row: &[u8],
        record: &impl Serialize,
    ) -> Result<Vec<u8>, PortError> {
        let plain = serde_json::to_vec(record).map_err(not_read)?;
        let context = Context { tenant, table, row, field: "data" };
        Ok(self.of(tenant).await?.seal(&context, &plain).to_bytes())
    }

    /// Opens what [`Self::seal`] made, at the same row.
    pub async fn open<T: DeserializeOwned>(
        &self,
        tenant: TenantId,
        table: &str,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<T, PortError> {
        let context = Context { tenant, table, row, field: "data" };
        let field = SealedField::from_bytes(sealed).map_err(not_opened)?;
        let plain = self.of(tenant).await?.open(&context, &field).map_err(not_opened)?;
        serde_json::from_slice(&plain).map_err(not_read)
    }

    async fn of(&self, tenant: TenantId) -> Result<DataKey, PortError> {
        if let Some(key) = self.known.get(&tenant) {
            return Ok(key);
        }
        if self.store.row(tenant, KEY, TENANT).await?.is_none() {
            self.make(tenant).await?;
        }
        let outer = self.row(tenant, TENANT).await?;
        let key = self.root.unwrap_tenant_key(tenant, &wrapped(&outer)?).map_err(not_opened)?;
        self.rewrap(tenant, &outer).await?;
        let inner = wrapped(&self.row(tenant, SECRETS).await?)?;
        let secrets = key.unwrap_data_key(Purpose::TenantSecrets, &inner).map_err(not_opened)?;
        self.known.insert(tenant, secrets.clone());
        Ok(secrets)
    }

    /// Both rows in one commit, kept if somebody was faster: a tenant never has two keys.
    async fn make(&self, tenant: TenantId) -> Result<(), PortError> {
        let (key, wrapped) = self.root.new_tenant_key(tenant);
        let (_, secrets) = key.new_data_key(Purpose::TenantSecrets);
        let rows = vec![row(tenant, TENANT, &wrapped)?, row(tenant, SECRETS, &secrets)?];
        self.store.commit(Write { rows, ..Write::default() }).await.map(drop).map_err(not_written)
    }

    async fn row(&self, tenant: TenantId, key: &[u8]) -> Result<Row, PortError> {
        self.store.row(tenant, KEY, key).await?.ok_or_else(|| {
            tracing::error!("half of a tenant's keys are missing");
            PortError::Unavailable
        })
    }

    /// After a rotation of the root key this row is written anew, and nothing else.
    async fn rewrap(&self, tenant: TenantId, row: &Row) -> Result<(), PortError> {
        let Some(fresh) = self.root.rewrap(tenant, &wrapped(row)?).map_err(not_opened)? else { return Ok(()) };
        let change = RowChange::Update {
            key: RowKey::new(tenant, KEY, TENANT),
            expected: row.revision,
            data: serde_json::to_vec(&fresh).map_err(not_read)?,
            expires_at: None,
        };
        match self.store.commit(Write { rows: vec![change], ..Write::default() }).await {
            // Somebody else was faster; theirs is as good.
            Ok(_) | Err(CommitError::Conflict) => Ok(()),
            Err(cause) => Err(not_written(cause)),
        }
    }
}

fn wrapped(row: &Row) -> Result<WrappedKey, PortError> {
    serde_json::from_slice(&row.data).map_err(not_read)
}

fn row(tenant: TenantId, key: &[u8], wrapped: &WrappedKey) -> Result<RowChange, PortError> {
    Ok(RowChange::Insert {
        key: RowKey::new(tenant, KEY, key),
        aggregate: None,
        data: serde_json::to_vec(wrapped).map_err(not_read)?,
        expires_at: None,
        on_taken: OnTaken::Keep,
    })
}

/// A ciphertext that does not open where it belongs: changed by somebody, or the wrong key.
fn not_opened(cause: OpenFailed) -> PortError {
    tracing::error!(%cause, "a ciphertext does not open");
    PortError::Unavailable
}

/// A record of our own that is not in its form. serde_json's text could quote it: only the
/// place is logged.
fn not_read(cause: serde_json::Error) -> PortError {
    tracing::error!(line = cause.line(), column = cause.column(), "a record cannot be read or written");
    PortError::Unavailable
}

/// A write that was not made, where no refusal was to be expected.
pub(crate) fn not_written(cause: CommitError) -> PortError {
    match cause {
        CommitError::Store(cause) => cause.into(),
        CommitError::Conflict => PortError::Busy,
        CommitError::Taken(kind) => {
            tracing::error!(row.kind = kind, "a row is taken that nobody else writes");
            PortError::Unavailable
        }
    }
}
