use std::sync::Arc;

use grantor_eventsourcing::Meta;
use grantor_ids::ClientKey;
use grantor_ports::{ClientView, TenantView};
use grantor_profile::Onboarding;
use grantor_registry_domain::client::SubmitClient;

use super::Failure;
use crate::Registry;

impl Registry {
    /// Asks for approval of a draft or rejected client.
    pub(crate) async fn submit(
        &self,
        tenant: &TenantView,
        key: ClientKey,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, Failure> {
        let approved_at_once = tenant.profile.clients.onboarding == Onboarding::SelfService;
        let command = SubmitClient { approved_at_once };
        self.change_on_client(tenant.id, key, meta, |client| SubmitClient::decide(client, &command)).await
    }
}
