use std::sync::Arc;

use async_trait::async_trait;
use grantor_bus::{Consumer, HandleError};
use grantor_contracts::{Message, platform::v1::StateSnapshot};
use grantor_eventsourcing::{Envelope, Timestamp};
use grantor_ports::{Clock, TenantView};
use grantor_store::{CopyChange, Write};

use crate::{
    CLIENT_STATE, Freshness, TENANT_STATE, USER_STATE,
    copies::{AUTHORITY, CLIENT, EVERYWHERE, SLUG, TENANT, USER},
};

/// Keeps the copies of one service up to date.
pub struct CopyConsumer {
    clock: Arc<dyn Clock>,
    freshness: Arc<Freshness>,
}

impl CopyConsumer {
    pub(crate) fn new(clock: Arc<dyn Clock>, freshness: Arc<Freshness>) -> Self {
        Self { clock, freshness }
    }
}

#[async_trait]
impl Consumer for CopyConsumer {
    fn name(&self) -> &'static str {
        "copies"
    }

    fn wants(&self, event_type: &str) -> bool {
        matches!(event_type, TENANT_STATE | CLIENT_STATE | USER_STATE)
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        let snapshot = StateSnapshot::decode(event.payload.clone())
            .map_err(|cause| HandleError::Poison(format!("not a state record: {cause}")))?;
        let (tenant, version) = (event.tenant, snapshot.version);
        let data = (!snapshot.view.is_empty()).then_some(snapshot.view);
        let mut copies = Vec::new();
        let kind = match event.event_type.as_str() {
            TENANT_STATE => {
                if let Some(view) = &data {
                    let view: TenantView = serde_json::from_slice(view)
                        .map_err(|cause| HandleError::Poison(format!("not a tenant: {cause}")))?;
                    view.tell(self.clock.as_ref());
                    copies.extend(tenant_keys(&view));
                }
                TENANT
            }
            CLIENT_STATE => CLIENT,
            _ => USER,
        };
        copies.push(CopyChange { tenant, kind, key: snapshot.key, version, data });
        Ok(Write { copies, ..Write::default() })
    }

    fn caught_up(&self, source: &str, at: Timestamp) {
        self.freshness.mark(source, at);
    }
}

/// The keys a tenant is found by: its slug and its authorities.
pub(crate) fn tenant_keys(view: &TenantView) -> Vec<CopyChange> {
    let id = view.id.to_string().into_bytes();
    let change =
        |kind, key: String| CopyChange { tenant: EVERYWHERE, kind, key, version: view.version, data: Some(id.clone()) };
    let mut keys = vec![change(SLUG, view.slug.clone())];
    keys.extend(view.authorities.iter().map(|at| change(AUTHORITY, at.authority.clone())));
    keys
}
