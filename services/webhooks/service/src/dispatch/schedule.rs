//! The one loop that makes deliveries.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use grantor_eventsourcing::{Actor, Meta, Timestamp};
use grantor_ids::WebhookId;
use grantor_ports::{Clock, Entropy};
use grantor_store::{CommitError, Lease, Log, Store, StoreError};
use grantor_telemetry::WebhookMetrics;
use grantor_webhooks_domain::Health;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};
use uuid::Uuid;

use super::{
    Nudges, Sender, health_of,
    lanes::{Lanes, Next},
    result::{Results, waited},
    sender::{Called, Finished, What},
};
use crate::Endpoints;

/// What is led: nobody else, in any process on this database, makes deliveries meanwhile.
const LEAD: &str = "webhooks.dispatch";
/// How often one who does not lead asks to.
const STAND_BY: Duration = Duration::from_secs(1);
/// How often to look by oneself, where nobody tells: rows of other processes, moved clocks.
const LOOK: Duration = Duration::from_millis(250);
/// How often to look for all who wait, whatever was overlooked.
const LOOK_AT_ALL: Duration = Duration::from_secs(5);
/// After a failure of the database.
const PAUSE: Duration = Duration::from_millis(200);
/// Rows per read.
const PAGE: u32 = 1000;

/// Makes deliveries.
pub(crate) struct Dispatcher {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub entropy: Arc<dyn Entropy>,
    pub endpoints: Arc<Endpoints>,
    pub sender: Arc<Sender>,
    pub nudges: Arc<Nudges>,
    pub metrics: WebhookMetrics,
}

/// A turn that is over; whether it counted as a call to a slow endpoint, and how often endpoints had
/// been changed when it began.
struct Ended {
    finished: Finished,
    slow: bool,
    changes: u64,
}

/// What one who leads has in memory.
struct Turn {
    lanes: Lanes,
    calls: JoinSet<Ended>,
    /// The newest row that was seen.
    newest: i64,
    /// How often endpoints have been changed.
    changes: u64,
}

/// The lead is lost.
struct Lost;

impl Dispatcher {
    /// For ever. May be dropped at any await; what was on its way is sent again.
    pub async fn run(self: Arc<Self>) {
        loop {
            if let Ok(Some(lease)) = self.store.try_lead(LEAD).await {
                self.lead(lease).await;
            }
            sleep(STAND_BY).await;
        }
    }

