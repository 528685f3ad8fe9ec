use chrono::TimeDelta;
use grantor_ids::GrantId;
use grantor_oauth::ScopeSet;
use grantor_profile::Rotation;
use grantor_store::{CommitError, Step};
use grantor_token_domain::{
    Use,
    grant::{Approval, Grant, RefreshRefusal, Refreshed, RotateRefresh, rotate_refresh},
};

use super::{Caller, Issued, TRIES, refresh_bounds};
use crate::{
    Token,
    access_token::{Minted, TokenClaims},
    dpop::not_committed,
    publish::{GrantCodec, Issue},
    refresh_token,
    refused::Refused,
    standing::Question,
};

impl Token {
    /// `grant_type=refresh_token` (RFC 6749 6, invariant I4).
    pub(crate) async fn refresh(&self, caller: &Caller, token: &str, asked: Option<&str>) -> Result<Issued, Refused> {
        let tenant = caller.tenant.id;
        let secrets = self.secrets.of(tenant).await?;
        let shape = &caller.tenant.profile.refresh_tokens.shape;
        let (grant, generation) = refresh_token::parse(shape, &secrets.refresh(), token)
            .ok_or_else(|| Refused::of_refresh(RefreshRefusal::Unknown))?;
        for _ in 0..TRIES {
            let loaded = self.store.load::<Grant>(tenant, grant.uuid()).await?;
            let scope = loaded.state.approval().map(|approval| self.narrowed(caller, approval, asked));
            let command = self.rotation(caller, generation, &loaded.state).await?;
            let decision = rotate_refresh(&loaded.state, &command);
            let accepted = decision.outcome.as_ref().ok().cloned();
            let mut step = Step::from(decision);
            let mut prepared = None;
            if let (Some(refreshed), Some(scope)) = (accepted, scope) {
                // A scope that was not granted uses nothing up.
                let made = self.refreshed(caller, grant, &refreshed, scope?).await?;
                step = step.rows(made.minted.row).rows(caller.proof_row()).facts([made.fact]);
                if refreshed.moved {
                    let (next, now) = (refreshed.generation, caller.now);
                    step = step.operational(move |state: &mut Grant| state.refreshed(next, now));
                }
                prepared = Some((made.claims, made.minted.token, refreshed));
            }
            match self.store.apply::<GrantCodec, _, _>(tenant, loaded, &caller.meta, caller.now, step).await {
                Ok(done) => {
                    done.outcome.map_err(Refused::of_refresh)?;
                    let (claims, access_token, refreshed) = prepared.ok_or(Refused::Unavailable)?;
                    return Ok(Issued {
                        access_token,
                        issued_at: claims.issued_at,
                        expires_at: claims.expires_at,
                        // No scope asks for all that was granted (RFC 6749 6), and what is asked
                        // for is given or refused: never another one.
                        asked: Some(claims.scope.clone()),
                        scope: claims.scope,
                        account: refreshed.approval.account,
                        refresh_token: refresh_token::render(shape, &secrets.refresh(), grant, refreshed.generation),
                        id_token: None,
                        bound: claims.key.is_some(),
                    });
                }
                Err(CommitError::Conflict) => {}
                Err(other) => return Err(not_committed(other)),
            }
        }
        Err(Refused::Unavailable)
    }

    fn narrowed(&self, caller: &Caller, approval: &Approval, asked: Option<&str>) -> Result<ScopeSet, Refused> {
        Ok(caller.tenant.profile.refreshed_scopes(asked, &approval.scope)?)
    }

    async fn rotation(&self, caller: &Caller, generation: u32, state: &Grant) -> Result<RotateRefresh, Refused> {
        let policy = match state.approval() {
            Some(approval) => {
                let question = Question {
                    what: Use::RefreshToken,
                    tenant: &caller.tenant,
                    client: &caller.client,
                    user: Some(approval.user),
                    made: Some((approval.created_at, approval.marks)),
                    scope: Some(&approval.scope),
                };
                self.permits(&question).await?
            }
            None => Ok(()),
        };
        let knobs = &caller.tenant.profile.refresh_tokens;
        let (idle, absolute) = refresh_bounds(&caller.tenant, Some(&caller.client));
        Ok(RotateRefresh {
            client: caller.client.key,
            generation,
            key: caller.key(),
            public: !caller.client.kind.is_confidential(),
            rotate: knobs.rotation == Rotation::Always,
            grace: TimeDelta::seconds(i64::from(knobs.grace_seconds)),
            idle,
            absolute,
            policy,
            now: caller.now,
        })
    }

    async fn refreshed(
        &self,
        caller: &Caller,
        grant: GrantId,
        refreshed: &Refreshed,
        scope: ScopeSet,
    ) -> Result<Made, Refused> {
        let approval = &refreshed.approval;
        let claims = TokenClaims {
            grant: Some(grant),
            client: approval.client,
            client_id: approval.client_id.clone(),
            user: Some(approval.user),
            scope,
            audience: approval.audience.clone(),
            issued_at: caller.now,
            expires_at: caller.user_token_end(),
            auth_time: Some(approval.auth_time),
            tenant_mark: approval.marks.tenant,
            key: caller.key(),
        };
        let minted = self.mint(&caller.tenant, &caller.client, &claims, &caller.meta).await?;
        let issue = Issue {
            tenant: caller.tenant.id,
            stream: grant.uuid(),
            client: approval.client,
            client_id: &approval.client_id,
            user: Some(approval.user),
            scope: &claims.scope,
            expires_at: claims.expires_at,
            now: caller.now,
            meta: &caller.meta,
        };
        let fact = issue.refreshed(&self.store, refreshed.generation);
        Ok(Made { claims, minted, fact })
    }
}

/// An access token, not stored yet.
struct Made {
    claims: TokenClaims,
    minted: Minted,
    fact: grantor_store::NewFact,
}
