use grantor_eventsourcing::Meta;
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{AdminError, WebhookCommand, WebhookView};
use grantor_store::RowChange;
use grantor_webhooks_domain::endpoint::{DeleteEndpoint, Endpoint, PauseEndpoint, ResumeEndpoint};

use super::super::{Endpoints, rows, views};

impl Endpoints {
    /// Pauses, resumes or deletes an endpoint. What is deleted leaves no key behind.
    pub(in crate::endpoints) async fn command(
        &self,
        tenant: TenantId,
        id: WebhookId,
        command: WebhookCommand,
        meta: &Meta,
    ) -> Result<WebhookView, AdminError> {
        let loaded = self.store.load::<Endpoint>(tenant, id.uuid()).await?;
        let decide = |state: &Endpoint| match command {
            WebhookCommand::Pause => PauseEndpoint::decide(state, &PauseEndpoint),
            WebhookCommand::Resume => ResumeEndpoint::decide(state, &ResumeEndpoint),
            WebhookCommand::Delete => DeleteEndpoint::decide(state, &DeleteEndpoint),
        };
        let gone = |state: &Endpoint| -> Vec<RowChange> {
            let Some(record) = state.record().filter(|_| command == WebhookCommand::Delete) else { return Vec::new() };
            let keys = record.keys.iter().map(|key| rows::no_key(tenant, id, &key.id));
            keys.chain([rows::no_more(tenant, id)]).collect()
        };
        let done = self.on(tenant, id, meta, decide, gone).await?;
        let (record, version) = match done.state.record() {
            Some(record) => (Some(record), done.version),
            None => (loaded.state.record(), done.version),
        };
        let record = record.ok_or(AdminError::NotFound("webhook"))?;
        Ok(views::view(id, record, version, self.clock.now(tenant)))
    }
}
