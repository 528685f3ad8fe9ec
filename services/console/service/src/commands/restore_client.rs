use std::sync::Arc;

use grantor_eventsourcing::Meta;
use grantor_ids::TenantId;
use grantor_ports::{AdminError, ClientCommand, ClientState, ClientView};

use crate::Console;

impl Console {
    /// Lets a suspended client be used again. What it got while the news of its suspension was under
    /// way ends before it may act again (C11).
    pub(crate) async fn restore_client(
        &self,
        tenant: TenantId,
        client: &ClientView,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, AdminError> {
        if matches!(client.state, ClientState::Suspended { .. }) {
            self.token_admin.revoke_client_grants(tenant, client.key, meta).await?;
        }
        self.registry_admin.command_client(tenant, &client.client_id, ClientCommand::Restore, meta).await
    }
}
