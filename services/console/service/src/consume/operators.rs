use async_trait::async_trait;
use grantor_bus::{Consumer, HandleError};
use grantor_console_domain::Operator;
use grantor_eventsourcing::{AggregateType, Envelope, Timestamp};
use grantor_ids::OperatorId;
use grantor_store::{ListChange, Store, Write};
use serde::{Deserialize, Serialize};

use crate::publish::EVENT_TYPES;

/// Names the reader's cursor.
pub(crate) const READER: &str = "console.operators";
/// The list of operators, oldest first.
pub(crate) const OPERATORS: &str = "operators";

/// An operator as the others see it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct OperatorItem {
    pub id: OperatorId,
    pub name: String,
    pub state: String,
    pub created_at: Timestamp,
}

/// What others see; `None` before the first event.
pub(crate) fn item(id: OperatorId, operator: &Operator) -> Option<OperatorItem> {
    let record = operator.record()?;
    let state = if operator.is_active() { "active" } else { "disabled" };
    Some(OperatorItem { id, name: record.name.clone(), state: state.to_owned(), created_at: record.created_at })
}

/// Keeps the list of operators.
pub(crate) struct Operators {
    store: Store,
}

impl Operators {
    pub fn new(store: Store) -> Self {
        Self { store }
    }
}

#[async_trait]
impl Consumer for Operators {
    fn name(&self) -> &'static str {
        READER
    }

    fn wants(&self, event_type: &str) -> bool {
        EVENT_TYPES.contains(&event_type)
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        if event.aggregate_type != AggregateType::Operator {
            return Ok(Write::default());
        }
        let loaded = self.store.load::<Operator>(event.tenant, event.aggregate_id).await;
        let loaded = loaded.map_err(|cause| HandleError::Again(cause.to_string()))?;
        let id = OperatorId::from_uuid(event.aggregate_id);
        let Some(item) = item(id, &loaded.state) else { return Ok(Write::default()) };
        let put = ListChange::Put {
            tenant: event.tenant,
            list: OPERATORS,
            owner: String::new(),
            sort: format!("{:016x}", item.created_at.timestamp_millis().max(0)),
            id: id.to_string(),
            // What is written is the state as of now, which may be ahead of this event.
            version: loaded.version,
            data: serde_json::to_vec(&item).map_err(|cause| HandleError::Poison(cause.to_string()))?,
        };
        Ok(Write { lists: vec![put], ..Write::default() })
    }
}
