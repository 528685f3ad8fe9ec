use std::sync::Arc;

use chrono::TimeDelta;
use futures_util::future::try_join;
use grantor_crypto::{DataKey, sha256};
use grantor_eventsourcing::Decision;
use grantor_ids::GrantId;
use grantor_jose::PrivateKey;
use grantor_oauth::{CodeVerifier, GrantType};
use grantor_ports::{Claims, PortError};
use grantor_profile::RedirectAtToken;
use grantor_store::{CommitError, Loaded, OnTaken, Row, RowChange, RowKey, Step};
use grantor_token_domain::{
    Denial, Use,
    grant::{Approval, ExchangeCode, ExchangeRefusal, Exchanged, Grant, GrantEvent, RedirectDemand, exchange_code},
};

use super::{
    CODE, Caller, ENDED_SESSION, Issued, TRIES,
    issue_code::{Waiting, waiting_context},
};
use crate::{
    Token,
    access_token::{Minted, TokenClaims},
    dpop::not_committed,
    id_token::{IdTokenParts, on_the_wire},
    publish::{GrantCodec, Issue},
    refresh_token,
    refused::Refused,
    standing::Question,
};

/// A code that is redeemed later than this is reported (RFC 6749 4.1.2 advises ten minutes at most).
const LATE: TimeDelta = TimeDelta::minutes(10);

/// `grant_type=authorization_code` (RFC 6749 4.1.3).
pub(crate) struct CodeRequest<'a> {
    pub code: &'a str,
    pub redirect_uri: Option<String>,
    pub verifier: Option<CodeVerifier>,
}

/// All that is made for a redemption before it is decided.
struct Prepared {
    approval: Box<Approval>,
    minted: Minted,
    claims: TokenClaims,
    signer: Option<Arc<PrivateKey>>,
    /// Directory claims for the ID token.
    more: Claims,
    refresh: bool,
}

impl Token {
    /// Redeems a code, once: one row, one state, one commit.
    pub(crate) async fn exchange_code(&self, caller: &Caller, request: CodeRequest<'_>) -> Result<Issued, Refused> {
        let tenant = caller.tenant.id;
        let digest = sha256(request.code);
        let unknown = || Refused::of_code(ExchangeRefusal::Unknown, request.code);
        let (row, loaded) = self.store.row_and_stream::<Grant>(tenant, CODE, &digest).await?.ok_or_else(unknown)?;
        let mut loaded = loaded.ok_or_else(unknown)?;
        let grant = GrantId::from_uuid(loaded.id);
        let waiting: Waiting = serde_json::from_slice(&row.data).map_err(|_| Refused::Unavailable)?;
        for _ in 0..TRIES {
            let mut prepared = self.prepare(caller, grant, &loaded, &waiting, &digest).await?;
            let command = self.command(caller, &request, prepared.as_ref(), &loaded).await?;
            let decision = exchange_code(&loaded.state, &command);
            let step = self.redemption(caller, grant, decision, prepared.as_mut(), spent(&row, &waiting, caller));
            match self.store.apply::<GrantCodec, _, _>(tenant, loaded, &caller.meta, caller.now, step).await {
                Ok(done) => {
                    done.outcome.map_err(|refusal| Refused::of_code(refusal, request.code))?;
                    // Whatever was accepted had been prepared for.
                    let prepared = prepared.ok_or(Refused::Unavailable)?;
                    return self.issued(caller, grant, prepared, waiting).await;
                }
                Err(CommitError::Conflict) => loaded = self.store.load(tenant, grant.uuid()).await?,
                Err(other) => return Err(not_committed(other)),
            }
        }
        Err(Refused::Unavailable)
    }

    /// Makes the token and finds the signing key while the code can still be kept: what fails
    /// here spends nothing.
    async fn prepare(
        &self,
        caller: &Caller,
        grant: GrantId,
        loaded: &Loaded<Grant>,
        waiting: &Waiting,
        digest: &[u8; 32],
    ) -> Result<Option<Prepared>, Refused> {
        let Grant::Issued { approval, .. } = &loaded.state else { return Ok(None) };
        if approval.client != caller.client.key {
            return Ok(None);
        }
        let profile = &caller.tenant.profile;
        let claims = TokenClaims {
            grant: Some(grant),
            client: approval.client,
            client_id: approval.client_id.clone(),
            user: Some(approval.user),
            scope: approval.scope.clone(),
            audience: approval.audience.clone(),
            issued_at: caller.now,
            expires_at: caller.user_token_end(),
            auth_time: Some(approval.auth_time),
            tenant_mark: approval.marks.tenant,
            key: caller.key(),
        };
        let signer = match profile.issues_id_token(&approval.scope) {
            true => Some(self.signer(&caller.tenant, &caller.client, &caller.meta).await?),
            false => None,
        };
        let mut more = match &waiting.d {
            Some(_) => opened(caller, self.secrets.of(caller.tenant.id).await?.data(), waiting, digest)?,
            None => Claims::new(),
        };
        on_the_wire(&mut more, self.clock.ahead(caller.tenant.id));
        let minted = self.mint(&caller.tenant, &caller.client, &claims, &caller.meta).await?;
        let refresh = profile.issues_refresh_token(&approval.scope)
            && profile.token_request.grants.contains(&GrantType::RefreshToken);
        Ok(Some(Prepared { approval: approval.clone(), minted, claims, signer, more, refresh }))
    }

