//! One step: what is new is taken up, rows that are needed are read, calls begin.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use chrono::TimeDelta;
use futures_util::future::join_all;
use grantor_eventsourcing::Timestamp;
use grantor_store::{Delivery, Message, StoreError};
use grantor_webhooks_domain::Health;
use uuid::Uuid;

use super::{
    health_of,
    lanes::{Load, Loaded, Next},
    schedule::{Dispatcher, Ended, Turn},
    sender::{Finished, What},
};

/// New rows per read.
const PAGE: u32 = 1000;
/// Longer than any delivery waits.
const EVER: TimeDelta = TimeDelta::days(3650);

impl Dispatcher {
    /// Sends all that may be sent; answers when the next may be.
    pub(super) async fn step(&self, turn: &mut Turn) -> Result<Option<Timestamp>, StoreError> {
        for (tenant, endpoint) in self.nudges.take() {
            turn.lanes.touch(tenant, endpoint);
        }
        while turn.look {
            let found = self.store.newer_deliveries(turn.newest, PAGE).await?;
            turn.look = found.len() == PAGE as usize;
            let now = self.clock.real();
            for delivery in found {
                turn.newest = delivery.seq;
                turn.lanes.offer(delivery, now);
            }
        }
        loop {
            let now = self.clock.real();
            let (mut loads, mut deliveries) = (Vec::new(), Vec::new());
            let next = loop {
                match turn.lanes.next(now) {
                    Next::Load(load) => loads.push(load),
                    Next::Send(delivery) => deliveries.push(*delivery),
                    Next::Nothing(next) => break next,
                }
            };
            self.launch(turn, deliveries).await;
            if loads.is_empty() {
                return Ok(next);
            }
            let read = join_all(loads.iter().map(|load| self.load(*load, now))).await;
            let mut failed = None;
            for (load, read) in loads.into_iter().zip(read) {
                match read {
                    Ok(read) => turn.lanes.loaded(load, read),
                    Err(cause) => {
                        turn.lanes.touch(load.tenant, load.endpoint);
                        failed = Some(cause);
                    }
                }
            }
            if let Some(cause) = failed {
                return Err(cause);
            }
        }
    }

    async fn load(&self, load: Load, now: Timestamp) -> Result<Loaded, StoreError> {
        let Load { tenant, endpoint, limit, .. } = load;
        let health = if load.health { Some(health_of(&self.store, tenant, endpoint).await?) } else { None };
        let (rate, not_before) = match self.sender.callables.get(tenant, endpoint).await {
            Ok(callable) => (callable.and_then(|callable| callable.rate), None),
            Err(cause) => {
                tracing::warn!(%cause, "what is to be known of an endpoint cannot be read");
                (None, Some(now + TimeDelta::seconds(1)))
            }
        };
        if limit == 0 {
            return Ok(Loaded { rate, not_before, ..Loaded::default() });
        }
        // A probe goes with the oldest that there is, due or not.
        let due = if load.probe { now + EVER } else { now };
        let untried_since = health.as_ref().map_or(load.untried_since, Health::untried_since);
        let (rows, next_due) = self.store.due_deliveries(endpoint.uuid(), due, untried_since, limit).await?;
        Ok(Loaded { health, rate, rows, next_due, not_before })
    }

    /// Calls begin; their messages are read together.
    async fn launch(&self, turn: &mut Turn, deliveries: Vec<Delivery>) {
        if deliveries.is_empty() {
            return;
        }
        let wanted: BTreeSet<_> = deliveries.iter().map(|one| (one.key.message, one.form.clone())).collect();
        let found = self.store.messages(wanted.into_iter().collect()).await;
        let found = found.map(|found| {
            let named = |message: Message| ((message.id, message.form.clone()), Arc::new(message));
            found.into_iter().map(named).collect::<HashMap<(Uuid, String), _>>()
        });
        let changes = turn.changes;
        for delivery in deliveries {
            let message = match &found {
                Ok(found) => found.get(&(delivery.key.message, delivery.form.clone())).ok_or(What::Expired),
                Err(cause) => {
                    tracing::warn!(%cause, "a message cannot be read");
                    Err(What::NotNow)
                }
            };
            match message {
                Ok(message) => {
                    let (sender, message) = (Arc::clone(&self.sender), Arc::clone(message));
                    turn.calls.spawn(async move { Ended { finished: sender.send(delivery, &message).await, changes } });
                }
                Err(what) => turn.over.push(Ended { finished: Finished { delivery, what }, changes }),
            }
        }
    }
}
