use std::time::Duration;

use prometheus::{Gauge, GaugeVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec};

use super::Maker;

#[derive(Debug)]
pub(super) struct RelayFamily {
    connected: IntGaugeVec,
    waiting: GaugeVec,
    sent: IntCounterVec,
    parked: IntCounterVec,
}

impl RelayFamily {
    pub fn new(maker: &Maker<'_>) -> Self {
        let labels = ["service"];
        Self {
            connected: maker.gauge("grantor_relay_connected", "1 while the relay leads and can send.", &labels),
            waiting: maker.seconds("grantor_relay_waiting_seconds", "How long the oldest record waits.", &labels),
            sent: maker.counter("grantor_relay_sent_total", "Records that the broker acknowledged.", &labels),
            parked: maker.counter("grantor_relay_parked_total", "Records that can never be sent.", &labels),
        }
    }

    pub fn of(&self, service: &'static str) -> RelayMetrics {
        RelayMetrics {
            connected: self.connected.with_label_values(&[service]),
            waiting: self.waiting.with_label_values(&[service]),
            sent: self.sent.with_label_values(&[service]),
            parked: self.parked.with_label_values(&[service]),
        }
    }
}

/// The relay of one service.
#[derive(Debug, Clone)]
pub struct RelayMetrics {
    connected: IntGauge,
    waiting: Gauge,
    sent: IntCounter,
    parked: IntCounter,
}

impl RelayMetrics {
    /// Whether it leads and can send.
    pub fn connected(&self, connected: bool) {
        self.connected.set(i64::from(connected));
    }

    /// The oldest record waits for so long; zero when none does.
    pub fn oldest_waits(&self, time: Duration) {
        self.waiting.set(time.as_secs_f64());
    }

    /// So many records are with the broker.
    pub fn sent(&self, records: usize) {
        self.sent.inc_by(u64::try_from(records).unwrap_or_default());
    }

    /// One record was set aside.
    pub fn parked(&self) {
        self.parked.inc();
    }

    /// Whether it leads and can send, and for how many seconds the oldest record has waited.
    pub fn state(&self) -> (bool, f64) {
        (self.connected.get() == 1, self.waiting.get())
    }
}
