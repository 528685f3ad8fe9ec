//! When a client's secrets were last used, where they are also the platform's API keys. Written
//! down once a minute at most: this is for people who wonder whether a key is still in use.

use std::time::Duration;

use chrono::DateTime;
use grantor_ids::{ClientKey, TenantId};
use grantor_ports::{PortError, Registry, SecretUse};
use grantor_store::{OnTaken, RowChange, RowKey, Write};
use moka::sync::Cache;
use serde::{Deserialize, Serialize};

use crate::Token;

/// Row kind: client and secret → when.
const SECRET_USED: &str = "secret_used";
const A_MINUTE: Duration = Duration::from_secs(60);

/// Which uses have been written down a moment ago.
pub(crate) struct Noted(Cache<(TenantId, ClientKey, String), ()>);

impl Default for Noted {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(A_MINUTE).build())
    }
}

#[derive(Serialize, Deserialize)]
struct Stored {
    id: String,
    at_ms: i64,
}

impl Token {
    /// A secret was good. Whoever used it does not wait for a store that cannot write it down.
    pub(crate) async fn secret_was_used(&self, tenant: TenantId, client: ClientKey, secret: &str) {
        let key = (tenant, client, secret.to_owned());
        if self.noted.0.contains_key(&key) {
            return;
        }
        self.noted.0.insert(key, ());
        // Elsewhere nobody is shown when a secret was used.
        let shown = self.copies.tenant(tenant).await.ok().flatten();
        if !shown.is_some_and(|tenant| tenant.profile.clients.secret_is_api_key) {
            return;
        }
        let stored = Stored { id: secret.to_owned(), at_ms: self.clock.now(tenant).timestamp_millis() };
        let row = RowChange::Insert {
            key: RowKey::new(tenant, SECRET_USED, [client.uuid().as_bytes(), secret.as_bytes()].concat()),
            aggregate: Some(client.uuid()),
            // A plain record with string keys: it always has a JSON form.
            data: serde_json::to_vec(&stored).unwrap_or_default(),
            expires_at: None,
            on_taken: OnTaken::Replace,
        };
        if let Err(cause) = self.store.commit(Write { rows: vec![row], ..Write::default() }).await {
            tracing::debug!(%cause, "the use of a secret was not written down");
        }
    }

    /// What was written down of a client's secrets.
    pub(crate) async fn last_secret_uses(
        &self,
        tenant: TenantId,
        client: ClientKey,
    ) -> Result<Vec<SecretUse>, PortError> {
        let rows = self.store.rows_of(tenant, SECRET_USED, client.uuid()).await?;
        let read = rows.iter().filter_map(|row| serde_json::from_slice::<Stored>(&row.data).ok());
        Ok(read
            .filter_map(|used| Some(SecretUse { id: used.id, at: DateTime::from_timestamp_millis(used.at_ms)? }))
            .collect())
    }
}
