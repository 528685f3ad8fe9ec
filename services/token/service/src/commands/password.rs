use std::net::IpAddr;

use grantor_ids::GrantId;
use grantor_oauth::{GrantType, ScopeSet};
use grantor_ports::{EntropyExt, Login, LoginRefusal, PasswordAttempt, PortError};
use grantor_profile::Situation;
use grantor_store::Step;
use grantor_token_domain::{
    Denial, UserStanding,
    grant::{Approval, Grant, OpenGrant, OpenRefusal, open_grant},
};
use secrecy::SecretString;

use super::{Caller, Issued};
use crate::{
    Token,
    access_token::{Minted, TokenClaims},
    dpop::not_committed,
    marks,
    publish::{GrantCodec, Issue},
    refresh_token,
    refused::Refused,
};

/// `grant_type=password` (RFC 6749 4.3).
pub(crate) struct PasswordRequest {
    pub username: String,
    pub password: SecretString,
    pub scope: Option<String>,
    /// Where it came from, for counting failures.
    pub address: Option<IpAddr>,
}

impl Token {
    /// A user's password for tokens (security.md C9): only where profile and operator let the
    /// client, with the lockout and the hash budget of the login form, which the directory keeps.
    pub(crate) async fn password(&self, caller: &Caller, request: PasswordRequest) -> Result<Issued, Refused> {
        let (tenant, client) = (&caller.tenant, &caller.client);
        let own = ScopeSet::from_names(client.scopes.iter().map(String::as_str)).unwrap_or_default();
        let scope = tenant.profile.requested_scopes(request.scope.as_deref(), &own)?;
        // Whoever may not use this grant may not guess with it either.
        match self.permits_password(tenant, client, &scope, None) {
            Ok(()) | Err(Denial::UserGone) => {}
            Err(denial) => return Err(Refused::of_denial(denial, Situation::BadUserCredentials)),
        }
        let PasswordRequest { username, password, scope: asked, address } = request;
        let attempt = PasswordAttempt { username, password, address };
        let login = self.directory.check_password(tenant.id, attempt, &caller.meta).await.map_err(refused)?;
        let refresh = tenant.profile.issues_refresh_token(&scope)
            && tenant.profile.token_request.grants.contains(&GrantType::RefreshToken);
        let digest = self.reuse_key(caller, Some(login.user));
        if !refresh && let Some(same) = self.reused(caller, &digest, &scope).await? {
            return Ok(same);
        }
        // Nobody has a second factor yet; who has one is refused by the policy.
        let policy = self.permits_password(tenant, client, &scope, Some(UserStanding::Active));
        let opening = OpenGrant {
            approval: self.password_approval(caller, login, scope).await?,
            refresh,
            policy,
            key: caller.key(),
        };
        let asked = asked.and_then(|text| ScopeSet::from_spaced(&text).ok());
        self.opened(caller, opening, asked, &digest).await
    }

    async fn password_approval(&self, caller: &Caller, login: Login, scope: ScopeSet) -> Result<Approval, PortError> {
        Ok(Approval {
            client: caller.client.key,
            client_id: caller.client.client_id.clone(),
            user: login.user,
            account: None,
            session: None,
            consent: None,
            scope,
            audience: caller.tenant.api.clone(),
            redirect_uri: None,
            code_challenge: None,
            key: None,
            auth_time: caller.now,
            acr: None,
            amr: login.amr,
            created_at: caller.now,
            code_expires_at: caller.now,
            marks: marks::current(&self.store, caller.tenant.id, Some(login.user)).await?,
        })
    }

    /// The grant with its first token, in one commit.
    async fn opened(
        &self,
        caller: &Caller,
        opening: OpenGrant,
        asked: Option<ScopeSet>,
        digest: &[u8; 32],
    ) -> Result<Issued, Refused> {
        let (tenant, real) = (caller.tenant.id, self.clock.real());
        let grant: GrantId = self.entropy.id(real);
        let (approval, refresh) = (opening.approval.clone(), opening.refresh);
        let claims = TokenClaims {
            grant: Some(grant),
            client: approval.client,
            client_id: approval.client_id,
            user: Some(approval.user),
            scope: approval.scope,
            audience: approval.audience,
            issued_at: caller.now,
            expires_at: caller.user_token_end(),
            auth_time: Some(approval.auth_time),
            tenant_mark: approval.marks.tenant,
            key: caller.key(),
        };
        let Minted { token, row } = self.mint(&caller.tenant, &caller.client, &claims, &caller.meta).await?;
        let loaded = self.store.load::<Grant>(tenant, grant.uuid()).await?;
        let decision = open_grant(&loaded.state, opening);
        let accepted = decision.outcome.is_ok();
        let mut step = Step::from(decision);
        if accepted {
            let again = if refresh { None } else { self.reusable(caller, digest, &token, &claims).await? };
            let issue = Issue {
                tenant,
                stream: grant.uuid(),
                client: claims.client,
                client_id: &claims.client_id,
                user: claims.user,
                scope: &claims.scope,
                expires_at: claims.expires_at,
                now: caller.now,
                meta: &caller.meta,
            };
            let fact = issue.issued(&self.store, GrantType::Password.as_str());
            step = step
                .rows(row.into_iter().chain(again).chain(caller.proof_row()))
                .facts([fact])
                .tasks([self.expiry_task(&caller.tenant, grant, real)]);
        }
        let done = self.store.apply::<GrantCodec, _, _>(tenant, loaded, &caller.meta, caller.now, step).await;
        match done.map_err(not_committed)?.outcome {
            Ok(()) => {}
            Err(OpenRefusal::Denied(denial)) => return Err(Refused::of_denial(denial, Situation::BadUserCredentials)),
            Err(OpenRefusal::Taken(_)) => return Err(Refused::Unavailable),
        }
        let refresh_token = match refresh {
            true => {
                let (secrets, shape) = (self.secrets.of(tenant).await?, &caller.tenant.profile.refresh_tokens.shape);
                Some(refresh_token::render(shape, &secrets.refresh(), grant, 0).ok_or(Refused::Unavailable)?)
            }
            false => None,
        };
        Ok(Issued {
            account: None,
            access_token: token,
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            scope: claims.scope,
            asked,
            refresh_token,
            id_token: None,
            bound: claims.key.is_some(),
        })
    }
}

/// Unknown user and wrong password are one answer; what else is told depends on the profile.
fn refused(refusal: LoginRefusal) -> Refused {
    match refusal {
        LoginRefusal::Wrong => Refused::Because(Situation::BadUserCredentials, None),
        LoginRefusal::Unverified => Refused::Because(Situation::UserUnverified, None),
        LoginRefusal::Locked => Refused::Because(Situation::UserLocked, None),
        LoginRefusal::Throttled { retry_after } => Refused::TooManyGuesses(i64::from(retry_after)),
        LoginRefusal::Port(_) => Refused::Unavailable,
    }
}
