use grantor_eventsourcing::Meta;
use grantor_ids::{ClientKey, TenantId};
use grantor_registry_domain::client::DeleteClient;

use super::Failure;
use crate::{Registry, rows};

impl Registry {
    /// Takes a client away for ever; its `client_id` is never used again.
    pub(crate) async fn delete(&self, tenant: TenantId, key: ClientKey, meta: &Meta) -> Result<(), Failure> {
        self.on_client(
            tenant,
            key,
            meta,
            |client| DeleteClient::decide(client, &DeleteClient),
            |client| {
                let developer = client.record().and_then(|record| record.contact);
                developer.map(|user| rows::no_more_of(tenant, key, user)).into_iter().collect()
            },
        )
        .await?;
        Ok(())
    }
}
