//! The sealed token: its claims, encrypted under a key of the tenant. Opaque to everybody else,
//! and nothing is stored for it.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use chrono::DateTime;
use grantor_crypto::{Context, DataKey, SealedField};
use grantor_ids::{ClientKey, GrantId, TenantId, UserId};
use grantor_oauth::{ScopeSet, Thumbprint};
use grantor_ports::{Entropy, EntropyExt};
use serde::{Deserialize, Serialize};

use super::{Rowless, TokenClaims};

/// So that a string that is none costs no attempt to open it.
const PREFIX: &str = "st_";

/// Short names: this travels with every call.
#[derive(Serialize, Deserialize)]
struct Inside {
    j: [u8; 16],
    #[serde(default, skip_serializing_if = "Option::is_none")]
    g: Option<GrantId>,
    c: ClientKey,
    i: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    u: Option<UserId>,
    s: ScopeSet,
    a: String,
    t: i64,
    e: i64,
    m: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    k: Option<Thumbprint>,
}

const fn context(tenant: TenantId) -> Context<'static> {
    Context { tenant, table: "access_token", row: b"", field: "claims" }
}

pub(super) fn mint(key: &DataKey, entropy: &dyn Entropy, tenant: TenantId, claims: &TokenClaims) -> String {
    let inside = Inside {
        j: entropy.bytes(),
        g: claims.grant,
        c: claims.client,
        i: claims.client_id.clone(),
        u: claims.user,
        s: claims.scope.clone(),
        a: claims.audience.clone(),
        t: claims.issued_at.timestamp_millis(),
        e: claims.expires_at.timestamp_millis(),
        m: claims.tenant_mark,
        k: claims.key.clone(),
    };
    // A plain record with string keys: it always has a JSON form.
    let plain = serde_json::to_vec(&inside).unwrap_or_default();
    format!("{PREFIX}{}", B64.encode(key.seal(&context(tenant), &plain).to_bytes()))
}

pub(super) fn looks_like_one(token: &str) -> bool {
    token.starts_with(PREFIX)
}

/// What a sealed token of this tenant says; `None` for any other string.
pub(super) fn read(key: &DataKey, tenant: TenantId, token: &str) -> Option<Rowless> {
    let bytes = B64.decode(token.strip_prefix(PREFIX)?).ok()?;
    let plain = key.open(&context(tenant), &SealedField::from_bytes(&bytes).ok()?).ok()?;
    let inside: Inside = serde_json::from_slice(&plain).ok()?;
    let claims = TokenClaims {
        grant: inside.g,
        client: inside.c,
        client_id: inside.i,
        user: inside.u,
        scope: inside.s,
        audience: inside.a,
        issued_at: DateTime::from_timestamp_millis(inside.t)?,
        expires_at: DateTime::from_timestamp_millis(inside.e)?,
        auth_time: None,
        tenant_mark: inside.m,
        key: inside.k,
    };
    Some(Rowless { id: inside.j, claims })
}
