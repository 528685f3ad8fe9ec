use std::sync::Arc;

use grantor_eventsourcing::Meta;
use grantor_ids::TenantId;
use grantor_ports::{AdminError, ClientCommand, ClientView};

use crate::Console;

impl Console {
    /// Stops a client and ends its grants. The client is stopped first; when its grants cannot be
    /// ended then, the operator hears of it and may suspend it again.
    pub(crate) async fn suspend_client(
        &self,
        tenant: TenantId,
        client: &ClientView,
        reason: String,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, AdminError> {
        let command = ClientCommand::Suspend { reason };
        let client = self.registry_admin.command_client(tenant, &client.client_id, command, meta).await?;
        self.token_admin.revoke_client_grants(tenant, client.key, meta).await?;
        Ok(client)
    }
}
