use std::time::Duration;

use prometheus::{Gauge, GaugeVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};

use super::Maker;

#[derive(Debug)]
pub(super) struct BusFamily {
    lag: IntGaugeVec,
    age: GaugeVec,
    handled: IntCounterVec,
    parked: IntCounterVec,
}

impl BusFamily {
    pub fn new(maker: &Maker<'_>) -> Self {
        let labels = ["consumer"];
        Self {
            lag: maker.gauge("grantor_bus_lag_records", "Records in the log that are not consumed yet.", &labels),
            age: maker.seconds("grantor_bus_age_seconds", "How old the newest thing is that surely is known.", &labels),
            handled: maker.counter("grantor_bus_handled_total", "Records consumed.", &labels),
            parked: maker.counter("grantor_bus_parked_total", "Records set aside after three tries.", &labels),
        }
    }

    pub fn of(&self, consumer: &'static str) -> BusMetrics {
        BusMetrics {
            lag: self.lag.with_label_values(&[consumer]),
            age: self.age.with_label_values(&[consumer]),
            handled: self.handled.with_label_values(&[consumer]),
            parked: self.parked.with_label_values(&[consumer]),
        }
    }
}

/// One consumer of the bus.
#[derive(Debug, Clone)]
pub struct BusMetrics {
    lag: IntGauge,
    age: Gauge,
    handled: IntCounter,
    parked: IntCounter,
}

impl BusMetrics {
    /// So many records of the log are still ahead.
    pub fn lag(&self, records: i64) {
        self.lag.set(records);
    }

    /// All that is older than this is known.
    pub fn age(&self, age: Duration) {
        self.age.set(age.as_secs_f64());
    }

    /// So many records were consumed.
    pub fn handled(&self, records: u64) {
        self.handled.inc_by(records);
    }

    /// One record was set aside.
    pub fn parked(&self) {
        self.parked.inc();
    }
}
