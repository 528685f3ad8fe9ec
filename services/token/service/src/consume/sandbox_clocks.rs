//! A sandbox's clock was advanced: look at all its grants again, as many may be over now.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use grantor_bus::{Consumer, HandleError};
use grantor_contracts::{Message, platform::v1::StateSnapshot};
use grantor_copies::TENANT_STATE;
use grantor_eventsourcing::{Envelope, Timestamp};
use grantor_ports::{Clock, TenantView};
use grantor_store::{TaskChange, Write};
use tokio::sync::Notify;

use crate::commands::EXPIRE;

/// Tells the job that follows grants' ends that some clock was moved.
#[derive(Default)]
pub(crate) struct Moved {
    written: AtomicBool,
    wake: Notify,
}

impl Moved {
    /// Returns when a clock was moved, and at once if one was since the last time.
    pub async fn wait(&self) {
        self.wake.notified().await;
    }
}

/// Follows the tenants' state records.
pub(crate) struct SandboxClocks {
    clock: Arc<dyn Clock>,
    moved: Arc<Moved>,
}

impl SandboxClocks {
    pub fn new(clock: Arc<dyn Clock>, moved: Arc<Moved>) -> Self {
        Self { clock, moved }
    }
}

#[async_trait]
impl Consumer for SandboxClocks {
    fn name(&self) -> &'static str {
        "token.sandbox_clocks"
    }

    fn wants(&self, event_type: &str) -> bool {
        event_type == TENANT_STATE
    }

    async fn handle(&self, event: &Envelope) -> Result<Write, HandleError> {
        let snapshot = StateSnapshot::decode(event.payload.clone())
            .map_err(|cause| HandleError::Poison(format!("not a state record: {cause}")))?;
        let view: TenantView = serde_json::from_slice(&snapshot.view)
            .map_err(|cause| HandleError::Poison(format!("not a tenant: {cause}")))?;
        if view.clock_ahead_ms == 0 {
            return Ok(Write::default());
        }
        // The job asks this clock: it has to know before the work is due.
        view.tell(self.clock.as_ref());
        self.moved.written.store(true, Ordering::SeqCst);
        let due = TaskChange::AllDue { tenant: view.id, kind: EXPIRE, due_at: self.clock.real() };
        Ok(Write { tasks: vec![due], ..Write::default() })
    }

    /// What was handled is committed by now.
    fn caught_up(&self, _: &str, _: Timestamp) {
        if self.moved.written.swap(false, Ordering::SeqCst) {
            self.moved.wake.notify_one();
        }
    }
}
