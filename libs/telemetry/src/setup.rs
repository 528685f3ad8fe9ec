use std::{fmt, time::Duration};

use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{
    Resource,
    trace::{Sampler, SdkTracerProvider},
};
use tracing::{Level, Metadata, Subscriber};
use tracing_subscriber::{
    EnvFilter, Layer, Registry,
    filter::{LevelFilter, filter_fn},
    fmt::MakeWriter,
    layer::SubscriberExt,
    registry::LookupSpan,
    util::{SubscriberInitExt, TryInitError},
};

use crate::{LogFormat, TelemetryConfig};

/// Libraries whose own debug lines show statements, headers or message bodies.
const QUIET: [&str; 9] = [
    "sqlx=warn",
    "sea_orm=warn",
    "hyper=info",
    "hyper_util=info",
    "reqwest=info",
    "rustls=info",
    "lettre=info",
    "ureq=info",
    "actix=info",
];
/// How long a stopping process waits for its last spans to leave.
const FLUSH: Duration = Duration::from_secs(2);

/// Why telemetry could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("log filter: {0}")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// The collector's address cannot be used.
    #[error("OTLP endpoint: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Keeps the exporter alive; when dropped, the last spans are sent, for two seconds at most.
#[must_use = "spans are no longer exported once the guard is dropped"]
pub struct Guard {
    provider: SdkTracerProvider,
    installed: bool,
}

impl Guard {
    /// Whether this call set up the process. Another one was first otherwise, and its settings
    /// stay.
    pub fn installed(&self) -> bool {
        self.installed
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard").field("installed", &self.installed).finish_non_exhaustive()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        // A collector that cannot be reached must not keep the process from stopping.
        let _lost = self.provider.shutdown_with_timeout(FLUSH);
    }
}

/// Sets up logs and traces for this process. A second call changes nothing and is no error:
/// tests boot several platforms in one process.
pub fn init(config: &TelemetryConfig) -> Result<Guard, TelemetryError> {
    let (subscriber, mut guard) = build(config, std::io::stderr)?;
    let first: Result<(), TryInitError> = subscriber.try_init();
    guard.installed = first.is_ok();
    Ok(guard)
}

/// The subscriber of this configuration, writing its logs there.
pub(crate) fn build<W>(
    config: &TelemetryConfig,
    writer: W,
) -> Result<(impl Subscriber + Send + Sync + for<'s> LookupSpan<'s> + use<W>, Guard), TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let provider = provider(config)?;
    // Without a collector nothing is recorded, but every span still gets its numbers.
    let traces = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("grantor"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_context_activation(false)
        .with_filter(filter_fn(is_traced));
    let subscriber = Registry::default().with(logs(config, writer)?).with(traces);
    Ok((subscriber, Guard { provider, installed: false }))
}

/// Our own spans, whatever the log filter says: a process that logs warnings only still passes
/// the trace on.
fn is_traced(meta: &Metadata<'_>) -> bool {
    meta.is_span() && *meta.level() <= Level::DEBUG && meta.target().starts_with("grantor")
}

fn logs<S, W>(config: &TelemetryConfig, writer: W) -> Result<Box<dyn Layer<S> + Send + Sync>, TelemetryError>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = tracing_subscriber::fmt::layer().with_writer(writer);
    let layer: Box<dyn Layer<S> + Send + Sync> = match config.format {
        LogFormat::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
        LogFormat::Pretty => layer.with_target(false).boxed(),
    };
    Ok(layer.with_filter(filter(&config.filter)?).boxed())
}

fn filter(text: &str) -> Result<EnvFilter, TelemetryError> {
    let mut filter = EnvFilter::try_new(text)?;
    let all = text.split(',').find_map(|directive| directive.trim().parse::<LevelFilter>().ok());
    for quiet in QUIET {
        let (library, level) = quiet.split_once('=').unwrap_or((quiet, "warn"));
        // Held down, never raised: who asks for warnings only gets no more from a library.
        let lower = level.parse::<LevelFilter>().is_ok_and(|level| all.is_some_and(|all| level < all));
        if lower && !text.contains(library) {
            filter = filter.add_directive(quiet.parse()?);
        }
    }
    Ok(filter)
}

fn provider(config: &TelemetryConfig) -> Result<SdkTracerProvider, TelemetryError> {
    let resource = Resource::builder().with_service_name(config.service_name.clone()).build();
    let builder = SdkTracerProvider::builder().with_resource(resource);
    let Some(base) = &config.otlp_endpoint else {
        let unless_the_caller_records = Sampler::ParentBased(Box::new(Sampler::AlwaysOff));
        return Ok(builder.with_sampler(unless_the_caller_records).build());
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", base.trim_end_matches('/')))
        .with_timeout(Duration::from_secs(5))
        .build()?;
    Ok(builder.with_batch_exporter(exporter).build())
}
