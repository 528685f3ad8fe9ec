use std::sync::Arc;

use chrono::TimeDelta;
use grantor_crypto::{Context, sha256};
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{GrantId, TenantId};
use grantor_oauth::{ClaimsRequest, CodeChallenge, ScopeSet};
use grantor_ports::{Claims, ClientView, EntropyExt, IssueCode, PortError, Registry, TenantView};
use grantor_profile::ScopeShown;
use grantor_store::{NewTask, OnTaken, RowChange, RowKey, Step, TaskChange, not_written};
use grantor_token_domain::{
    Use,
    grant::{Approval, issue_code},
};
use serde::{Deserialize, Serialize};

use super::{CODE, expire_grants::EXPIRE};
use crate::{Token, id_token::choose, marks, publish::GrantCodec, standing::Question};

/// A code is known for so long after its lifetime, so that a replay is recognised.
const fn remembered() -> TimeDelta {
    TimeDelta::days(1)
}

/// What waits in the code's row until the code is redeemed.
#[derive(Serialize, Deserialize, Default)]
pub(super) struct Waiting {
    /// `nonce`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    /// Directory claims for the ID token, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub d: Option<grantor_crypto::SealedField>,
    /// The scope that was asked for, where answers are measured by it (knob 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub q: Option<ScopeSet>,
}

pub(super) fn waiting_context(tenant: TenantId, digest: &[u8]) -> Context<'_> {
    Context { tenant, table: "es_row/code", row: digest, field: "claims" }
}

pub(crate) fn claims_context(tenant: TenantId, grant: &[u8]) -> Context<'_> {
    Context { tenant, table: "es_state/grant", row: grant, field: "claims" }
}

impl Token {
    /// Opens a grant; answers its code.
    pub(crate) async fn open_grant(
        &self,
        tenant: TenantId,
        request: IssueCode,
        meta: &Meta,
    ) -> Result<String, PortError> {
        let tenant = self.copies.tenant(tenant).await?.ok_or(PortError::Unavailable)?;
        let (now, real) = (self.clock.now(tenant.id), self.clock.real());
        let approval = self.approval(&tenant, &request, now).await?;
        let client = self.client_for(&approval, &tenant).await?;
        let asked = claims_request(&tenant, &client, request.claims.as_deref());
        let grant: GrantId = self.entropy.id(real);
        let code = tenant.profile.codes.shape.generate(|buffer| self.entropy.fill(buffer));
        let digest = sha256(&code);
        let mut waiting = self.waiting(&tenant, &approval, &asked, request.nonce, &digest).await?;
        if tenant.profile.scopes.shown == ScopeShown::WhenDifferent {
            let names = request.asked_scope.as_deref();
            waiting.q = names.and_then(|names| ScopeSet::from_names(names.iter().map(String::as_str)).ok());
        }
        let row = RowChange::Insert {
            key: RowKey::new(tenant.id, CODE, digest),
            aggregate: Some(grant.uuid()),
            data: serde_json::to_vec(&waiting).map_err(|_| PortError::Unavailable)?,
            expires_at: Some(real + (approval.code_expires_at - now) + remembered()),
            on_taken: OnTaken::Refuse,
        };
        let loaded = self.store.load(tenant.id, grant.uuid()).await?;
        let task = self.expiry_task(&tenant, grant, real);
        let mut step = Step::from(issue_code(&loaded.state, approval)).rows([row]).tasks([task]);
        if let Some(sealed) = self.sealed_request(&tenant, grant, &asked).await? {
            step = step.operational(move |state: &mut grantor_token_domain::grant::Grant| state.keep_claims(sealed));
        }
        self.store.apply::<GrantCodec, _, _>(tenant.id, loaded, meta, now, step).await.map_err(not_written)?;
        Ok(code)
    }

    /// The client, if it may have a code for this. The authorization service has asked the same a
    /// moment ago, and maybe the client's owner: before "no" that one is asked here too.
    async fn client_for(&self, approval: &Approval, tenant: &TenantView) -> Result<Arc<ClientView>, PortError> {
        let permits = async |client: &ClientView| {
            let question = Question {
                what: Use::IssueCode,
                tenant,
                client,
                user: Some(approval.user),
                made: None,
                scope: Some(&approval.scope),
            };
            self.permits(&question).await
        };
        let ours = self.copies.client(tenant.id, &approval.client_id).await?.ok_or(PortError::Unavailable)?;
        if permits(&ours).await?.is_ok() {
            return Ok(ours);
        }
        let owners = self.copies.client_of_owner(tenant.id, &approval.client_id).await?;
        let owners = owners.ok_or(PortError::Unavailable)?;
        match permits(&owners).await? {
            Ok(()) => Ok(owners),
            Err(denial) => {
                tracing::info!(%denial, "no code was made");
                Err(PortError::Unavailable)
            }
        }
    }

