use async_trait::async_trait;
use grantor_eventsourcing::Timestamp;
use grantor_ids::{FlowId, TenantId};
use serde::{Deserialize, Serialize};

use crate::PortError;

/// A flow of the widget, as operators see it: no account and nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowView {
    /// Its id; on the wire a bare UUID.
    pub id: FlowId,
    /// Who asked for it.
    pub client_id: String,
    /// `one_time` or `ongoing`.
    pub kind: String,
    /// `open`, `completed`, `cancelled`, `failed` or `expired`.
    pub state: String,
    /// Why it failed.
    pub reason: Option<String>,
    /// The widget's language.
    pub language: String,
    /// Days of transaction history.
    pub sync_period: u16,
    /// The latest end.
    pub expires_at: Timestamp,
}

/// What became of a flow.
#[async_trait]
pub trait Flows: Send + Sync + 'static {
    /// The flow with this id; `None` when there is none.
    async fn flow(&self, tenant: TenantId, id: FlowId) -> Result<Option<FlowView>, PortError>;
}
