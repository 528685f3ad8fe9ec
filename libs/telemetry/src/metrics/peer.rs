use std::time::Duration;

use prometheus::{HistogramVec, IntCounterVec};

use super::{Maker, SECONDS};

/// Calls of other services.
#[derive(Debug, Clone)]
pub struct PeerMetrics {
    calls: IntCounterVec,
    seconds: HistogramVec,
}

impl PeerMetrics {
    pub(super) fn new(maker: &Maker<'_>) -> Self {
        let help = "Calls of other services by outcome.";
        Self {
            calls: maker.counter("grantor_peer_calls_total", help, &["peer", "method", "outcome"]),
            seconds: maker.histogram("grantor_peer_call_seconds", "Time to their answer.", &["peer"], &SECONDS),
        }
    }

    /// One call: `answered`, `late`, `unreachable`, `broken`, `refused`, or `open` when none was
    /// made because the peer had not answered just before.
    pub fn called(&self, peer: &'static str, method: &'static str, outcome: &'static str, took: Duration) {
        self.calls.with_label_values(&[peer, method, outcome]).inc();
        self.seconds.with_label_values(&[peer]).observe(took.as_secs_f64());
    }
}
