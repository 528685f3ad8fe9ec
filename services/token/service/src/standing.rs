//! What the policy looks at, gathered.

use futures_util::future::try_join;
use grantor_eventsourcing::Timestamp;
use grantor_ids::{TenantId, UserId};
use grantor_oauth::ScopeSet;
use grantor_ports::{ClientView, PortError, TenantState, TenantView, UserState};
use grantor_profile::ScopeInput;
use grantor_token_domain::{ClientStanding, Denial, Marks, NotBefore, Standing, Use, UserStanding, permit};

use crate::{Token, marks};

/// Who wants to do what.
pub(crate) struct Question<'a> {
    pub what: Use,
    pub tenant: &'a TenantView,
    pub client: &'a ClientView,
    pub user: Option<UserId>,
    /// When what is used was made, and the marks it carries.
    pub made: Option<(Timestamp, Marks)>,
    /// The scope that is to be issued.
    pub scope: Option<&'a ScopeSet>,
}

impl Token {
    /// Asks the policy; `Err` when our own database does not answer.
    pub(crate) async fn permits(&self, question: &Question<'_>) -> Result<Result<(), Denial>, PortError> {
        let Question { what, tenant, client, user, made, scope } = *question;
        let user_standing = async {
            match user {
                Some(user) => self.user_standing(tenant.id, user).await,
                None => Ok((None, None)),
            }
        };
        let least = async {
            match made {
                Some(_) => Ok(marks::least(&self.store, tenant.id, user, client.key).await?),
                None => Ok(Marks::default()),
            }
        };
        // Asked for together, they share a read.
        let ((user_standing, instant), least) = try_join(user_standing, least).await?;
        let standing = Standing {
            tenant_active: tenant.state == TenantState::Active,
            client: client_standing(client),
            // Failures are counted and refused where the client authenticates.
            locked_out: false,
            user: user_standing,
            made,
            not_before: NotBefore { marks: least, instant },
            scope_allowed: scope.is_none_or(|scope| within(scope, tenant, client)),
        };
        Ok(permit(what, &standing))
    }

    /// Asks the policy about a password grant. Whether the user may act, their owner has said a
    /// moment ago with the password; `None` before that, when only the client is known.
    pub(crate) fn permits_password(
        &self,
        tenant: &TenantView,
        client: &ClientView,
        scope: &ScopeSet,
        user: Option<UserStanding>,
    ) -> Result<(), Denial> {
        let standing = Standing {
            tenant_active: tenant.state == TenantState::Active,
            client: client_standing(client),
            // The directory counts failures, over every grant and page.
            locked_out: false,
            user,
            made: None,
            not_before: NotBefore::default(),
            scope_allowed: within(scope, tenant, client),
        };
        permit(Use::Password, &standing)
    }

    /// The user, as the copy or its owner says. When neither can, the last that was known: a
    /// user who was locked then is locked now.
    async fn user_standing(
        &self,
        tenant: TenantId,
        user: UserId,
    ) -> Result<(Option<UserStanding>, Option<Timestamp>), PortError> {
        let (status, heard) = match self.copies.user_status(tenant, user).await {
            Ok(status) => (status, true),
            Err(_) => (self.copies.last_user_status(tenant, user).await?, false),
        };
        let not_before = status.as_ref().and_then(|status| status.not_before);
        let standing = match status.map(|status| status.state) {
            Some(UserState::Locked) => UserStanding::Locked,
            Some(UserState::Deactivated | UserState::Erased) => UserStanding::Gone,
            // A user without a status row is active.
            None | Some(UserState::Active) if heard => UserStanding::Active,
            None | Some(UserState::Active) => UserStanding::Unheard,
        };
        Ok((Some(standing), not_before))
    }
}

fn client_standing(client: &ClientView) -> ClientStanding {
    ClientStanding {
        approved: client.is_approved(),
        confidential: client.kind.is_confidential(),
        password_grant: client.password_grant,
    }
}

/// Where the tenant ignores what clients ask for, all get the same.
fn within(scope: &ScopeSet, tenant: &TenantView, client: &ClientView) -> bool {
    tenant.profile.scopes.input == ScopeInput::Ignored
        || scope.iter().all(|scope| client.scopes.iter().any(|allowed| allowed == scope.as_str()))
}
