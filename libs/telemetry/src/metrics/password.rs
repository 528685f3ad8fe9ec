use prometheus::{IntCounter, IntGauge};

use super::Maker;

/// The queue in front of password hashing.
#[derive(Debug, Clone)]
pub struct PasswordMetrics {
    depth: IntGauge,
    refused: IntCounter,
}

impl PasswordMetrics {
    pub(super) fn new(maker: &Maker<'_>) -> Self {
        let none: [&str; 0] = [];
        Self {
            depth: maker
                .gauge("grantor_password_queue_depth", "Passwords being hashed or waiting.", &none)
                .with_label_values(&none),
            refused: maker
                .counter("grantor_password_refused_total", "Passwords refused because the queue was full.", &none)
                .with_label_values(&none),
        }
    }

    /// So many are being hashed or waiting now.
    pub fn depth(&self, passwords: usize) {
        self.depth.set(gauge_value(passwords));
    }

    /// One found the queue full.
    pub fn refused(&self) {
        self.refused.inc();
    }
}

pub(super) fn gauge_value(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
