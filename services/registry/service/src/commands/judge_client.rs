use std::sync::Arc;

use grantor_eventsourcing::Meta;
use grantor_ids::ClientKey;
use grantor_ports::{ClientView, TenantView};
use grantor_registry_domain::client::{ApproveClient, RejectClient, RestoreClient, SuspendClient};

use super::{Failure, Offer, limits_of, reviewed};
use crate::Registry;

impl Registry {
    /// Pending → approved. Of many approvals at once one is the event; the others find it done.
    pub(crate) async fn approve(
        &self,
        tenant: &TenantView,
        key: ClientKey,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, Failure> {
        let offer = Offer::of(tenant);
        self.change_on_client(tenant.id, key, meta, |client| {
            let limits = limits_of(&offer, client, reviewed(client));
            ApproveClient::decide(client, &ApproveClient { limits })
        })
        .await
    }

    /// Pending → rejected.
    pub(crate) async fn reject(
        &self,
        tenant: &TenantView,
        key: ClientKey,
        reason: String,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, Failure> {
        let command = RejectClient { reason };
        self.change_on_client(tenant.id, key, meta, |client| RejectClient::decide(client, &command)).await
    }

    /// Approved → suspended.
    pub(crate) async fn suspend(
        &self,
        tenant: &TenantView,
        key: ClientKey,
        reason: String,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, Failure> {
        let command = SuspendClient { reason };
        self.change_on_client(tenant.id, key, meta, |client| SuspendClient::decide(client, &command)).await
    }

    /// Suspended → approved.
    pub(crate) async fn restore(
        &self,
        tenant: &TenantView,
        key: ClientKey,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, Failure> {
        self.change_on_client(tenant.id, key, meta, |client| RestoreClient::decide(client, &RestoreClient)).await
    }
}
