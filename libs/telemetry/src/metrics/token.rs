use grantor_ports::TenantKind;
use prometheus::IntCounterVec;

use super::Maker;

/// What the token endpoint answered.
#[derive(Debug, Clone)]
pub struct TokenMetrics {
    outcomes: IntCounterVec,
}

impl TokenMetrics {
    pub(super) fn new(maker: &Maker<'_>) -> Self {
        let labels = ["kind", "grant_type", "outcome"];
        Self { outcomes: maker.counter("grantor_token_requests_total", "Token requests by outcome.", &labels) }
    }

    /// One answer: `issued`, or the error code of RFC 6749 5.2. `grant_type` is one that is
    /// spoken here, or `other`.
    pub fn answered(&self, kind: TenantKind, grant_type: &'static str, outcome: &'static str) {
        self.outcomes.with_label_values(&[kind.as_str(), grant_type, outcome]).inc();
    }
}
