use std::time::Duration;

use prometheus::{HistogramVec, IntCounterVec, IntGaugeVec};

use super::{Maker, SECONDS};

/// Calls of partners' endpoints. No tenant and no endpoint is a label: there may be any number.
#[derive(Debug, Clone)]
pub struct WebhookMetrics {
    attempts: IntCounterVec,
    delay: HistogramVec,
    duration: HistogramVec,
    in_flight: IntGaugeVec,
    lanes: IntGaugeVec,
}

impl WebhookMetrics {
    pub(super) fn new(maker: &Maker<'_>) -> Self {
        Self {
            attempts: maker.counter("grantor_webhook_attempts_total", "Calls of endpoints by result.", &["result"]),
            delay: maker.histogram(
                "grantor_webhook_delay_seconds",
                "From when a delivery was written to the beginning of its first call.",
                &[],
                &SECONDS,
            ),
            duration: maker.histogram("grantor_webhook_duration_seconds", "How long calls took.", &[], &SECONDS),
            in_flight: maker.gauge("grantor_webhook_in_flight", "Calls on their way, by pool.", &["pool"]),
            lanes: maker.gauge("grantor_webhook_lanes", "Endpoints that something is to be sent to.", &["state"]),
        }
    }

    /// A call ended: `delivered`, or what was wrong as a word.
    pub fn attempted(&self, result: &'static str, took: Duration) {
        self.attempts.with_label_values(&[result]).inc();
        self.duration.with_label_values::<&str>(&[]).observe(took.as_secs_f64());
    }

    /// A first call began so long after its delivery was written.
    pub fn began(&self, after: Duration) {
        self.delay.with_label_values::<&str>(&[]).observe(after.as_secs_f64());
    }

    /// So many calls are on their way.
    pub fn in_flight(&self, fast: usize, slow: usize) {
        for (pool, calls) in [("fast", fast), ("slow", slow)] {
            self.in_flight.with_label_values(&[pool]).set(i64::try_from(calls).unwrap_or(i64::MAX));
        }
    }

    /// So many endpoints have something to come, and so many of these are left alone because they fail.
    pub fn lanes(&self, open: usize, closed: usize) {
        for (state, lanes) in [("open", open), ("closed", closed)] {
            self.lanes.with_label_values(&[state]).set(i64::try_from(lanes).unwrap_or(i64::MAX));
        }
    }
}
