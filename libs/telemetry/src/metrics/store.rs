use std::time::Duration;

use prometheus::{Gauge, GaugeVec, Histogram, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};

use super::{Maker, SECONDS, password::gauge_value};

#[derive(Debug)]
pub(super) struct StoreFamily {
    batch: HistogramVec,
    commit: HistogramVec,
    depth: IntGaugeVec,
    conflicts: IntCounterVec,
    statements: IntCounterVec,
    held_back: GaugeVec,
}

impl StoreFamily {
    pub fn new(maker: &Maker<'_>) -> Self {
        let labels = ["service"];
        let sizes: [f64; 8] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
        Self {
            batch: maker.histogram("grantor_store_batch_size", "Commands in one commit.", &labels, &sizes),
            commit: maker.histogram("grantor_store_commit_seconds", "Time of one commit.", &labels, &SECONDS),
            depth: maker.gauge("grantor_store_queue_depth", "Commands waiting for the writer.", &labels),
            conflicts: maker.counter("grantor_store_conflicts_total", "Commands that lost a race.", &labels),
            statements: maker.counter("grantor_store_statements_total", "Statements sent to the database.", &labels),
            held_back: maker.seconds(
                "grantor_store_held_back_seconds",
                "For how long an open transaction has kept readers from the end of the log.",
                &labels,
            ),
        }
    }

    pub fn of(&self, service: &'static str) -> StoreMetrics {
        StoreMetrics {
            batch: self.batch.with_label_values(&[service]),
            commit: self.commit.with_label_values(&[service]),
            depth: self.depth.with_label_values(&[service]),
            conflicts: self.conflicts.with_label_values(&[service]),
            statements: self.statements.with_label_values(&[service]),
            held_back: self.held_back.with_label_values(&[service]),
        }
    }
}

/// The write batcher of one service.
#[derive(Debug, Clone)]
pub struct StoreMetrics {
    batch: Histogram,
    commit: Histogram,
    depth: IntGauge,
    conflicts: IntCounter,
    statements: IntCounter,
    held_back: Gauge,
}

impl StoreMetrics {
    /// One commit of so many commands.
    pub fn committed(&self, commands: usize, took: Duration) {
        self.batch.observe(commands as f64);
        self.commit.observe(took.as_secs_f64());
    }

    /// So many commands wait now.
    pub fn depth(&self, commands: usize) {
        self.depth.set(gauge_value(commands));
    }

    /// One command met another revision than it expected.
    pub fn conflict(&self) {
        self.conflicts.inc();
    }

    /// So many statements went to the database.
    pub fn statements(&self, statements: u64) {
        self.statements.inc_by(statements);
    }

    /// An open transaction has held readers back for so long; zero when none does.
    pub fn held_back(&self, time: Duration) {
        self.held_back.set(time.as_secs_f64());
    }
}
