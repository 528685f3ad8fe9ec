//! How far those are who follow, for `/ready` and for who waits.

use std::sync::Arc;

use grantor_bus::{EventSource, Progress, tells_freshness};
use grantor_ports::Check;
use grantor_store::{Log, Store};
use grantor_telemetry::RelayMetrics;

/// Records that a consumer may be behind while the process still counts as ready.
const READY_LAG: u64 = 10_000;

/// One who follows.
pub(crate) enum Following {
    /// A reader of a log.
    Log { reader: &'static str, source: Arc<dyn EventSource>, store: Store },
    /// A reader of topics; and the log they are fed from, where it is in this process.
    Topics { reader: &'static str, source: &'static str, progress: Progress, store: Store, owner: Option<(Store, Log)> },
    /// A service's relay.
    Relay { service: &'static str, metrics: RelayMetrics },
}

impl Following {
    pub(crate) const fn log(reader: &'static str, source: Arc<dyn EventSource>, store: Store) -> Self {
        Self::Log { reader, source, store }
    }

    pub(crate) const fn topics(
        reader: &'static str,
        source: &'static str,
        progress: Progress,
        store: Store,
        owner: Option<(Store, Log)>,
    ) -> Self {
        Self::Topics { reader, source, progress, store, owner }
    }

    pub(crate) const fn relay(service: &'static str, metrics: RelayMetrics) -> Self {
        Self::Relay { service, metrics }
    }

    /// Records ahead of the reader; `None` when the database does not answer.
    pub(crate) async fn lag(&self) -> Option<u64> {
        match self {
            Self::Log { reader, source, store } => {
                let at = store.cursor(reader, source.name()).await.ok()?;
                Some(at.behind(*source.follow().borrow()))
            }
            Self::Topics { source, progress, owner: Some((store, log)), .. } if tells_freshness(source) => {
                let head = store.newest(*log).await.ok()?;
                Some(progress.heard(source).unwrap_or_default().position.behind(head))
            }
            Self::Topics { progress, .. } => Some(progress.lag()),
            Self::Relay { .. } => Some(0),
        }
    }

    /// Nothing waits for a broker: who is behind its topics is ready all the same, since a copy
    /// that is too old is asked of its owner.
    pub(crate) async fn check(&self) -> Check {
        match self {
            Self::Log { reader, source, store } => {
                let lag = self.lag().await;
                let name = format!("{reader} of {}", source.name());
                let note = lag.filter(|lag| *lag > 0).map(|lag| format!("{lag} records behind"));
                Check { name, ready: lag.is_some_and(|lag| lag <= READY_LAG), aside: aside(store, reader).await, note }
            }
            Self::Topics { reader, source, progress, store, .. } => {
                let known = progress.heard(source).map(|heard| format!(", knows all up to {}", heard.at.to_rfc3339()));
                let note = format!("{} records behind{}", progress.lag(), known.unwrap_or_default());
                let aside = aside(store, reader).await;
                Check { name: format!("{reader} of {source}"), ready: true, aside, note: Some(note) }
            }
            Self::Relay { service, metrics } => {
                let (connected, waits) = metrics.state();
                let way = if connected { "sends" } else { "stands by, or has no way to a broker" };
                let note = format!("{way}; the oldest record waits {waits:.1} s");
                Check { name: format!("relay of {service}"), ready: true, aside: 0, note: Some(note) }
            }
        }
    }
}

/// Events that a reader has set aside; none while its database does not answer, which is said elsewhere.
async fn aside(store: &Store, reader: &str) -> u64 {
    store.parked(reader).await.map_or(0, |parked| parked.len() as u64)
}
