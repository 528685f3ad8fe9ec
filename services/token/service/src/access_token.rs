//! Access tokens: `mint(claims) → string`, `resolve(string) → claims`. Nothing outside this
//! module knows what a token is made of.
//!
//! The form is the **handle**: a random string of the profile's shape, stored as its SHA-256
//! with a row that leads to the grant. Profiles that name another form get handles of 256 bits.

use chrono::DateTime;
use grantor_crypto::sha256;
use grantor_eventsourcing::Timestamp;
use grantor_ids::{ClientKey, GrantId, TenantId, UserId};
use grantor_oauth::ScopeSet;
use grantor_ports::Entropy;
use grantor_profile::{AccessTokenFormat, Alphabet, Profile, Shape};
use grantor_store::{OnTaken, RowChange, RowKey, Store, StoreError};
use grantor_token_domain::grant::Grant;
use serde::{Deserialize, Serialize};

/// Row kind: SHA-256 of a token → its grant and its claims.
const ACCESS_TOKEN: &str = "access_token";
/// Longer strings are no tokens of ours.
const MAX_BYTES: usize = 2048;
const PLAIN: Shape = Shape::random(Alphabet::Base64url, 43);

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TokenClaims {
    /// The grant it hangs from; `None` for a client's own token.
    pub grant: Option<GrantId>,
    pub client: ClientKey,
    pub client_id: String,
    pub user: Option<UserId>,
    pub scope: ScopeSet,
    pub audience: String,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    /// The tenant's mark when it was made; a grant has its own.
    pub tenant_mark: u64,
}

impl TokenClaims {
    /// The subject: the user, or the client itself.
    pub fn subject(&self) -> String {
        self.user.map_or_else(|| self.client_id.clone(), |user| user.to_string())
    }
}

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
    e: i64,
    #[serde(default)]
    m: u64,
}

/// Draws a token of the profile's shape. It is worth nothing until [`row`] is stored.
pub(crate) fn mint(profile: &Profile, entropy: &dyn Entropy) -> String {
    let shape = match &profile.access_tokens.format {
        AccessTokenFormat::Handle { shape } => shape,
        AccessTokenFormat::Sealed { .. } | AccessTokenFormat::Jwt { .. } => &PLAIN,
    };
    shape.generate(|buffer| entropy.fill(buffer))
}

/// The row that makes a token say its claims. `real` is the real time: the row goes by it.
pub(crate) fn row(tenant: TenantId, token: &str, claims: &TokenClaims, real: Timestamp) -> RowChange {
    let stored = Stored {
        c: claims.client,
        i: claims.client_id.clone(),
        u: claims.user,
        s: claims.scope.clone(),
        a: claims.audience.clone(),
        t: claims.issued_at.timestamp_millis(),
        e: claims.expires_at.timestamp_millis(),
        m: claims.tenant_mark,
    };
    RowChange::Insert {
        key: key(tenant, token),
        aggregate: claims.grant.map(GrantId::uuid),
        // A plain record with string keys: it always has a JSON form.
        data: serde_json::to_vec(&stored).unwrap_or_default(),
        expires_at: Some(real + (claims.expires_at - claims.issued_at)),
        on_taken: OnTaken::Keep,
    }
}

/// What a string says, if it is a token of this tenant, and the grant it hangs from as it is
/// now; not whether it is still good.
pub(crate) async fn resolve(
    store: &Store,
    tenant: TenantId,
    token: &str,
) -> Result<Option<(TokenClaims, Option<Grant>)>, StoreError> {
    if token.len() > MAX_BYTES {
        return Ok(None);
    }
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
        expires_at: DateTime::from_timestamp_millis(stored.e).unwrap_or_default(),
        tenant_mark: stored.m,
    };
    Ok(Some((claims, grant.map(|grant| grant.state))))
}

/// Makes a token worth nothing.
pub(crate) fn forget(tenant: TenantId, token: &str) -> RowChange {
    RowChange::Delete { key: key(tenant, token), expected: None }
}

fn key(tenant: TenantId, token: &str) -> RowKey {
    RowKey::new(tenant, ACCESS_TOKEN, sha256(token))
}
