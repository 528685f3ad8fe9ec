use grantor_ids::{FlowId, TenantId};
use grantor_ports::{PortError, SharedAccounts};
use grantor_store::{OnTaken, RowChange, RowKey};

use crate::{Authorization, flow::FlowWork};

/// Flow id → [`SharedAccounts`], sealed: what a grant's tokens let see. Gone when the grant ends.
pub(crate) const KIND: &str = "flow_accounts";
/// Grant id → flow id, to find them by then.
pub(crate) const OF_GRANT: &str = "flow_of_grant";

pub(crate) fn key(tenant: TenantId, flow: FlowId) -> RowKey {
    RowKey::new(tenant, KIND, *flow.uuid().as_bytes())
}

/// The row of what was chosen in a flow.
pub(crate) fn kept(tenant: TenantId, flow: FlowId, data: Vec<u8>) -> RowChange {
    let key = key(tenant, flow);
    RowChange::Insert { key, aggregate: None, data, expires_at: None, on_taken: OnTaken::Keep }
}

impl Authorization {
    /// What was chosen, sealed.
    pub(crate) async fn sealed_choice(
        &self,
        tenant: TenantId,
        flow: FlowId,
        work: &FlowWork,
    ) -> Result<Vec<u8>, PortError> {
        let shared = SharedAccounts {
            bank: work.bank.as_ref().map(|bank| bank.name.clone()).unwrap_or_default(),
            accounts: work.shared().into_iter().cloned().collect(),
        };
        self.keys.seal(tenant, KIND, flow.uuid().as_bytes(), &shared).await
    }

    /// What was chosen in a flow, as long as it is there.
    pub(crate) async fn choice(&self, tenant: TenantId, flow: FlowId) -> Result<Option<SharedAccounts>, PortError> {
        let Some(row) = self.store.row(tenant, KIND, flow.uuid().as_bytes()).await? else { return Ok(None) };
        self.keys.open(tenant, KIND, flow.uuid().as_bytes(), &row.data).await.map(Some)
    }
}
