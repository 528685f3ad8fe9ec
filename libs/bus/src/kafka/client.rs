use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use rdkafka::{
    ClientContext, Statistics,
    config::RDKafkaLogLevel,
    consumer::ConsumerContext,
    error::{KafkaError as ClientError, RDKafkaErrorCode},
};
use tokio::sync::watch;

use super::{KafkaError, Progress};

/// Brings the client's own words into our logs, and its statistics to whoever counts.
#[derive(Default)]
pub(super) struct Quiet {
    progress: Option<Progress>,
    /// Why a broker that is there lets nobody in, the last time that one did not.
    pub(super) refused: Arc<watch::Sender<Option<KafkaError>>>,
    connected: AtomicBool,
}

impl Quiet {
    /// Of a client that counts.
    pub(super) fn telling(progress: Progress) -> Self {
        Self { progress: Some(progress), ..Self::default() }
    }

    /// Whether it had a broker to ask when it counted last; only of clients that count.
    pub(super) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }
}

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
                tracing::error!(facility, message, "kafka");
            }
            // A broker that is away is said once, by whoever needs it, and not at every attempt.
            _ => tracing::debug!(facility, message, "kafka"),
        }
    }

    fn error(&self, error: ClientError, reason: &str) {
        tracing::debug!(%error, reason, "kafka");
        let setting = match error.rdkafka_error_code() {
            Some(RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed) => "bus.kafka.sasl",
            Some(RDKafkaErrorCode::SSL) => "bus.kafka.tls",
            _ => return,
        };
        self.refused.send_replace(Some(KafkaError::setting(setting, reason)));
    }

    fn stats(&self, statistics: Statistics) {
        self.connected.store(statistics.brokers.values().any(|broker| broker.state == "UP"), Ordering::Relaxed);
        if let Some(progress) = &self.progress {
            progress.count(&statistics);
        }
    }
}

impl ConsumerContext for Quiet {}

/// Drops on a thread of its own: a client takes its time to say goodbye, longer when nobody
/// answers.
pub(super) struct Aside<T: Send + 'static>(Option<T>);

impl<T: Send + 'static> Aside<T> {
    pub(super) fn new(client: T) -> Self {
        Self(Some(client))
    }
}

impl<T: Send + 'static> std::ops::Deref for Aside<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("there until it is dropped")
    }
}

impl<T: Send + 'static> Drop for Aside<T> {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            std::thread::spawn(move || drop(client));
        }
    }
}
