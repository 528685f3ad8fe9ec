//! Sends again what did not arrive in some time: a page at a time, and if the process dies, the
//! next one goes on where it was.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use grantor_eventsourcing::Timestamp;
use grantor_ids::{TenantId, WebhookId};
use grantor_ports::{AdminError, EntropyExt, PortError};
use grantor_store::{Delivered, Delivery, DeliveryChange, DeliveryQuery, DueTask, NewTask, TaskChange, Write};
use serde::{Deserialize, Serialize};

use super::Deliveries;

const TASK: &str = "webhooks.recover";
/// Deliveries in one commit.
const PAGE: u32 = 200;
/// Who has claimed a task and says nothing for so long has died.
const CLAIM: TimeDelta = TimeDelta::seconds(60);
const PAUSE: Duration = Duration::from_millis(500);

/// What is left to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Recovery {
    endpoint: WebhookId,
    since: Timestamp,
    until: Timestamp,
    /// Only deliveries older than this row.
    before: Option<i64>,
}

impl Deliveries {
    /// Begins; answers how many deliveries the first page has.
    pub(super) async fn recover(
        &self,
        tenant: TenantId,
        endpoint: WebhookId,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<u64, AdminError> {
        self.known(tenant, endpoint).await?;
        if since >= until {
            return Err(AdminError::invalid("/until", "is not after `since`"));
        }
        let recovery = Recovery { endpoint, since, until, before: None };
        let count = self.page(tenant, recovery, None).await?;
        Ok(count)
    }

    /// Does what was begun, for ever.
    pub(crate) async fn go_on(self: Arc<Self>) {
        loop {
            let due = self.store.claim_tasks(TASK, self.clock.real(), CLAIM, 8).await.unwrap_or_default();
            if due.is_empty() {
                tokio::time::sleep(PAUSE).await;
            }
            for task in due {
                if let Err(cause) = self.task(&task).await {
                    tracing::warn!(%cause, "deliveries are to be made again, and cannot be read or written");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn task(&self, task: &DueTask) -> Result<(), PortError> {
        match serde_json::from_slice(&task.data) {
            Ok(recovery) => self.page(task.tenant, recovery, Some(task)).await.map(drop),
            Err(cause) => {
                tracing::error!(%cause, "a task cannot be read");
                self.write(Write { tasks: vec![TaskChange::Done(task.id)], ..Write::default() }).await
            }
        }
    }

    /// One page, and the task for the next, in one commit.
    async fn page(&self, tenant: TenantId, done: Recovery, task: Option<&DueTask>) -> Result<u64, PortError> {
        let query = DeliveryQuery {
            since: Some(done.since),
            until: Some(done.until),
            before: done.before,
            limit: PAGE,
            state: None,
        };
        let found = self.store.deliveries(done.endpoint.uuid(), query).await?;
        let now = self.clock.real();
        let missing = found.iter().filter(|delivery| delivery.state != Delivered::Arrived && delivery.tenant == tenant);
        let again = |delivery: &Delivery| DeliveryChange::Again { key: delivery.key, why: "recover", due_at: now };
        let deliveries: Vec<_> = missing.map(again).collect();
        let count = deliveries.len() as u64;
        let mut tasks: Vec<_> = task.iter().map(|task| TaskChange::Done(task.id)).collect();
        if let Some(last) = found.last().filter(|_| found.len() == PAGE as usize) {
            let next = Recovery { before: Some(last.seq), ..done.clone() };
            let data = serde_json::to_vec(&next).unwrap_or_default();
            tasks.push(TaskChange::Add(NewTask { id: self.entropy.uuid4(), tenant, kind: TASK, data, due_at: now }));
        }
        self.write(Write { deliveries, tasks, ..Write::default() }).await?;
        self.nudges.nudge(tenant, done.endpoint);
        Ok(count)
    }
}
