//! How far the logs go, for those who follow them: own writes are known at once, those of other
//! processes by looking.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use grantor_eventsourcing::Position;
use grantor_ports::Clock;
use grantor_telemetry::StoreMetrics;
use sea_orm::sqlx::{Error, PgPool, Row, query};
use tokio::sync::{Notify, watch};

use crate::Log;

/// Between two looks while something happens, and while nothing does.
const BUSY: Duration = Duration::from_millis(25);
const IDLE: Duration = Duration::from_millis(250);

/// The last places of both logs, as far as this process knows.
pub(super) struct Heads {
    pub events: watch::Sender<Position>,
    pub facts: watch::Sender<Position>,
    /// Bumped whenever a reader moved here.
    pub readers: watch::Sender<u64>,
    /// Bumped whenever deliveries were added here.
    pub deliveries: watch::Sender<u64>,
    woken: Notify,
}

/// What one look finds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Seen {
    pub events: Position,
    pub facts: Position,
    /// The oldest transaction that has not ended: what is older can be read.
    pub oldest: i64,
}

impl Seen {
    /// How far a log can be read.
    fn readable(self, head: Position) -> Position {
        if head.txid < self.oldest { head } else { Position { txid: self.oldest, seq: 0, ..head } }
    }
}

impl Heads {
    pub fn new(seen: Seen) -> Self {
        Self {
            events: watch::Sender::new(seen.events),
            facts: watch::Sender::new(seen.facts),
            readers: watch::Sender::new(0),
            deliveries: watch::Sender::new(0),
            woken: Notify::new(),
        }
    }

    pub fn of(&self, log: Log) -> &watch::Sender<Position> {
        match log {
            Log::Events => &self.events,
            Log::Facts => &self.facts,
        }
    }

    pub fn last_event(&self) -> Position {
        *self.events.borrow()
    }

    pub fn reader_moved(&self) {
        self.readers.send_modify(|moves| *moves += 1);
    }

    /// This process has committed so far.
    pub fn written(&self, event: Position, fact: Option<Position>) {
        raise(&self.events, event, false);
        fact.iter().for_each(|fact| raise(&self.facts, *fact, false));
        // An older transaction may hold back what was written: the watcher sees when it has ended.
        self.woken.notify_one();
    }
}

fn raise(head: &watch::Sender<Position>, to: Position, wake: bool) {
    head.send_if_modified(|at| {
        let moved = to > *at;
        *at = (*at).max(to);
        moved || wake
    });
}

/// Looks for ever, until the store is dropped. Says "changed" again when what was held back by an
/// older transaction can be read, and measures for how long one holds it back.
pub(super) async fn watch(heads: Arc<Heads>, pool: PgPool, clock: Arc<dyn Clock>, metrics: Option<StoreMetrics>) {
    let (mut before, mut pause, mut held_since) = (Seen::default(), BUSY, None::<Instant>);
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            // At once after a pause, and then no more often than while it is busy.
            () = heads.woken.notified() => tokio::time::sleep(BUSY.min(pause / 4)).await,
        }
        let seen = match look(&pool, clock.as_ref()).await {
            Ok(seen) => seen,
            Err(cause) => {
                tracing::debug!(%cause, "the logs cannot be looked at");
                pause = IDLE;
                continue;
            }
        };
        let mut moved = false;
        for (head, now, then) in [(&heads.events, seen.events, before.events), (&heads.facts, seen.facts, before.facts)]
        {
            let more = seen.readable(now) > before.readable(then);
            raise(head, now, more);
            moved |= more || now > then;
        }
        let held = seen.events.txid >= seen.oldest || seen.facts.txid >= seen.oldest;
        held_since = if held { held_since.or_else(|| Some(Instant::now())) } else { None };
        if let Some(metrics) = &metrics {
            metrics.held_back(held_since.map_or(Duration::ZERO, |since| since.elapsed()));
        }
        before = seen;
        pause = if moved || held { BUSY } else { (pause * 2).min(IDLE) };
    }
}

/// Both heads and the oldest open transaction, of one moment. New facts are in the partitions of
/// these days, so that the old ones need no look; without any the log has none that is new.
pub(super) async fn look(pool: &PgPool, clock: &dyn Clock) -> Result<Seen, Error> {
    let since = (clock.real() - TimeDelta::days(2)).date_naive();
    let found = query(
        "(SELECT 1::int2, t.epoch, t.txid::text::int8, t.seq FROM es_event t \
          ORDER BY t.epoch DESC, t.txid DESC, t.seq DESC LIMIT 1) UNION ALL \
         (SELECT 2::int2, t.epoch, t.txid::text::int8, t.seq FROM es_fact_log t WHERE t.day >= $1 \
          ORDER BY t.epoch DESC, t.txid DESC, t.seq DESC LIMIT 1) UNION ALL \
         SELECT 0::int2, 0::int2, pg_snapshot_xmin(pg_current_snapshot())::text::int8, 0::int8",
    )
    .bind(since)
    .fetch_all(pool)
    .await?;
    let mut seen = Seen::default();
    for row in found {
        let at = Position { epoch: row.try_get(1)?, txid: row.try_get(2)?, seq: row.try_get(3)? };
        match row.try_get::<i16, _>(0)? {
            1 => seen.events = at,
            2 => seen.facts = at,
            _ => seen.oldest = at.txid,
        }
    }
    Ok(seen)
}
