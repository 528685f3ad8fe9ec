//! Which grants a user gave. The list only says where to look: whether a grant lives is read
//! from its state.

use async_trait::async_trait;
use grantor_bus::{Consumer, HandleError};
use grantor_eventsourcing::{Codec, Envelope};
use grantor_ids::{GrantId, TenantId, UserId};
use grantor_ports::PortError;
use grantor_store::{ListChange, Log, Store, Write};
use grantor_token_domain::grant::GrantEvent;
use serde::{Deserialize, Serialize};

use crate::{
    NAME,
    publish::{CREATED, EXPIRED, GrantCodec, OPENED, REVOKED},
};

const LIST: &str = "grants";
const CONSUMER: &str = "grants";
const PAGE: u32 = 200;

/// One grant of a user.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Listed {
    /// Its id.
    pub id: GrantId,
}

/// Keeps the list.
pub struct GrantList;

#[async_trait]
impl Consumer for GrantList {
    fn name(&self) -> &'static str {
        CONSUMER
    }

    fn wants(&self, event_type: &str) -> bool {
        matches!(event_type, CREATED | OPENED | REVOKED | EXPIRED)
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        let poison = |cause: &dyn std::fmt::Display| HandleError::Poison(cause.to_string());
        let id = GrantId::from_uuid(event.aggregate_id);
        let change = match GrantCodec::decode(event).map_err(|cause| poison(&cause))? {
            GrantEvent::Created(approval) | GrantEvent::Opened { approval, .. } => ListChange::Put {
                tenant: event.tenant,
                list: LIST,
                owner: approval.user.to_string(),
                sort: format!("{:020}", approval.created_at.timestamp_millis()),
                id: id.to_string(),
                version: event.version,
                data: serde_json::to_vec(&Listed { id }).map_err(|cause| poison(&cause))?,
            },
            _ => ListChange::Remove { tenant: event.tenant, list: LIST, id: id.to_string() },
        };
        Ok(Write { lists: vec![change], ..Write::default() })
    }
}

/// The grants of a user that may still live, those included that were made a moment ago.
pub(crate) async fn grants_of(store: &Store, tenant: TenantId, user: UserId) -> Result<Vec<Listed>, PortError> {
    // A list that lags is still a list: the not-before rows do not depend on it.
    store.wait_until_read(CONSUMER, NAME, Log::Events).await;
    let (mut found, mut after): (Vec<Listed>, Option<String>) = (Vec::new(), None);
    loop {
        let page = store.list(tenant, LIST, &user.to_string(), after.as_deref(), PAGE).await?;
        let full = page.len() == PAGE as usize;
        after = page.last().map(|(_, cursor)| cursor.clone());
        found.extend(page.iter().filter_map(|(data, _)| serde_json::from_slice::<Listed>(data).ok()));
        if !full {
            return Ok(found);
        }
    }
}