    async fn approval(&self, tenant: &TenantView, r: &IssueCode, now: Timestamp) -> Result<Approval, PortError> {
        let malformed = |_| {
            tracing::error!("a code was asked for with a malformed scope or challenge");
            PortError::Unavailable
        };
        let challenge =
            CodeChallenge::from_request(r.code_challenge.as_deref(), r.code_challenge.as_ref().map(|_| "S256"));
        Ok(Approval {
            client: r.client,
            client_id: r.client_id.clone(),
            user: r.user,
            account: r.account,
            session: Some(r.session),
            consent: Some(r.consent),
            scope: ScopeSet::from_names(r.scope.iter().map(String::as_str)).map_err(|_| malformed(()))?,
            audience: tenant.api.clone(),
            redirect_uri: r.redirect_uri.clone(),
            code_challenge: challenge.map_err(|_| malformed(()))?,
            key: r.dpop_jkt.clone(),
            auth_time: r.auth_time,
            acr: r.acr.clone(),
            amr: r.amr.clone(),
            created_at: now,
            code_expires_at: now + TimeDelta::seconds(i64::from(tenant.profile.codes.ttl_seconds)),
            marks: marks::current(&self.store, tenant.id, Some(r.user)).await?,
        })
    }

    /// The nonce, and the directory's data where the ID token is to carry some: asked for now,
    /// while a person waits, sealed, and gone with the code.
    async fn waiting(
        &self,
        tenant: &TenantView,
        approval: &Approval,
        asked: &ClaimsRequest,
        nonce: Option<String>,
        digest: &[u8; 32],
    ) -> Result<Waiting, PortError> {
        let profile = &tenant.profile;
        if !profile.issues_id_token(&approval.scope) {
            return Ok(Waiting::default());
        }
        let mut wanted = profile.claims_for(&approval.scope, asked).id_token;
        wanted.retain(|claim| !profile.is_protocol_claim(&claim.name));
        if wanted.is_empty() {
            return Ok(Waiting { n: nonce, ..Waiting::default() });
        }
        let claims: Claims = self.directory.claims(tenant.id, approval.user).await?.unwrap_or_default();
        let plain = serde_json::to_vec(&choose(&claims, &wanted)).map_err(|_| PortError::Unavailable)?;
        let secrets = self.secrets.of(tenant.id).await?;
        let d = Some(secrets.data().seal(&waiting_context(tenant.id, digest), &plain));
        Ok(Waiting { n: nonce, d, q: None })
    }

    /// What the `claims` parameter asks of userinfo. It may name personal data (`value`), so it
    /// is sealed too.
    async fn sealed_request(
        &self,
        tenant: &TenantView,
        grant: GrantId,
        asked: &ClaimsRequest,
    ) -> Result<Option<String>, PortError> {
        if asked.userinfo.is_empty() {
            return Ok(None);
        }
        let plain = serde_json::to_vec(asked).map_err(|_| PortError::Unavailable)?;
        let secrets = self.secrets.of(tenant.id).await?;
        let sealed = secrets.data().seal(&claims_context(tenant.id, grant.uuid().as_bytes()), &plain);
        serde_json::to_string(&sealed).map(Some).map_err(|_| PortError::Unavailable)
    }

    pub(super) fn expiry_task(&self, tenant: &TenantView, grant: GrantId, real: Timestamp) -> TaskChange {
        let profile = &tenant.profile;
        let lifetime = profile.codes.ttl_seconds.max(profile.access_tokens.ttl_seconds);
        TaskChange::Add(NewTask {
            id: self.entropy.uuid4(),
            tenant: tenant.id,
            kind: EXPIRE,
            data: grant.uuid().as_bytes().to_vec(),
            due_at: real + TimeDelta::seconds(i64::from(lifetime)) + TimeDelta::hours(1),
        })
    }
}

/// The `claims` parameter, cut to what some scope of the client could bring.
fn claims_request(tenant: &TenantView, client: &ClientView, text: Option<&str>) -> ClaimsRequest {
    let profile = &tenant.profile;
    let Some(request) = text.and_then(|text| ClaimsRequest::parse(text).ok()) else { return ClaimsRequest::default() };
    request.filter(|name| {
        let brings = |scope: &String| profile.scopes.entry(scope).is_some_and(|e| e.claims.iter().any(|c| c == name));
        profile.is_protocol_claim(name) || client.scopes.iter().any(brings)
    })
}
