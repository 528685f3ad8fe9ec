use grantor_ids::GrantId;
use grantor_store::{Write, not_written};
use grantor_token_domain::grant::{EndReason, NotLive, Revoke, revoke};

use super::{Caller, inspect_token::Owned};
use crate::{Token, publish::GrantCodec, refused::Refused};

impl Token {
    /// A client gives a token back (RFC 7009 2). Durable before it answers; `false` when there
    /// was nothing of this client's to revoke.
    ///
    /// A refresh token ends its whole grant, of whatever generation it is. An access token ends
    /// itself; where its grant has no refresh family it is all that the grant has given, and the
    /// grant ends. With `refresh_only` an access token is nothing.
    pub(crate) async fn revoke_token(&self, caller: &Caller, token: &str, refresh_only: bool) -> Result<bool, Refused> {
        let found = match self.owned_grant(&caller.tenant, token).await? {
            Owned::Nothing => return Ok(false),
            Owned::Refresh(grant) => return self.end_own_grant(caller, grant).await,
            Owned::Access(_) if refresh_only => return Ok(false),
            Owned::Access(found) => found,
        };
        if found.claims.client != caller.client.key {
            return Ok(false);
        }
        if let (Some(id), Some(grant)) = (found.claims.grant, &found.grant)
            && grant.family().is_none()
        {
            return self.end_own_grant(caller, id).await;
        }
        let write = Write { rows: vec![found.forget], ..Write::default() };
        self.store.commit(write).await.map_err(not_written)?;
        Ok(true)
    }

    async fn end_own_grant(&self, caller: &Caller, grant: GrantId) -> Result<bool, Refused> {
        let command = Revoke { client: Some(caller.client.key), reason: EndReason::Api, now: caller.now };
        let done = self
            .store
            .execute::<GrantCodec, (), NotLive>(caller.tenant.id, grant.uuid(), &caller.meta, caller.now, |loaded| {
                revoke(&loaded.state, &command).into()
            })
            .await
            .map_err(not_written)?;
        Ok(done.outcome.is_ok())
    }
}
