use grantor_oauth::{GrantType, ScopeSet};
use grantor_profile::Situation;
use grantor_store::Write;
use grantor_token_domain::Use;

use super::{Caller, Issued};
use crate::{
    Token,
    access_token::{Minted, TokenClaims},
    dpop::not_committed,
    marks,
    publish::Issue,
    refused::Refused,
    standing::Question,
};

impl Token {
    /// `grant_type=client_credentials` (RFC 6749 4.4): a token of the client's own. It hangs
    /// from no grant, and is given back by itself.
    pub(crate) async fn client_credentials(&self, caller: &Caller, asked: Option<&str>) -> Result<Issued, Refused> {
        let (tenant, client) = (&caller.tenant, &caller.client);
        let scopes = ScopeSet::from_names(client.scopes.iter().map(String::as_str)).unwrap_or_default();
        let scope = tenant.profile.client_credentials_scopes(asked, &scopes)?;
        let question =
            Question { what: Use::ClientCredentials, tenant, client, user: None, made: None, scope: Some(&scope) };
        self.permits(&question).await?.map_err(|denial| Refused::of_denial(denial, Situation::BadClient))?;
        let digest = self.reuse_key(caller, None);
        if let Some(same) = self.reused(caller, &digest, &scope).await? {
            return Ok(same);
        }
        let claims = TokenClaims {
            grant: None,
            client: client.key,
            client_id: client.client_id.clone(),
            user: None,
            scope,
            audience: tenant.api.clone(),
            issued_at: caller.now,
            expires_at: caller.client_token_end(),
            auth_time: None,
            tenant_mark: marks::current(&self.store, tenant.id, None).await?.tenant,
            key: caller.key(),
        };
        let Minted { token, row } = self.mint(tenant, client, &claims, &caller.meta).await?;
        let issue = Issue {
            tenant: tenant.id,
            stream: client.key.uuid(),
            client: client.key,
            client_id: &client.client_id,
            user: None,
            scope: &claims.scope,
            expires_at: claims.expires_at,
            now: caller.now,
            meta: &caller.meta,
        };
        let fact = issue.issued(&self.store, GrantType::ClientCredentials.as_str());
        let again = self.reusable(caller, &digest, &token, &claims).await?;
        let rows = row.into_iter().chain(again).chain(caller.proof_row()).collect();
        let write = Write { rows, facts: vec![fact], ..Write::default() };
        self.store.commit(write).await.map_err(not_committed)?;
        Ok(Issued {
            access_token: token,
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            scope: claims.scope,
            asked: asked.and_then(|text| ScopeSet::from_spaced(text).ok()),
            account: None,
            refresh_token: None,
            id_token: None,
            bound: claims.key.is_some(),
        })
    }
}