    async fn lead(&self, mut lease: Lease) {
        let (mut rows, mut endpoints) = (self.store.follow_deliveries(), self.store.follow(Log::Events));
        let Ok(newest) = self.store.newest_delivery().await else { return };
        let mut turn = Turn { lanes: Lanes::default(), calls: JoinSet::new(), newest, changes: 0 };
        let mut look_at_all = Instant::now();
        loop {
            if Instant::now() >= look_at_all {
                if !lease.is_held().await {
                    return;
                }
                self.look_at_all(&mut turn.lanes).await;
                look_at_all = Instant::now() + LOOK_AT_ALL;
            }
            let next = match self.step(&mut turn).await {
                Ok(next) => next,
                Err(cause) => {
                    tracing::warn!(%cause, "deliveries wait: their rows cannot be read");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            let finished = self.wait(&mut turn, &mut rows, &mut endpoints, next).await;
            if self.settle(&mut turn, finished, &lease).await.is_err() {
                tracing::warn!("another process makes the deliveries now");
                return;
            }
        }
    }

    /// Everybody who waits, whoever wrote it.
    async fn look_at_all(&self, lanes: &mut Lanes) {
        let mut after = Uuid::nil();
        while let Ok(found) = self.store.waiting_endpoints(after, PAGE).await {
            let Some((_, last)) = found.last() else { break };
            after = *last;
            found.iter().for_each(|(tenant, endpoint)| lanes.touch(*tenant, WebhookId::from_uuid(*endpoint)));
        }
    }

    /// Sends all that may be sent; answers when the next may be.
    async fn step(&self, turn: &mut Turn) -> Result<Option<Timestamp>, StoreError> {
        for (tenant, endpoint) in self.nudges.take() {
            turn.lanes.touch(tenant, endpoint);
        }
        loop {
            let found = self.store.newer_deliveries(turn.newest, PAGE).await?;
            for (seq, tenant, endpoint) in &found {
                turn.newest = *seq;
                turn.lanes.touch(*tenant, WebhookId::from_uuid(*endpoint));
            }
            if found.len() < PAGE as usize {
                break;
            }
        }
        let next = loop {
            let now = self.clock.real();
            match turn.lanes.next(now) {
                Next::Load { tenant, endpoint, limit, probe, health } => {
                    let health = if health { Some(health_of(&self.store, tenant, endpoint).await?) } else { None };
                    // A probe goes with the oldest that there is, due or not.
                    let due = if probe { now + TimeDelta::days(3650) } else { now };
                    let (rows, next) = self.store.due_deliveries(endpoint.uuid(), due, limit).await?;
                    turn.lanes.loaded(endpoint, health, rows, limit, next);
                }
                Next::Send(delivery, slow) => {
                    let (sender, changes) = (Arc::clone(&self.sender), turn.changes);
                    turn.calls.spawn(async move { Ended { finished: sender.send(*delivery).await, slow, changes } });
                }
                Next::Nothing(next) => break next,
            }
        };
        let (fast, slow, open, closed) = turn.lanes.counts();
        self.metrics.in_flight(fast, slow);
        self.metrics.lanes(open, closed);
        Ok(next)
    }

    /// Until something happens; answers the calls that have ended.
    async fn wait(
        &self,
        turn: &mut Turn,
        rows: &mut watch::Receiver<u64>,
        endpoints: &mut watch::Receiver<grantor_eventsourcing::Position>,
        next: Option<Timestamp>,
    ) -> Vec<Ended> {
        let until = next.and_then(|at| (at - self.clock.real()).to_std().ok()).unwrap_or(LOOK).min(LOOK);
        let mut finished = Vec::new();
        tokio::select! {
            Some(ended) = turn.calls.join_next() => finished.extend(ended.ok()),
            Ok(()) = rows.changed() => {}
            Ok(()) = endpoints.changed() => {
                turn.changes += 1;
                turn.lanes.look_again();
            }
            () = self.nudges.wait() => {}
            () = sleep(until) => {}
        }
        // Whoever has ended meanwhile shares the commit.
        while let Some(ended) = turn.calls.try_join_next() {
            finished.extend(ended.ok());
        }
        finished
    }

    /// Writes what calls came to, and only then lets their lanes go on.
    async fn settle(&self, turn: &mut Turn, finished: Vec<Ended>, lease: &Lease) -> Result<(), Lost> {
        if finished.is_empty() {
            return Ok(());
        }
        let (mut results, mut dues) = (Results::default(), Vec::new());
        for Ended { finished: Finished { delivery, what }, changes, .. } in &finished {
            let endpoint = WebhookId::from_uuid(delivery.key.endpoint);
            let due = match what {
                What::Called(called) => self.called(turn, &mut results, delivery, called),
                What::Gone(why) => {
                    results.give_up(delivery, why);
                    None
                }
                What::Stopped => {
                    // What was read before a change says nothing.
                    if *changes == turn.changes {
                        turn.lanes.stop(endpoint);
                    }
                    None
                }
                What::NotNow => {
                    // The row is due all the same: the lane waits, or it would be tried over and over.
                    let later = self.clock.real() + TimeDelta::seconds(1);
                    if let Some(lane) = turn.lanes.get_mut(endpoint) {
                        lane.health.paused_until = lane.health.paused_until.max(Some(later));
                    }
                    None
                }
            };
            dues.push(due);
        }
        if !results.is_empty() {
            self.write(&results, lease).await?;
        }
        for (tenant, endpoint, why) in &results.disable {
            match self.endpoints.disable(*tenant, *endpoint, why, &Meta::by(Actor::System)).await {
                Ok(()) => turn.lanes.stop(*endpoint),
                // Its next call says so again.
                Err(cause) => tracing::warn!(%cause, "an endpoint that is to be disabled is not"),
            }
        }
        for (Ended { finished: Finished { delivery, .. }, slow, .. }, due) in finished.iter().zip(dues) {
            turn.lanes.returned(WebhookId::from_uuid(delivery.key.endpoint), delivery.key.message, *slow, due);
        }
        Ok(())
    }

    fn called(
        &self,
        turn: &mut Turn,
        results: &mut Results,
        delivery: &grantor_store::Delivery,
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
    async fn write(&self, results: &Results, lease: &Lease) -> Result<(), Lost> {
        loop {
            match self.store.commit(results.write(lease.leader())).await {
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
