//! Users as the client that made them sees them: by the client's own id, and no others. Whom
//! another client or an operator made, or who signed up, is out of its reach (C32).

use grantor_eventsourcing::Meta;
use grantor_ids::{ClientKey, TenantId, UserId};
use grantor_ports::{AdminError, GrantSelector, PortError, RevokeReason};
use grantor_profile::{ApiProblem, ApiRefusal};

use crate::{
    Directory,
    profile::{Profile, login_key},
};

/// A user that a client has made.
pub(crate) struct ClientUser {
    /// Our id.
    pub id: UserId,
    /// Whether they may log in by what the client said.
    pub verified: bool,
    /// What is personal about them.
    pub profile: Profile,
}

/// No answer now.
pub(crate) fn unavailable(_: PortError) -> ApiRefusal {
    ApiRefusal::new(ApiProblem::Unavailable, "the service cannot answer now; try again")
}

/// A command's no.
pub(crate) fn refused(cause: AdminError) -> ApiRefusal {
    match cause {
        AdminError::Port(cause) => unavailable(cause),
        AdminError::NotFound(_) => unknown(),
        AdminError::Invalid { detail, .. } => ApiRefusal::new(ApiProblem::IllegalFieldValue, detail),
        AdminError::Conflict(detail) => ApiRefusal::new(ApiProblem::IllegalEntityState, detail),
    }
}

fn unknown() -> ApiRefusal {
    ApiRefusal::new(ApiProblem::UnknownEntity, "there is no such user")
}

impl Directory {
    /// The user that this client made, with the id that it gave them. Another's reads like none.
    pub(crate) async fn client_user(
        &self,
        tenant: TenantId,
        client: ClientKey,
        id: &str,
    ) -> Result<ClientUser, ApiRefusal> {
        let keys = self.keys.of(tenant).await.map_err(unavailable)?;
        let hash = keys.email_hash(&login_key(id));
        let user = self.find_id(tenant, &hash).await.map_err(unavailable)?.ok_or_else(unknown)?;
        let found = self.client_user_by_key(tenant, user).await?;
        if found.profile.made_by == Some(client) { Ok(found) } else { Err(unknown()) }
    }

    /// The user with this id of ours.
    pub(crate) async fn client_user_by_key(&self, tenant: TenantId, user: UserId) -> Result<ClientUser, ApiRefusal> {
        let found = self.find(tenant, user).await.map_err(unavailable)?.ok_or_else(unknown)?;
        let profile = found.profile().map_err(unavailable)?.filter(|profile| profile.login.is_some());
        let (Some(account), Some(profile)) = (found.state.account(), profile) else { return Err(unknown()) };
        Ok(ClientUser { id: user, verified: account.email_verified, profile })
    }

    /// Ends all that a user has given, at once. Should that fail, their not-before instant does it
    /// as soon as the token service has heard of it.
    pub(crate) async fn end_tokens(&self, tenant: TenantId, user: UserId, meta: &Meta) {
        let (which, why) = (GrantSelector::User(user), RevokeReason::UserChanged);
        if let Err(cause) = self.tokens.revoke(tenant, which, why, meta).await {
            tracing::warn!(user.id = %user, %cause, "a user's tokens end a little later");
        }
    }
}
