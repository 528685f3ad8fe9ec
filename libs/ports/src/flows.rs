use async_trait::async_trait;
use grantor_eventsourcing::Timestamp;
use grantor_ids::{FlowId, TenantId};
use serde::{Deserialize, Serialize};

use crate::{BankAccount, PortError};

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

/// The accounts that a person chose in the widget. Personal, so it does not print.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedAccounts {
    /// The bank's name.
    pub bank: String,
    /// In the order that the bank has them; of a card's number the last digits only.
    pub accounts: Vec<BankAccount>,
}

impl std::fmt::Debug for SharedAccounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SharedAccounts(..)")
    }
}

/// What became of a flow.
#[async_trait]
pub trait Flows: Send + Sync + 'static {
    /// The flow with this id; `None` when there is none.
    async fn flow(&self, tenant: TenantId, id: FlowId) -> Result<Option<FlowView>, PortError>;
    /// The accounts that were chosen in it; `None` when it did not end so, or when what was granted
    /// has ended.
    async fn shared_accounts(&self, tenant: TenantId, id: FlowId) -> Result<Option<SharedAccounts>, PortError>;
}
