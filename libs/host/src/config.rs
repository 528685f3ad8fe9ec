use std::{net::SocketAddr, path::PathBuf};

use grantor_egress::SmtpSecurity;
use grantor_telemetry::LogFormat;
use grantor_web::Proxies;
use secrecy::SecretString;
use serde::Deserialize;

use crate::{BusSettings, DatabaseSettings, InternalSettings, StartError, WebhookSettings};

/// How careful a process is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Refuses demo data, http issuers off loopback, and missing keys.
    Production,
    /// For building against.
    #[default]
    Development,
}

/// `grantor.toml`. Every setting has a default but in production mode.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// How careful to be.
    pub mode: Mode,
    /// Where tenants are reached. Default: `["127.0.0.1:8080"]`.
    pub listen: Option<Vec<SocketAddr>>,
    /// Where operators are reached. Default: `127.0.0.1:8089`.
    pub admin_listen: Option<SocketAddr>,
    /// Certificate and key of the tenants' listeners; without it they speak http.
    pub tls: Option<TlsSettings>,
    /// Addresses and networks of proxies whose forwarded headers count.
    pub trusted_proxies: Vec<String>,
    /// The root keys' file. Default: `root.key` in the data folder.
    pub root_key: Option<PathBuf>,
    /// The services' databases on PostgreSQL. Without it they are SQLite files in the data folder.
    pub database: Option<DatabaseSettings>,
    /// The mail server. Without it, mails go to the mailbox page (not in production mode).
    pub smtp: Option<SmtpSettings>,
    /// Logs and traces.
    pub telemetry: TelemetrySettings,
    /// How this process and others reach each other.
    pub internal: InternalSettings,
    /// How events travel between services.
    pub bus: BusSettings,
    /// Calls of partners' endpoints.
    pub webhooks: WebhookSettings,
    /// Threads that answer requests. Default: one for each core.
    pub workers: Option<usize>,
}

/// Files in PEM form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsSettings {
    /// The certificate chain, leaf first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// A mail server.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `tls`, `start_tls` or (loopback only) `plain`.
    pub security: SmtpWord,
    /// The user, if it wants one.
    #[serde(default)]
    pub username: Option<String>,
    /// The environment variable that holds the password.
    #[serde(default)]
    pub password_env: Option<String>,
    /// The sender's address.
    pub from: String,
}

/// How mails are protected on their way.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SmtpWord {
    /// From the first byte.
    Tls,
    /// Before the first command that matters.
    StartTls,
    /// Not at all; loopback only.
    Plain,
}

impl From<SmtpWord> for SmtpSecurity {
    fn from(word: SmtpWord) -> Self {
        match word {
            SmtpWord::Tls => Self::Tls,
            SmtpWord::StartTls => Self::StartTls,
            SmtpWord::Plain => Self::Plain,
        }
    }
}

/// Logs and traces.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TelemetrySettings {
    /// `json` or `pretty`.
    pub log_format: Option<String>,
    /// Such as `info` or `grantor_store=debug,info`.
    pub log: Option<String>,
    /// Base URL of an OTLP collector (HTTP, protobuf).
    pub otlp_endpoint: Option<String>,
}

impl Config {
    /// Reads a configuration file.
    pub fn read(path: &std::path::Path) -> Result<Self, StartError> {
        let text = std::fs::read_to_string(path).map_err(StartError::file(path))?;
        toml::from_str(&text).map_err(|cause| {
            let place = cause.span().map(|span| 1 + text[..span.start].matches('\n').count());
            let line = place.map(|line| format!(", line {line}")).unwrap_or_default();
            StartError::setting("configuration", format!("{}{line}: {}", path.display(), cause.message()))
        })
    }

    /// Refuses what cannot be meant.
    pub fn check(&self) -> Result<(), StartError> {
        Proxies::parse(&self.trusted_proxies).map_err(|bad| {
            StartError::setting("trusted_proxies", format!("`{bad}` is neither an address nor a network"))
        })?;
        self.log_format()?;
        self.bus()?;
        self.outbound()?;
        if self.mode == Mode::Production {
            let loopback = |listen: &Vec<SocketAddr>| listen.iter().all(|address| address.ip().is_loopback());
            if self.tls.is_none() && self.trusted_proxies.is_empty() && !self.listen.as_ref().is_none_or(loopback) {
                let problem = "production mode listens beyond loopback only with `tls`, or behind `trusted_proxies`";
                return Err(StartError::setting("listen", problem));
            }
            if self.smtp.is_none() {
                return Err(StartError::setting("smtp", "production mode needs a mail server"));
            }
            self.internal.check_production()?;
        }
        Ok(())
    }

    pub(crate) fn proxies(&self) -> Proxies {
        Proxies::parse(&self.trusted_proxies).unwrap_or_default()
    }

    /// `telemetry.log_format`, pretty on a terminal when it is not set.
    pub fn log_format(&self) -> Result<LogFormat, StartError> {
        match self.telemetry.log_format.as_deref() {
            Some("json") => Ok(LogFormat::Json),
            Some("pretty") => Ok(LogFormat::Pretty),
            None if std::io::IsTerminal::is_terminal(&std::io::stderr()) => Ok(LogFormat::Pretty),
            None => Ok(LogFormat::Json),
            Some(_) => Err(StartError::setting("telemetry.log_format", "is neither `json` nor `pretty`")),
        }
    }

    /// The mail server's settings for the sender, with the password from the environment.
    pub(crate) fn smtp(&self) -> Result<Option<grantor_egress::SmtpConfig>, StartError> {
        let Some(smtp) = &self.smtp else { return Ok(None) };
        let password = match &smtp.password_env {
            Some(name) => Some(std::env::var(name).map_err(|_| {
                StartError::setting("smtp.password_env", format!("the environment variable {name} is not set"))
            })?),
            None => None,
        };
        let credentials = match (&smtp.username, password) {
            (Some(username), Some(password)) => Some(grantor_egress::SmtpCredentials {
                username: username.clone(),
                password: SecretString::from(password),
            }),
            (None, None) => None,
            _ => return Err(StartError::setting("smtp", "`username` and `password_env` come together")),
        };
        Ok(Some(grantor_egress::SmtpConfig {
            host: smtp.host.clone(),
            port: smtp.port,
            security: smtp.security.into(),
            credentials,
            from: smtp.from.clone(),
            extra_ca_pem: None,
            timeout: std::time::Duration::from_secs(30),
        }))
    }
}
