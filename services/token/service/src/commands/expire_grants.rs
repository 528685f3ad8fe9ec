//! Writes down what time has ended, so that a grant's stream and its list entry end too.

use std::time::Duration;

use chrono::TimeDelta;
use futures_util::{StreamExt, TryStreamExt, stream};
use grantor_eventsourcing::{Actor, Meta, Timestamp};
use grantor_ports::{ClientView, PortError, Registry, TenantKind, TenantView};
use grantor_store::{DueTask, Step, TaskChange, Write, not_written};
use grantor_token_domain::grant::{Grant, NotOver, expire};
use uuid::Uuid;

use super::inspect_token::refresh_end;
use crate::{Token, publish::GrantCodec};

/// Task kind: see whether a grant is over.
pub(crate) const EXPIRE: &str = "expire_grant";
/// Grants per look.
const BATCH: u32 = 256;
/// Of those, so many at once: they share commits.
const TOGETHER: usize = 32;
/// For so long nobody else looks at them.
const LEASE: TimeDelta = TimeDelta::minutes(2);
/// Between two looks; a full batch waits less, so that a backlog drains without a rush.
const PAUSE: Duration = Duration::from_secs(30);
const SHORT_PAUSE: Duration = Duration::from_millis(100);

impl Token {
    /// Follows the grants' ends for ever.
    pub(crate) async fn follow_expiries(&self) {
        loop {
            let pause = match self.expire_due().await {
                Ok(done) if done == BATCH => SHORT_PAUSE,
                Ok(_) => PAUSE,
                Err(cause) => {
                    tracing::warn!(%cause, "grants could not be expired");
                    PAUSE
                }
            };
            // Whichever comes first: the next look, or a sandbox whose clock was advanced.
            let _ = tokio::time::timeout(pause, self.moved.wait()).await;
        }
    }

    /// Ends the grants that are over; answers at how many it looked.
    pub(crate) async fn expire_due(&self) -> Result<u32, PortError> {
        let due = self.store.claim_tasks(EXPIRE, self.clock.real(), LEASE, BATCH).await?;
        let looked_at = u32::try_from(due.len()).unwrap_or(BATCH);
        let each = stream::iter(due).map(|task| self.expire_one(task)).buffer_unordered(TOGETHER);
        each.try_collect::<()>().await?;
        Ok(looked_at)
    }

    async fn expire_one(&self, task: DueTask) -> Result<(), PortError> {
        let done = || TaskChange::Done(task.id);
        let (Ok(grant), Some(tenant)) = (Uuid::from_slice(&task.data), self.copies.tenant(task.tenant).await?) else {
            return self.finish(done()).await;
        };
        let loaded = self.store.load::<Grant>(task.tenant, grant).await?;
        let (now, real) = (self.clock.now(task.tenant), self.clock.real());
        let client = match loaded.state.approval() {
            Some(approval) => self.copies.client(task.tenant, &approval.client_id).await?,
            None => None,
        };
        // What never ends needs nobody who looks.
        let end = end_of(&loaded.state, &tenant, client.as_deref()).filter(|end| *end != Timestamp::MAX_UTC);
        let Some(end) = end else { return self.finish(done()).await };
        if now < end {
            // Another process may advance a sandbox just now: do not leave it alone for long.
            let longest = if tenant.kind == TenantKind::Sandbox { TimeDelta::hours(1) } else { TimeDelta::days(1) };
            let again = real + (end - now).min(longest).max(TimeDelta::minutes(1));
            return self.finish(TaskChange::Later(task.id, again)).await;
        }
        let meta = Meta::by(Actor::System);
        let execute = self.store.execute::<GrantCodec, (), NotOver>(task.tenant, grant, &meta, now, |loaded| {
            Step::from(expire(&loaded.state, end, now)).tasks([done()])
        });
        execute.await.map(drop).map_err(not_written)
    }

    async fn finish(&self, task: TaskChange) -> Result<(), PortError> {
        let write = Write { tasks: vec![task], ..Write::default() };
        self.store.commit(write).await.map(drop).map_err(not_written)
    }
}

fn end_of(grant: &Grant, tenant: &TenantView, client: Option<&ClientView>) -> Option<Timestamp> {
    let own = client.and_then(|client| client.lifetimes.user_access);
    let access = |from: Timestamp| super::end_of(from, own.or(Some(tenant.profile.access_tokens.ttl_seconds)));
    match grant {
        Grant::Issued { approval, .. } => Some(approval.code_expires_at),
        Grant::Redeemed { at, family: None, .. } => Some(access(*at)),
        Grant::Redeemed { at, family: Some(family), .. } => {
            let used_at = family.used_at.unwrap_or(*at);
            Some(refresh_end(tenant, client, *at, used_at).max(access(used_at)))
        }
        Grant::Unknown | Grant::Ended { .. } => None,
    }
}
