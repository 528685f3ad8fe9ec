//! The same unexpired token again to the same client with the same credentials, where the profile
//! has that. For it the token is kept, sealed, beside the digest that all tokens have.

use grantor_crypto::{Context, SealedField, sha256};
use grantor_ids::{TenantId, UserId};
use grantor_oauth::ScopeSet;
use grantor_ports::PortError;
use grantor_store::{OnTaken, RowChange, RowKey};

use super::{Caller, Issued, inspect_token::Visible};
use crate::{Token, access_token::TokenClaims, refused::Refused};

/// Row kind: digest of client and user → their token, sealed.
const REUSABLE: &str = "reusable_token";

fn context(tenant: TenantId, digest: &[u8]) -> Context<'_> {
    Context { tenant, table: "es_row/reusable_token", row: digest, field: "token" }
}

impl Token {
    /// Whose token it is.
    pub(super) fn reuse_key(&self, caller: &Caller, user: Option<UserId>) -> [u8; 32] {
        let user = user.map(|user| user.uuid().into_bytes()).unwrap_or_default();
        sha256([caller.client.key.uuid().as_bytes().as_slice(), &user].concat())
    }

    /// The token of before, while it lives and says the same.
    pub(super) async fn reused(
        &self,
        caller: &Caller,
        digest: &[u8; 32],
        scope: &ScopeSet,
    ) -> Result<Option<Issued>, Refused> {
        if !caller.tenant.profile.access_tokens.reuse_unexpired {
            return Ok(None);
        }
        let tenant = caller.tenant.id;
        let Some(row) = self.store.row(tenant, REUSABLE, digest).await? else { return Ok(None) };
        let secrets = self.secrets.of(tenant).await?;
        let sealed: Option<SealedField> = serde_json::from_slice(&row.data).ok();
        let opened = sealed.and_then(|sealed| secrets.data().open(&context(tenant, digest), &sealed).ok());
        let Some(token) = opened.and_then(|plain| String::from_utf8(plain.to_vec()).ok()) else {
            tracing::error!("a token that is kept cannot be opened");
            return Ok(None);
        };
        let found = self.inspect(&caller.tenant, &token, Visible::Client(&caller.client)).await?;
        let Some(claims) = found.map(|found| found.claims).filter(|claims| claims.scope.same_scopes(scope)) else {
            return Ok(None);
        };
        Ok(Some(Issued {
            account: None,
            access_token: token,
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            scope: claims.scope,
            asked: None,
            refresh_token: None,
            id_token: None,
            bound: claims.key.is_some(),
        }))
    }

    /// The row that keeps a new token, where the profile wants that.
    pub(super) async fn reusable(
        &self,
        caller: &Caller,
        digest: &[u8; 32],
        token: &str,
        claims: &TokenClaims,
    ) -> Result<Option<RowChange>, PortError> {
        if !caller.tenant.profile.access_tokens.reuse_unexpired {
            return Ok(None);
        }
        let tenant = caller.tenant.id;
        let sealed = self.secrets.of(tenant).await?.data().seal(&context(tenant, digest), token.as_bytes());
        Ok(Some(RowChange::Insert {
            key: RowKey::new(tenant, REUSABLE, *digest),
            aggregate: None,
            data: serde_json::to_vec(&sealed).map_err(|_| PortError::Unavailable)?,
            expires_at: (!claims.never_ends()).then(|| self.clock.real() + (claims.expires_at - claims.issued_at)),
            on_taken: OnTaken::Replace,
        }))
    }
}
