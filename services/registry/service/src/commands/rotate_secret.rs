use grantor_eventsourcing::Meta;
use grantor_ids::ClientKey;
use grantor_ports::{NewClientSecret, TenantView};
use grantor_registry_domain::client::RotateSecret;

use super::{Failure, FreshSecret};
use crate::Registry;

impl Registry {
    /// A second live secret, in clear for this one time.
    pub(crate) async fn rotate(
        &self,
        tenant: &TenantView,
        key: ClientKey,
        meta: &Meta,
    ) -> Result<NewClientSecret, Failure> {
        let FreshSecret { shown, kept } = self.fresh_secret(tenant, self.clock.now(tenant.id));
        let command = RotateSecret { secret: kept };
        self.change_on_client(tenant.id, key, meta, |client| RotateSecret::decide(client, &command)).await?;
        Ok(shown)
    }
}
