use chrono::TimeDelta;
use grantor_authorization_domain::{FlowKind, FlowTerms, initiate_flow};
use grantor_eventsourcing::Actor;
use grantor_ids::{FlowId, TenantId, UserId};
use grantor_oauth::{RedirectUri, ScopeSet};
use grantor_ports::{Bank, ClientView, EntropyExt, PortError};
use grantor_profile::FlowRequest;
use grantor_store::{NewTask, OnTaken, RowChange, Step, TaskChange, not_written};
use grantor_web::Call;

use super::expire_flows::EXPIRE;
use crate::{
    Authorization,
    flow::{FlowWork, KIND, key},
    publish::FlowCodec,
};

/// What a partner asked for, checked.
pub(crate) struct InitiateFlow<'a> {
    pub client: &'a ClientView,
    pub kind: FlowKind,
    pub request: FlowRequest,
    pub redirect_uri: RedirectUri,
    pub scopes: ScopeSet,
}

impl Authorization {
    /// Begins a flow: its event, its row and its end in one commit.
    pub(crate) async fn initiate_flow(&self, call: &Call, command: InitiateFlow<'_>) -> Result<FlowId, PortError> {
        let InitiateFlow { client, kind, request, redirect_uri, scopes } = command;
        let tenant = call.tenant.id;
        let (now, real) = (self.clock.now(tenant), self.clock.real());
        let lasts = TimeDelta::seconds(call.tenant.profile.interaction.interaction_ttl_seconds.into());
        let id = FlowId::from_uuid(self.entropy.uuid4());
        let terms = FlowTerms {
            client: client.key,
            client_id: client.client_id.clone(),
            kind,
            language: request.language.tag().to_owned(),
            sync_period: request.sync_period,
            named_accounts: u16::try_from(request.accounts.len()).unwrap_or(u16::MAX),
            expires_at: now + lasts,
        };
        let work = FlowWork {
            client_id: client.client_id.clone(),
            redirect_uri,
            state: request.state.clone(),
            kind,
            lang: terms.language.clone(),
            sync_period: request.sync_period,
            scopes,
            subject: self.flow_subject(tenant, client, request.user_id.as_deref()).await?,
            named: request.accounts.iter().map(|account| account.expose().to_owned()).collect(),
            browser: None,
            bank: self.bank_of_any(tenant, &request).await?,
            failures: 0,
            challenge: None,
            proved: None,
            chosen: Vec::new(),
            asked: false,
            expires_at: now + lasts,
        };
        let data = self.keys.seal(tenant, KIND, id.uuid().as_bytes(), &work).await?;
        let task = NewTask {
            id: self.entropy.uuid4(),
            tenant,
            kind: EXPIRE,
            data: id.uuid().as_bytes().to_vec(),
            due_at: real + lasts,
        };
        let loaded = self.store.load(tenant, id.uuid()).await?;
        let step = Step::from(initiate_flow(&loaded.state, terms))
            .rows([RowChange::Insert {
                key: key(tenant, id),
                aggregate: None,
                data,
                expires_at: Some(real + lasts),
                on_taken: OnTaken::Refuse,
            }])
            .tasks([TaskChange::Add(task)]);
        let meta = call.meta(Actor::Client(client.key));
        self.store.apply::<FlowCodec, _, _>(tenant, loaded, &meta, now, step).await.map_err(not_written)?;
        Ok(id)
    }

    /// On whose behalf: nobody of the directory's. A flow whose client names the person has the same
    /// subject each time; else every flow has one of its own.
    async fn flow_subject(
        &self,
        tenant: TenantId,
        client: &ClientView,
        named: Option<&str>,
    ) -> Result<UserId, PortError> {
        let Some(named) = named else { return Ok(self.entropy.id(self.clock.real())) };
        let key = self.keys.mac_key(tenant, "flow subject").await?;
        let hash = key.mac(&[client.key.uuid().as_bytes(), named.as_bytes()]);
        let bytes: [u8; 16] = std::array::from_fn(|at| hash[at]);
        Ok(UserId::from_uuid(uuid::Builder::from_random_bytes(bytes).into_uuid()))
    }

    /// The bank of the first account that tells (FN-07).
    async fn bank_of_any(&self, tenant: TenantId, request: &FlowRequest) -> Result<Option<Bank>, PortError> {
        for account in &request.accounts {
            if let Some(bank) = self.banks.bank_of(tenant, account.expose()).await? {
                return Ok(Some(bank));
            }
        }
        Ok(None)
    }
}
