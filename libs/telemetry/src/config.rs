use std::str::FromStr;

/// How a log line looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One JSON object per line.
    #[default]
    Json,
    /// For people, in colour where the terminal has it.
    Pretty,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "json" => Ok(Self::Json),
            "pretty" => Ok(Self::Pretty),
            _ => Err("expected json or pretty"),
        }
    }
}

/// What to log and where traces go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelemetryConfig {
    /// Form of the log lines.
    pub format: LogFormat,
    /// What is logged, in the syntax of `tracing_subscriber::EnvFilter`: `info`,
    /// `warn,grantor_token=debug`. Libraries that would log what passes through them are held
    /// down unless they are named here.
    pub filter: String,
    /// Base URL of an OTLP/HTTP collector (`http://127.0.0.1:4318`); without one spans are
    /// numbered and propagated, but not recorded.
    pub otlp_endpoint: Option<String>,
    /// `service.name` of the traces.
    pub service_name: String,
}

impl Default for TelemetryConfig {
    fn default() -> Self {
        Self {
            format: LogFormat::Json,
            filter: "info".to_owned(),
            otlp_endpoint: None,
            service_name: "grantor".to_owned(),
        }
    }
}
