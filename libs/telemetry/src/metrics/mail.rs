use prometheus::IntCounterVec;

use super::Maker;

/// Mails handed to the server.
#[derive(Debug, Clone)]
pub struct MailMetrics {
    mails: IntCounterVec,
}

impl MailMetrics {
    pub(super) fn new(maker: &Maker<'_>) -> Self {
        Self { mails: maker.counter("grantor_mails_total", "Mails by outcome.", &["outcome"]) }
    }

    /// One attempt: `sent`, `refused`, `unavailable`.
    pub fn attempted(&self, outcome: &'static str) {
        self.mails.with_label_values(&[outcome]).inc();
    }
}
