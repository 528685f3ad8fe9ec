use grantor_eventsourcing::Meta;
use grantor_ids::{AccountId, TenantId};
use grantor_ports::{GrantSelector, PortError, RevokeReason};

use crate::{Token, readmodel::Owner};

impl Token {
    /// A platform lets one of its accounts go: every grant of it ends. `false` when there was
    /// none.
    pub(crate) async fn disconnect_account(
        &self,
        tenant: TenantId,
        client_id: &str,
        account: AccountId,
        meta: &Meta,
    ) -> Result<bool, PortError> {
        let mut ended = 0;
        for grant in self.live_grants(tenant, Owner::Client(client_id)).await? {
            if grant.account == Some(account) {
                ended +=
                    self.revoke_grants(tenant, GrantSelector::Grant(grant.id), RevokeReason::Platform, meta).await?;
            }
        }
        Ok(ended > 0)
    }
}
