//! The one loop that makes deliveries.

use std::{sync::Arc, time::Duration};

use futures_util::future::{BoxFuture, OptionFuture};
use grantor_eventsourcing::{Position, Timestamp};
use grantor_ids::WebhookId;
use grantor_ports::{Clock, Entropy};
use grantor_store::{Lease, Log, Store};
use grantor_telemetry::WebhookMetrics;
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep},
};
use uuid::Uuid;

use super::{
    Nudges, Sender,
    lanes::Lanes,
    sender::Finished,
    settle::{Lost, Settled},
};
use crate::Endpoints;

/// What is led: nobody else, in any process on this database, makes deliveries meanwhile.
const LEAD: &str = "webhooks.dispatch";
/// How often one who does not lead asks to.
const STAND_BY: Duration = Duration::from_secs(1);
/// How often to look by oneself, where nobody tells: rows of other processes, moved clocks.
const LOOK: Duration = Duration::from_millis(250);
/// How often to look for all who wait, whatever was overlooked; and of the time, no more than one part
/// of so many goes into that.
const LOOK_AT_ALL: Duration = Duration::from_secs(5);
const LOOKING: u32 = 20;
/// Endpoints that are looked at between two steps.
const PAGE: u32 = 200;
/// How often to ask whether the lead lasts.
const STILL_LEADS: Duration = Duration::from_secs(5);
/// After a failure of the database.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

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

/// A turn that is over; how often endpoints had been changed when it began.
pub(super) struct Ended {
    pub finished: Finished,
    pub changes: u64,
}

/// What one who leads has in memory.
pub(super) struct Turn {
    pub lanes: Lanes,
    pub calls: JoinSet<Ended>,
    /// What came of calls, and is not written yet.
    pub over: Vec<Ended>,
    /// The newest row that was seen, and whether there may be newer ones.
    pub newest: i64,
    pub look: bool,
    /// How often endpoints have been changed.
    pub changes: u64,
}

/// Whoever tells that there is something to do.
struct Told {
    rows: watch::Receiver<u64>,
    endpoints: watch::Receiver<Position>,
}

/// The way through all who wait, a page at a time.
struct Round {
    after: Uuid,
    began: Instant,
    next: Instant,
}

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
        let mut told = Told { rows: self.store.follow_deliveries(), endpoints: self.store.follow(Log::Events) };
        self.sender.callables.forget();
        let Ok(newest) = self.store.newest_delivery().await else { return };
        let (lanes, calls) = (Lanes::default(), JoinSet::new());
        let mut turn = Turn { lanes, calls, over: Vec::new(), newest, look: false, changes: 0 };
        let now = Instant::now();
        let (mut round, mut look, mut ask) = (Round { after: Uuid::nil(), began: now, next: now }, now, now);
        let mut settling: Option<BoxFuture<'_, Result<Settled, Lost>>> = None;
        loop {
            if Instant::now() >= ask {
                if !lease.is_held().await {
                    return;
                }
                ask = Instant::now() + STILL_LEADS;
            }
            if Instant::now() >= look {
                self.measure(&mut turn);
                look = Instant::now() + LOOK;
            }
            self.look_at_some(&mut turn.lanes, &mut round).await;
            let next = match self.step(&mut turn).await {
                Ok(next) => next,
                Err(cause) => {
                    tracing::warn!(%cause, "deliveries wait: their rows cannot be read");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            if settling.is_none() && !turn.over.is_empty() {
                settling = Some(Box::pin(self.settle(&mut turn, lease.leader())));
            }
            let until = self.until(next).min(look).min(round.next);
            match self.wait(&mut turn, &mut told, &mut settling, until).await {
                Ok(None) => {}
                Ok(Some(settled)) => {
                    settling = None;
                    settled.into_lanes(&mut turn.lanes);
                }
                Err(Lost) => {
                    tracing::warn!("another process makes the deliveries now");
                    return;
                }
            }
        }
    }

    /// Some of those who wait, whoever wrote it; all of them once in a while.
    async fn look_at_some(&self, lanes: &mut Lanes, round: &mut Round) {
        if Instant::now() < round.next {
            return;
        }
        let Ok(found) = self.store.waiting_endpoints(round.after, PAGE).await else {
            round.next = Instant::now() + PAUSE;
            return;
        };
        found.iter().for_each(|(tenant, endpoint)| lanes.touch(*tenant, WebhookId::from_uuid(*endpoint)));
        match found.last() {
            Some((_, last)) if found.len() == PAGE as usize => round.after = *last,
            _ => {
                let now = Instant::now();
                *round = Round {
                    after: Uuid::nil(),
                    began: now + LOOK_AT_ALL.max((now - round.began) * LOOKING),
                    next: now + LOOK_AT_ALL.max((now - round.began) * LOOKING),
                };
            }
        }
    }

    /// Counts what there is, and looks for what nobody tells of.
    fn measure(&self, turn: &mut Turn) {
        turn.look = true;
        turn.lanes.forget_idle();
        let (quick, slow, open, closed) = turn.lanes.counts();
        self.metrics.in_flight(quick, slow);
        self.metrics.lanes(open, closed);
    }

    fn until(&self, next: Option<Timestamp>) -> Instant {
        let wait = next.map(|at| (at - self.clock.real()).to_std().unwrap_or_default());
        Instant::now() + wait.unwrap_or(LOOK).min(LOOK)
    }

    /// Until something happens: calls have ended, results are written, rows or endpoints have changed.
    async fn wait(
        &self,
        turn: &mut Turn,
        told: &mut Told,
        settling: &mut Option<BoxFuture<'_, Result<Settled, Lost>>>,
        until: Instant,
    ) -> Result<Option<Settled>, Lost> {
        let mut written = None;
        tokio::select! {
            Some(settled) = OptionFuture::from(settling.as_mut()) => written = Some(settled?),
            Some(ended) = turn.calls.join_next() => turn.over.extend(ended.ok()),
            Ok(()) = told.rows.changed() => turn.look = true,
            Ok(()) = told.endpoints.changed() => {
                turn.changes += 1;
                self.sender.callables.forget();
                turn.lanes.look_again();
            }
            () = self.nudges.wait() => {}
            () = tokio::time::sleep_until(until) => {}
        }
        // Whoever has ended meanwhile shares the commit.
        while let Some(ended) = turn.calls.try_join_next() {
            turn.over.extend(ended.ok());
        }
        Ok(written)
    }
}
