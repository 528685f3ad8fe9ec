//! The handle: a random string, stored as its SHA-256 with a row that leads to the grant.

use chrono::DateTime;
use grantor_crypto::sha256;
use grantor_eventsourcing::Timestamp;
use grantor_ids::{ClientKey, GrantId, TenantId, UserId};
use grantor_oauth::{ScopeSet, Thumbprint};
use grantor_store::{OnTaken, RowChange, RowKey, Store, StoreError};
use grantor_token_domain::grant::Grant;
use serde::{Deserialize, Serialize};

use super::{Resolved, TokenClaims};

/// Row kind: SHA-256 of a token → its grant and its claims.
const ACCESS_TOKEN: &str = "access_token";

/// The row's data. Short names: there is one for every token.
#[derive(Serialize, Deserialize)]
struct Stored {
    c: ClientKey,
    i: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    u: Option<UserId>,
    s: ScopeSet,
    a: String,
    t: i64,
    /// `i64::MAX` where it never ends.
    e: i64,
    #[serde(default)]
    m: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<Thumbprint>,
}

/// The row that makes a token say its claims. `real` is the real time: the row goes by it.
pub(super) fn row(tenant: TenantId, token: &str, claims: &TokenClaims, real: Timestamp) -> RowChange {
    let stored = Stored {
        c: claims.client,
        i: claims.client_id.clone(),
        u: claims.user,
        s: claims.scope.clone(),
        a: claims.audience.clone(),
        t: claims.issued_at.timestamp_millis(),
        e: if claims.never_ends() { i64::MAX } else { claims.expires_at.timestamp_millis() },
        m: claims.tenant_mark,
        k: claims.key.clone(),
    };
    RowChange::Insert {
        key: key(tenant, token),
        aggregate: claims.grant.map(GrantId::uuid),
        // A plain record with string keys: it always has a JSON form.
        data: serde_json::to_vec(&stored).unwrap_or_default(),
        expires_at: (!claims.never_ends()).then(|| real + (claims.expires_at - claims.issued_at)),
        on_taken: OnTaken::Keep,
    }
}

/// What a string says, if it is a handle of this tenant.
pub(super) async fn resolve(store: &Store, tenant: TenantId, token: &str) -> Result<Option<Resolved>, StoreError> {
    let Some((row, grant)) = store.row_and_stream::<Grant>(tenant, ACCESS_TOKEN, &sha256(token)).await? else {
        return Ok(None);
    };
    let stored: Stored = serde_json::from_slice(&row.data).map_err(|cause| {
        tracing::error!(%cause, "an access token's row cannot be read");
        StoreError::Failed
    })?;
    let claims = TokenClaims {
        grant: row.aggregate.map(GrantId::from_uuid),
        client: stored.c,
        client_id: stored.i,
        user: stored.u,
        scope: stored.s,
        audience: stored.a,
        issued_at: DateTime::from_timestamp_millis(stored.t).unwrap_or_default(),
        expires_at: DateTime::from_timestamp_millis(stored.e).unwrap_or(Timestamp::MAX_UTC),
        auth_time: None,
        tenant_mark: stored.m,
        key: stored.k,
    };
    let forget = RowChange::Delete { key: key(tenant, token), expected: None };
    Ok(Some(Resolved { claims, grant: grant.map(|grant| grant.state), forget }))
}

fn key(tenant: TenantId, token: &str) -> RowKey {
    RowKey::new(tenant, ACCESS_TOKEN, sha256(token))
}
