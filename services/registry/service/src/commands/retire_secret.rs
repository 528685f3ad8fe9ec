use std::sync::Arc;

use grantor_eventsourcing::Meta;
use grantor_ids::ClientKey;
use grantor_ports::{ClientView, TenantView};
use grantor_registry_domain::client::RetireSecret;

use super::Failure;
use crate::Registry;

impl Registry {
    /// Ends one of two live secrets at once.
    pub(crate) async fn retire(
        &self,
        tenant: &TenantView,
        key: ClientKey,
        secret_id: &str,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, Failure> {
        let command = RetireSecret { id: secret_id.to_owned(), now: self.clock.now(tenant.id) };
        self.change_on_client(tenant.id, key, meta, |client| RetireSecret::decide(client, &command)).await
    }
}
