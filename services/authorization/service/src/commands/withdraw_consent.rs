use grantor_authorization_domain::{WithdrawConsent, consent_id, withdraw_consent};
use grantor_eventsourcing::Meta;
use grantor_ids::{ClientKey, TenantId, UserId};
use grantor_ports::{GrantSelector, PortError, RevokeReason};
use grantor_store::{Step, not_written};

use crate::{Authorization, publish::ConsentCodec};

impl Authorization {
    /// Takes back what a user gave a client: the consent first, so that no new grant can come
    /// while the old ones end. Doing it again finishes what was left undone.
    pub(crate) async fn withdraw_consent(
        &self,
        tenant: TenantId,
        user: UserId,
        client: ClientKey,
        meta: &Meta,
    ) -> Result<(), PortError> {
        let (id, now) = (consent_id(user, client), self.clock.now(tenant));
        let done = self.store.execute::<ConsentCodec, _, _>(tenant, id.uuid(), meta, now, |loaded| {
            Step::from(withdraw_consent(&loaded.state, &WithdrawConsent))
        });
        done.await.map_err(not_written)?;
        let which = GrantSelector::UserAndClient(user, client);
        self.tokens.revoke(tenant, which, RevokeReason::ConsentWithdrawn, meta).await.map(drop)
    }
}
