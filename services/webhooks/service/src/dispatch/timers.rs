//! When to look at lanes again.

use std::collections::BTreeSet;

use grantor_eventsourcing::Timestamp;
use grantor_ids::WebhookId;

/// One timer per lane, which keeps when it is.
#[derive(Default)]
pub(super) struct Timers(BTreeSet<(Timestamp, WebhookId)>);

impl Timers {
    /// Of two the earlier one counts; `known` is the lane's own.
    pub fn set(&mut self, endpoint: WebhookId, known: &mut Option<Timestamp>, at: Timestamp) {
        if known.is_some_and(|known| known <= at) {
            return;
        }
        if let Some(known) = known.replace(at) {
            self.0.remove(&(known, endpoint));
        }
        self.0.insert((at, endpoint));
    }

    /// Whose time has come; the timer is gone.
    pub fn due(&mut self, now: Timestamp) -> Option<WebhookId> {
        let first = self.0.first().copied().filter(|(at, _)| *at <= now)?;
        self.0.remove(&first);
        Some(first.1)
    }

    /// When the first one is.
    pub fn first(&self) -> Option<Timestamp> {
        self.0.first().map(|(at, _)| *at)
    }

    /// Of which lanes there are any.
    pub fn lanes(&self) -> Vec<WebhookId> {
        self.0.iter().map(|(_, endpoint)| *endpoint).collect()
    }
}
