//! Writes down which flows nobody finished.

use std::time::Duration;

use chrono::TimeDelta;
use grantor_authorization_domain::{EndFlow, Flow, FlowOver};
use grantor_eventsourcing::{Actor, Meta};
use grantor_ids::FlowId;
use grantor_ports::PortError;
use grantor_store::{DueTask, TaskChange, Write, not_written};
use uuid::Uuid;

use super::end_flow::Along;
use crate::Authorization;

/// Task kind: see whether a flow is over.
pub(crate) const EXPIRE: &str = "expire_flow";
/// Flows per look.
const BATCH: u32 = 128;
/// Between two looks.
const PAUSE: Duration = Duration::from_secs(15);

impl Authorization {
    /// Follows the flows' ends for ever.
    pub(crate) async fn follow_flows(&self) {
        loop {
            if let Err(cause) = self.expire_flows().await {
                tracing::warn!(%cause, "flows could not be expired");
            }
            // Whichever comes first: the next look, or a sandbox whose clock was advanced.
            let _ = tokio::time::timeout(PAUSE, self.moved.wait()).await;
        }
    }

    async fn expire_flows(&self) -> Result<(), PortError> {
        for task in self.store.due_tasks(EXPIRE, self.clock.real(), BATCH).await? {
            self.expire_flow(&task).await?;
        }
        Ok(())
    }

    async fn expire_flow(&self, task: &DueTask) -> Result<(), PortError> {
        let Ok(id) = Uuid::from_slice(&task.data) else { return self.move_task(TaskChange::Done(task.id)).await };
        let meta = Meta::by(Actor::System);
        let flow = FlowId::from_uuid(id);
        let along = Along { task: Some(task.id), shared: None };
        let ended = self.end_flow(task.tenant, flow, EndFlow::Expire, along, &meta).await?;
        if ended != Err(FlowOver::StillOpen) {
            return Ok(());
        }
        // The tenant's clock is behind the real one.
        let loaded = self.store.load::<Flow>(task.tenant, id).await?;
        let left = loaded.state.terms().map(|terms| terms.expires_at - self.clock.now(task.tenant));
        let wait = left.unwrap_or_default().clamp(TimeDelta::seconds(15), TimeDelta::days(1));
        self.move_task(TaskChange::Later(task.id, self.clock.real() + wait)).await
    }

    async fn move_task(&self, task: TaskChange) -> Result<(), PortError> {
        let write = Write { tasks: vec![task], ..Write::default() };
        self.store.commit(write).await.map(drop).map_err(not_written)
    }
}
