use std::sync::Arc;

use chrono::TimeDelta;
use grantor_eventsourcing::Timestamp;
use grantor_ids::{ClientKey, GrantId};
use grantor_ports::{ClientView, PortError, Registry, TenantView};
use grantor_token_domain::{
    Marks, Use,
    grant::{Approval, Grant},
};

use super::refresh_bounds;
use crate::{
    Token,
    access_token::{Resolved, TokenClaims},
    refresh_token,
    standing::Question,
};

/// A live token.
pub(crate) struct Inspected {
    pub claims: TokenClaims,
    /// Whether it is a refresh token.
    pub refresh: bool,
    /// What the user approved, where there is one.
    pub approval: Option<Box<Approval>>,
    /// The sealed `claims` parameter.
    pub asked: Option<String>,
}

/// To whom a token is shown at all.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Visible<'a> {
    /// To its own client, or to the client that serves its audience.
    Client(&'a Arc<ClientView>),
    /// As before, by key alone.
    Key(ClientKey),
    /// To the resource server of this audience.
    Resource(&'a str),
    /// To us, who serve userinfo.
    Us,
}

impl Visible<'_> {
    fn shows(self, claims: &TokenClaims, refresh: bool) -> bool {
        match self {
            Self::Client(client) => {
                client.key == claims.client || (!refresh && client.resource.as_ref() == Some(&claims.audience))
            }
            Self::Key(key) => key == claims.client,
            Self::Resource(audience) => !refresh && audience == claims.audience,
            Self::Us => !refresh,
        }
    }
}

impl Token {
    /// What a token is worth now; `None` when it is worth nothing to whoever asks. Reads the
    /// token's row and the grant's state after the request came: never stale.
    pub(crate) async fn inspect(
        &self,
        tenant: &TenantView,
        token: &str,
        visible: Visible<'_>,
    ) -> Result<Option<Inspected>, PortError> {
        let resolved = self.resolve(tenant, token).await?;
        self.inspect_resolved(tenant, token, resolved, visible).await
    }

    /// The same, when what the token says as an access token has been read for this request.
    pub(crate) async fn inspect_resolved(
        &self,
        tenant: &TenantView,
        token: &str,
        resolved: Option<Resolved>,
        visible: Visible<'_>,
    ) -> Result<Option<Inspected>, PortError> {
        let now = self.clock.now(tenant.id);
        let found = match resolved {
            Some(Resolved { claims, grant, .. }) => inspect_access(claims, grant, visible),
            None => self.inspect_refresh(tenant, token, visible).await?,
        };
        let Some(inspected) = found.filter(|found| now < found.claims.expires_at) else { return Ok(None) };
        let claims = &inspected.claims;
        let Some(client) = self.token_client(tenant, claims, visible).await? else { return Ok(None) };
        let made = match &inspected.approval {
            Some(approval) => (approval.created_at, approval.marks),
            None => (claims.issued_at, Marks { tenant: claims.tenant_mark, user: 0 }),
        };
        let question =
            Question { what: Use::Token, tenant, client: &client, user: claims.user, made: Some(made), scope: None };
        Ok(self.permits(&question).await?.is_ok().then_some(inspected))
    }

    async fn inspect_refresh(
        &self,
        tenant: &TenantView,
        token: &str,
        visible: Visible<'_>,
    ) -> Result<Option<Inspected>, PortError> {
        let secrets = self.secrets.of(tenant.id).await?;
        let shape = &tenant.profile.refresh_tokens.shape;
        let Some((grant, generation)) = refresh_token::parse(shape, &secrets.refresh(), token) else { return Ok(None) };
        let Grant::Redeemed { approval, at, family: Some(family), .. } =
            self.store.load::<Grant>(tenant.id, grant.uuid()).await?.state
        else {
            return Ok(None);
        };
        if family.generation != generation {
            return Ok(None);
        }
        let used_at = family.used_at.unwrap_or(at);
        let client = self.copies.client(tenant.id, &approval.client_id).await?;
        let claims = TokenClaims {
            grant: Some(grant),
            client: approval.client,
            client_id: approval.client_id.clone(),
            user: Some(approval.user),
            scope: approval.scope.clone(),
            audience: approval.audience.clone(),
            issued_at: used_at,
            expires_at: refresh_end(tenant, client.as_deref(), at, used_at),
            auth_time: Some(approval.auth_time),
            tenant_mark: approval.marks.tenant,
            key: None,
        };
        let inspected = Inspected { claims, refresh: true, approval: Some(approval), asked: None };
        Ok(visible.shows(&inspected.claims, true).then_some(inspected))
    }

    /// The token's own client, which has to be approved still.
    async fn token_client(
        &self,
        tenant: &TenantView,
        claims: &TokenClaims,
        visible: Visible<'_>,
    ) -> Result<Option<Arc<ClientView>>, PortError> {
        if let Visible::Client(client) = visible
            && client.key == claims.client
        {
            return Ok(Some(Arc::clone(client)));
        }
        let found = self.copies.client(tenant.id, &claims.client_id).await?;
        Ok(found.filter(|client| client.key == claims.client))
    }

    /// The live access or refresh token of a client; for revocation, which asks no policy.
    pub(crate) async fn owned_grant(&self, tenant: &TenantView, token: &str) -> Result<Owned, PortError> {
        if let Some(found) = self.resolve(tenant, token).await? {
            return Ok(Owned::Access(Box::new(found)));
        }
        let secrets = self.secrets.of(tenant.id).await?;
        let shape = &tenant.profile.refresh_tokens.shape;
        Ok(refresh_token::parse(shape, &secrets.refresh(), token)
            .map_or(Owned::Nothing, |(grant, _)| Owned::Refresh(grant)))
    }
}

/// A client's own token hangs from no grant; any other is worth as much as its grant.
fn inspect_access(claims: TokenClaims, grant: Option<Grant>, visible: Visible<'_>) -> Option<Inspected> {
    if !visible.shows(&claims, false) {
        return None;
    }
    match grant {
        None => Some(Inspected { claims, refresh: false, approval: None, asked: None }),
        Some(Grant::Redeemed { approval, claims: asked, .. }) => {
            Some(Inspected { claims, refresh: false, approval: Some(approval), asked })
        }
        Some(_) => None,
    }
}

/// What a string stands for.
pub(crate) enum Owned {
    /// An access token.
    Access(Box<Resolved>),
    /// A refresh token of this grant, of whatever generation.
    Refresh(GrantId),
    /// Nothing of ours.
    Nothing,
}

/// When a refresh token ends if nobody uses it.
pub(super) fn refresh_end(
    tenant: &TenantView,
    client: Option<&ClientView>,
    redeemed_at: Timestamp,
    used_at: Timestamp,
) -> Timestamp {
    let (idle, absolute) = refresh_bounds(tenant, client);
    let after = |from: Timestamp, bound: Option<TimeDelta>| bound.map_or(Timestamp::MAX_UTC, |bound| from + bound);
    after(used_at, idle).min(after(redeemed_at, absolute))
}
