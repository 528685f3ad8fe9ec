//! What calls came to: written first, and only then their lanes go on.

use std::time::Duration;

use chrono::TimeDelta;
use grantor_eventsourcing::{Actor, Meta, Timestamp};
use grantor_ids::WebhookId;
use grantor_store::{CommitError, Delivery, Leader};
use grantor_webhooks_domain::Health;
use tokio::time::sleep;
use uuid::Uuid;

use super::{
    lanes::Lanes,
    result::{Results, waited},
    schedule::{Dispatcher, Ended, PAUSE, Turn},
    sender::{Called, Finished, What},
};

/// Results per commit, at most.
const MOST: usize = 512;

/// The lead is lost.
pub(super) struct Lost;

/// Results that are written.
pub(super) struct Settled {
    /// To whom, what, and when it is to be made again.
    back: Vec<(WebhookId, Uuid, Option<Timestamp>)>,
    /// Who is not to be called any more.
    disabled: Vec<WebhookId>,
}

impl Settled {
    /// Their lanes go on.
    pub fn into_lanes(self, lanes: &mut Lanes) {
        self.disabled.into_iter().for_each(|endpoint| lanes.stop(endpoint));
        self.back.into_iter().for_each(|(endpoint, message, due)| lanes.returned(endpoint, message, due));
    }
}

impl Dispatcher {
    /// Takes up what is over, and answers what writes it; meanwhile calls begin and end.
    pub(super) fn settle(
        &self,
        turn: &mut Turn,
        leader: Leader,
    ) -> impl Future<Output = Result<Settled, Lost>> + Send + use<'_> {
        let (mut results, mut back) = (Results::default(), Vec::new());
        let over: Vec<_> = turn.over.drain(..turn.over.len().min(MOST)).collect();
        for Ended { finished: Finished { delivery, what }, changes } in over {
            let endpoint = WebhookId::from_uuid(delivery.key.endpoint);
            let due = match what {
                What::Called(called) => self.called(turn, &mut results, &delivery, &called),
                What::Deleted => {
                    results.give_up(&delivery, "deleted");
                    results.forget(delivery.tenant, endpoint);
                    None
                }
                What::Expired => {
                    results.give_up(&delivery, "expired");
                    None
                }
                What::Stopped => {
                    // What was read before a change says nothing.
                    if changes == turn.changes {
                        turn.lanes.stop(endpoint);
                    } else {
                        turn.lanes.touch(delivery.tenant, endpoint);
                    }
                    None
                }
                What::NotNow => {
                    // The row is due all the same: the lane waits, or it would be tried over and over.
                    let later = self.clock.real() + TimeDelta::seconds(1);
                    if let Some(lane) = turn.lanes.get_mut(endpoint) {
                        lane.health.paused_until = lane.health.paused_until.max(Some(later));
                    }
                    Some(later)
                }
            };
            back.push((endpoint, delivery.key.message, due));
        }
        async move {
            if !results.is_empty() {
                self.write(&results, leader).await?;
            }
            let mut disabled = Vec::new();
            for (tenant, endpoint, why) in &results.disable {
                match self.endpoints.disable(*tenant, *endpoint, why, &Meta::by(Actor::System)).await {
                    Ok(()) => disabled.push(*endpoint),
                    // Its next call says so again.
                    Err(cause) => tracing::warn!(%cause, "an endpoint that is to be disabled is not"),
                }
            }
            Ok(Settled { back, disabled })
        }
    }

    fn called(
        &self,
        turn: &mut Turn,
        results: &mut Results,
        delivery: &Delivery,
        called: &Called,
    ) -> Option<Timestamp> {
        let lane = turn.lanes.get_mut(WebhookId::from_uuid(delivery.key.endpoint));
        let before = lane.as_ref().map_or_else(Health::default, |lane| lane.health.clone());
        let outcome = results.called(delivery, called, &before, self.clock.real(), self.entropy.as_ref());
        if let Some(lane) = lane {
            lane.health = outcome.health;
        }
        self.metrics.attempted(outcome.result, Duration::from_millis(called.times.total.into()));
        if let Some(waited) = waited(delivery, called).and_then(|waited| waited.to_std().ok()) {
            self.metrics.began(waited);
        }
        outcome.due
    }

    /// As often as it takes: a result that is lost is a call that is made twice.
    async fn write(&self, results: &Results, leader: Leader) -> Result<(), Lost> {
        loop {
            match self.store.commit(results.write(leader)).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Store(cause)) => {
                    tracing::warn!(%cause, "results of deliveries wait to be written");
                    sleep(PAUSE).await;
                }
                Err(CommitError::Conflict | CommitError::Taken(_)) => return Err(Lost),
            }
        }
    }
}
