use grantor_ports::TenantKind;
use prometheus::IntCounterVec;

use super::Maker;

/// Logins, good and bad.
#[derive(Debug, Clone)]
pub struct LoginMetrics {
    succeeded: IntCounterVec,
    failed: IntCounterVec,
}

impl LoginMetrics {
    pub(super) fn new(maker: &Maker<'_>) -> Self {
        Self {
            succeeded: maker.counter("grantor_logins_total", "Logins that succeeded.", &["kind"]),
            failed: maker.counter("grantor_login_failures_total", "Logins that failed.", &["kind", "reason"]),
        }
    }

    /// Somebody logged in.
    pub fn succeeded(&self, kind: TenantKind) {
        self.succeeded.with_label_values(&[kind.as_str()]).inc();
    }

    /// Somebody did not: `credentials`, `locked`, `rate_limited`, `busy`. Unknown users and
    /// wrong passwords are both `credentials` (C24).
    pub fn failed(&self, kind: TenantKind, reason: &'static str) {
        self.failed.with_label_values(&[kind.as_str(), reason]).inc();
    }
}
