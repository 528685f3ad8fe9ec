//! A sandbox's clock was advanced: look at once at everything of it that may be over now.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use grantor_bus::{Consumer, HandleError};
use grantor_contracts::{Message, platform::v1::StateSnapshot};
use grantor_eventsourcing::{Envelope, Timestamp};
use grantor_ports::{Clock, TenantView};
use grantor_store::{TaskChange, Write};
use tokio::sync::Notify;

use crate::TENANT_STATE;

/// Tells the job that follows the ends of things that some clock was moved.
#[derive(Default)]
pub struct Moved {
    written: AtomicBool,
    wake: Notify,
}

impl Moved {
    /// Returns when a clock was moved, and at once if one was since the last time.
    pub async fn wait(&self) {
        self.wake.notified().await;
    }
}

/// Follows the tenants' state records, and makes a service's tasks of one kind due when a clock moves.
pub struct SandboxClocks {
    name: &'static str,
    task: &'static str,
    clock: Arc<dyn Clock>,
    moved: Arc<Moved>,
}

impl SandboxClocks {
    /// A consumer of this name, for the tasks of this kind.
    pub fn new(name: &'static str, task: &'static str, clock: Arc<dyn Clock>, moved: Arc<Moved>) -> Self {
        Self { name, task, clock, moved }
    }
}

#[async_trait]
impl Consumer for SandboxClocks {
    fn name(&self) -> &'static str {
        self.name
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
        let due = TaskChange::AllDue { tenant: view.id, kind: self.task, due_at: self.clock.real() };
        Ok(Write { tasks: vec![due], ..Write::default() })
    }

    /// What was handled is committed by now.
    fn caught_up(&self, _: &str, _: Timestamp) {
        if self.moved.written.swap(false, Ordering::SeqCst) {
            self.moved.wake.notify_one();
        }
    }
}
