//! What a fleet's events have partners be told, and what they were.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use grantor_ids::{EventId, TenantId};
use grantor_webhooks_domain::message_id;
use uuid::Uuid;

use crate::{Calls, Due, Fleet, files::events, judge_calls::repeated};

/// Who has not been told by then never is.
const TOLD_WITHIN: Duration = Duration::from_secs(120);
/// Those whose events partners are told of.
const TELL: [&str; 3] = ["registry", "directory", "token"];

impl Fleet {
    /// What webhooks have to tell of all that has happened so far, by the logs.
    pub fn due(&self) -> Vec<Due> {
        let hooks = self.hooks();
        let tenant = hooks.tenant();
        let text = format!(
            "SELECT event_id, event_type, (extract(epoch FROM occurred_at) * 1000)::bigint FROM es_event \
             WHERE tenant_id = '{}'",
            tenant.uuid()
        );
        let ask = |service: &str| {
            if self.is_on_files() { events(&self.data(), service, tenant.uuid()) } else { self.sql(service, &text) }
        };
        let due = |row: String| {
            let [id, event, at] = row.split('|').collect::<Vec<_>>()[..] else { panic!("{row}") };
            let id = EventId::from_uuid(Uuid::parse_str(id).expect("an id"));
            let to = hooks.hears(event, at.parse().expect("a time"))?;
            Some(Due { to, id: message_id(tenant, id).to_string(), event: event.to_owned() })
        };
        TELL.into_iter().flat_map(ask).filter_map(due).chain(hooks.tests().iter().cloned()).collect()
    }

    /// Waits until partners have been told of all that has happened so far, two minutes at most; what they
    /// were told, and how long that took. Who has not been told by then is for the judge.
    pub async fn told(&mut self) -> (Calls, Duration) {
        let (started, due) = (Instant::now(), self.due());
        let mut missing: HashSet<_> = due.iter().map(|due| (due.to, due.id.clone())).collect();
        let mut looked_at = 0;
        let arrived = loop {
            let arrived = self.hooks_mut().arrived().await;
            for call in &arrived[looked_at..] {
                missing.remove(&(call.to, call.id.clone()));
            }
            looked_at = arrived.len();
            if missing.is_empty() || started.elapsed() > TOLD_WITHIN {
                break arrived.to_vec();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        let took = started.elapsed();
        (Calls { due, happened: self.due(), arrived }, took)
    }

    /// How many calls have come so far.
    pub async fn calls(&mut self) -> usize {
        self.hooks_mut().arrived().await.len()
    }

    /// How many of these had come before.
    pub async fn repeated_calls(&mut self) -> usize {
        repeated(self.hooks_mut().arrived().await)
    }

    /// The tenant whose partners are called.
    pub fn tenant(&self) -> TenantId {
        self.hooks().tenant()
    }

    /// Gives the client's endpoint so long a log that to recover it is a task.
    pub async fn fill_log(&mut self) {
        let partner = self.partner();
        self.hooks_mut().test(&partner).await;
    }
}