    async fn command(
        &self,
        caller: &Caller,
        request: &CodeRequest<'_>,
        prepared: Option<&Prepared>,
        loaded: &Loaded<Grant>,
    ) -> Result<ExchangeCode, Refused> {
        let policy = match loaded.state.approval() {
            Some(approval) => {
                let question = Question {
                    what: Use::AuthorizationCode,
                    tenant: &caller.tenant,
                    client: &caller.client,
                    user: Some(approval.user),
                    made: Some((approval.created_at, approval.marks)),
                    scope: Some(&approval.scope),
                };
                let permitted = async { Ok::<_, Refused>(self.permits(&question).await?) };
                // Asked for together, they share a read.
                let (permitted, signed_out) = try_join(permitted, self.signed_out(caller, &loaded.state)).await?;
                match signed_out {
                    true => permitted.and(Err(Denial::Revoked)),
                    false => permitted,
                }
            }
            None => Ok(()),
        };
        let redirect_demand = match caller.tenant.profile.token_request.redirect_uri {
            RedirectAtToken::Required => RedirectDemand::Always,
            RedirectAtToken::RequiredIfSent => RedirectDemand::IfSent,
            RedirectAtToken::Optional if caller.client.kind.is_confidential() => RedirectDemand::Never,
            RedirectAtToken::Optional => RedirectDemand::Always,
        };
        Ok(ExchangeCode {
            client: caller.client.key,
            redirect_uri: request.redirect_uri.clone(),
            redirect_demand,
            default_redirect_uri: caller.client.redirect_uris.first().cloned(),
            verifier: request.verifier.clone(),
            key: caller.key(),
            refresh: prepared.is_some_and(|prepared| prepared.refresh),
            policy,
            now: caller.now,
        })
    }

    /// Whether the person has signed out of the session that a waiting code belongs to (C6).
    async fn signed_out(&self, caller: &Caller, grant: &Grant) -> Result<bool, Refused> {
        let Grant::Issued { approval, .. } = grant else { return Ok(false) };
        let Some(session) = approval.session else { return Ok(false) };
        let session = session.uuid();
        Ok(self.store.small_row(caller.tenant.id, ENDED_SESSION, session.as_bytes()).await?.is_some())
    }

    /// What is written: the decision's events, and with an acceptance the token, the fact, and
    /// the code's row without what waited in it.
    fn redemption(
        &self,
        caller: &Caller,
        grant: GrantId,
        decision: Decision<GrantEvent, Exchanged, ExchangeRefusal>,
        prepared: Option<&mut Prepared>,
        spent: Option<RowChange>,
    ) -> Step<GrantEvent, Exchanged, ExchangeRefusal, Grant> {
        let accepted = decision.outcome.is_ok();
        let changed = !decision.events.is_empty();
        let mut step = Step::from(decision);
        if changed {
            step = step.rows(spent);
        }
        let Some(prepared) = prepared.filter(|_| accepted) else { return step };
        let issue = Issue {
            tenant: caller.tenant.id,
            stream: grant.uuid(),
            client: caller.client.key,
            client_id: &caller.client.client_id,
            user: Some(prepared.approval.user),
            scope: &prepared.approval.scope,
            expires_at: prepared.claims.expires_at,
            now: caller.now,
            meta: &caller.meta,
        };
        let fact = issue.issued(&self.store, GrantType::AuthorizationCode.as_str());
        let age = caller.now - prepared.approval.created_at;
        let late = (age > LATE).then(|| issue.redeemed_late(&self.store, age));
        step.rows(prepared.minted.row.take()).rows(caller.proof_row()).facts([fact]).facts(late)
    }

    async fn issued(
        &self,
        caller: &Caller,
        grant: GrantId,
        prepared: Prepared,
        waiting: Waiting,
    ) -> Result<Issued, Refused> {
        let Prepared { approval, minted, claims, signer, more, refresh } = prepared;
        let access_token = minted.token;
        let id_token = match signer {
            Some(key) => {
                let parts = IdTokenParts {
                    tenant: &caller.tenant,
                    client_id: &caller.client.client_id,
                    approval: &approval,
                    nonce: waiting.n,
                    more,
                    access_token: &access_token,
                    now: self.clock.wire(caller.tenant.id, caller.now),
                    auth_time: self.clock.wire(caller.tenant.id, approval.auth_time),
                };
                Some(parts.sign(&key)?)
            }
            None => None,
        };
        let refresh_token = match refresh {
            true => {
                let secrets = self.secrets.of(caller.tenant.id).await?;
                let shape = &caller.tenant.profile.refresh_tokens.shape;
                Some(refresh_token::render(shape, &secrets.refresh(), grant, 0).ok_or(Refused::Unavailable)?)
            }
            false => None,
        };
        Ok(Issued {
            access_token,
            issued_at: claims.issued_at,
            expires_at: claims.expires_at,
            scope: claims.scope,
            asked: waiting.q,
            account: approval.account,
            refresh_token,
            id_token,
            bound: claims.key.is_some(),
        })
    }
}

/// What waited in the code's row dies with the code.
fn spent(row: &Row, waiting: &Waiting, caller: &Caller) -> Option<RowChange> {
    waiting.d.as_ref()?;
    Some(RowChange::Insert {
        key: RowKey::new(caller.tenant.id, CODE, row.key.clone()),
        aggregate: row.aggregate,
        data: b"{}".to_vec(),
        expires_at: row.expires_at,
        on_taken: OnTaken::Replace,
    })
}

fn opened(caller: &Caller, key: &DataKey, waiting: &Waiting, digest: &[u8; 32]) -> Result<Claims, PortError> {
    let Some(sealed) = &waiting.d else { return Ok(Claims::new()) };
    let plain = key.open(&waiting_context(caller.tenant.id, digest), sealed).ok();
    plain.and_then(|plain| serde_json::from_slice(&plain).ok()).ok_or_else(|| {
        tracing::error!("what waited in a code cannot be opened");
        PortError::Unavailable
    })
}
