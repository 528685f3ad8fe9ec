//! A grant of the widget has ended: away with the accounts that it let see.

use std::sync::Arc;

use async_trait::async_trait;
use grantor_authorization_domain::Flow;
use grantor_bus::{Consumer, HandleError};
use grantor_contracts::{Message, token::v1::AuthorizationCreated};
use grantor_eventsourcing::Envelope;
use grantor_ids::FlowId;
use grantor_store::{OnTaken, RowChange, RowKey, Store, StoreError, Write};
use uuid::Uuid;

use crate::shared::{OF_GRANT, key};

const CREATED: &str = "oauth.authorization.created";
const ENDED: [&str; 2] = ["oauth.authorization.revoked", "oauth.authorization.expired"];

/// Follows the grants.
pub(crate) struct EndedGrants {
    store: Store,
}

impl EndedGrants {
    pub fn new(store: Store) -> Arc<Self> {
        Arc::new(Self { store })
    }

    /// Remembers of which flow a grant is, where it is of one: a flow stands where a login's session
    /// would.
    async fn created(&self, event: &Envelope) -> Result<Write, HandleError> {
        let created = AuthorizationCreated::decode(event.payload.clone())
            .map_err(|cause| HandleError::Poison(format!("not a grant: {cause}")))?;
        let Ok(session) = Uuid::from_slice(&created.session_id) else { return Ok(Write::default()) };
        let flow = self.store.load::<Flow>(event.tenant, session).await.map_err(again)?;
        if flow.state == Flow::Unknown {
            return Ok(Write::default());
        }
        let row = RowChange::Insert {
            key: of_grant(event),
            aggregate: None,
            data: session.as_bytes().to_vec(),
            expires_at: None,
            on_taken: OnTaken::Keep,
        };
        Ok(Write { rows: vec![row], ..Write::default() })
    }

    async fn ended(&self, event: &Envelope) -> Result<Write, HandleError> {
        let row = self.store.row(event.tenant, OF_GRANT, event.aggregate_id.as_bytes()).await.map_err(again)?;
        let Some(flow) = row.and_then(|row| Uuid::from_slice(&row.data).ok()) else { return Ok(Write::default()) };
        let gone = [key(event.tenant, FlowId::from_uuid(flow)), of_grant(event)];
        let rows = gone.map(|key| RowChange::Delete { key, expected: None }).into();
        Ok(Write { rows, ..Write::default() })
    }
}

fn again(cause: StoreError) -> HandleError {
    HandleError::Again(cause.to_string())
}

fn of_grant(event: &Envelope) -> RowKey {
    RowKey::new(event.tenant, OF_GRANT, *event.aggregate_id.as_bytes())
}

#[async_trait]
impl Consumer for EndedGrants {
    fn name(&self) -> &'static str {
        "authorization.ended_grants"
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == CREATED || ENDED.contains(&event_type)
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        if event.event_type == CREATED { self.created(event).await } else { self.ended(event).await }
    }
}
