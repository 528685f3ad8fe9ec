use chrono::TimeDelta;
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use grantor_ports::PortError;
use grantor_store::{CommitError, OnTaken, RowChange, RowKey, Write, not_written};
use serde::{Deserialize, Serialize};

use crate::{Authorization, interaction::ClientRequest, secret::Secret};

const KIND: &str = "pushed_request";
/// RFC 9126 2.2 advises 5 to 600: enough to send somebody here, and no more.
pub(crate) const SECONDS: u32 = 90;

/// A request that was pushed and waits for the browser. A row with a TTL, sealed, known by the
/// hash of what the client was told.
#[derive(Serialize, Deserialize)]
struct Pushed {
    asked: ClientRequest,
    /// By the tenant's clock.
    expires_at: Timestamp,
}

impl Authorization {
    /// Keeps a request; answers what it is known by.
    pub(crate) async fn keep_pushed(&self, tenant: TenantId, asked: ClientRequest) -> Result<Secret, PortError> {
        let (id, life) = (Secret::fresh(self.entropy.as_ref()), TimeDelta::seconds(SECONDS.into()));
        let pushed = Pushed { asked, expires_at: self.clock.now(tenant) + life };
        let row = RowChange::Insert {
            key: RowKey::new(tenant, KIND, id.digest()),
            aggregate: None,
            data: self.keys.seal(tenant, KIND, &id.digest(), &pushed).await?,
            expires_at: Some(self.clock.real() + life),
            on_taken: OnTaken::Refuse,
        };
        self.store.commit(Write { rows: vec![row], ..Write::default() }).await.map_err(not_written)?;
        Ok(id)
    }

    /// The request, for the client that pushed it: once, and in time. What another names is left.
    pub(crate) async fn take_pushed(
        &self,
        tenant: TenantId,
        id: &Secret,
        client_id: &str,
    ) -> Result<Option<ClientRequest>, PortError> {
        let Some(row) = self.store.row(tenant, KIND, &id.digest()).await? else { return Ok(None) };
        let Pushed { asked, expires_at } = self.keys.open(tenant, KIND, &id.digest(), &row.data).await?;
        if asked.request.client_id != client_id || self.clock.now(tenant) >= expires_at {
            return Ok(None);
        }
        let key = RowKey::new(tenant, KIND, id.digest());
        let taken = RowChange::Delete { key, expected: Some(row.revision) };
        match self.store.commit(Write { rows: vec![taken], ..Write::default() }).await {
            Ok(_) => Ok(Some(asked)),
            Err(CommitError::Conflict) => Ok(None),
            Err(cause) => Err(not_written(cause)),
        }
    }
}
