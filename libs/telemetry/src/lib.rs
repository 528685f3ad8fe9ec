//! Logs, traces and metrics of a process.
//!
//! Logs are structured and go to the standard error. Traces follow W3C Trace Context: every
//! request span has a trace id, with or without a collector to send it to, so that the bus can
//! carry it. Metrics are a value ([`Metrics`]), not a static: a test process can run several
//! platforms. No secret, no personal datum and no tenant id goes into any of them.

mod config;
mod metrics;
mod panic_hook;
mod redacted;
mod setup;
mod trace_context;

pub use config::{LogFormat, TelemetryConfig};
pub use metrics::{
    BusMetrics, HttpMetrics, LoginMetrics, MailMetrics, Metrics, PasswordMetrics, PeerMetrics, RelayMetrics,
    StoreMetrics, TokenMetrics, WebhookMetrics,
};
pub use panic_hook::hide_panic_payloads;
pub use redacted::Redacted;
pub use setup::{Guard, TelemetryError, init};
pub use trace_context::{set_parent, trace_id, trace_parent};

#[cfg(test)]
mod tests;
