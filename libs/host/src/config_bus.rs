use std::{path::PathBuf, time::Duration};

use grantor_bus::{Kafka, KafkaError, KafkaSasl, KafkaSecurity, KafkaSettings, KafkaTls, SaslMechanism, create_topics};
use secrecy::SecretString;
use serde::Deserialize;

use crate::{BusKind, Config, SERVICES, StartError, passwords::KAFKA};

/// `[bus]`: how events travel between services. Without it, each service reads the others' logs.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BusSettings {
    /// Over Apache Kafka.
    pub kafka: Option<KafkaWords>,
}

/// Where Apache Kafka is, and what is ours there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaWords {
    /// `host:port`, several separated by commas.
    pub brokers: String,
    /// Stands before every name, so that deployments can share brokers; such as `acme.`.
    #[serde(default)]
    pub prefix: String,
    /// Partitions of topics that are yet to be made. Default: 12.
    pub partitions: Option<i32>,
    /// Milliseconds after which the owner of an idle topic says that nothing has happened.
    /// Default: 5000.
    pub heartbeat_ms: Option<u64>,
    /// Connections are encrypted, and brokers show certificates; in the clear without it.
    pub tls: Option<KafkaTlsWords>,
    /// As whom this process is there; nobody in particular without it.
    pub sasl: Option<SaslWords>,
}

/// TLS to the brokers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KafkaTlsWords {
    /// The authorities to trust, in PEM form. Default: the system's.
    pub authority: Option<PathBuf>,
}

/// A user at the brokers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SaslWords {
    /// `plain` (with TLS only), `scram-sha-256` or `scram-sha-512`.
    pub mechanism: SaslWord,
    /// The user's name.
    pub username: String,
    /// The environment variable that holds the password.
    pub password_env: Option<String>,
    /// The file that holds the password.
    pub password_file: Option<PathBuf>,
}

/// How the password is shown.
#[derive(Debug, Clone, Copy, Deserialize)]
pub enum SaslWord {
    /// As it is.
    #[serde(rename = "plain")]
    Plain,
    /// By a proof.
    #[serde(rename = "scram-sha-256")]
    ScramSha256,
    /// By a longer one.
    #[serde(rename = "scram-sha-512")]
    ScramSha512,
}

impl From<SaslWord> for SaslMechanism {
    fn from(word: SaslWord) -> Self {
        match word {
            SaslWord::Plain => Self::Plain,
            SaslWord::ScramSha256 => Self::ScramSha256,
            SaslWord::ScramSha512 => Self::ScramSha512,
        }
    }
}

impl SaslWords {
    fn read(self) -> Result<KafkaSasl, StartError> {
        let password = KAFKA.read(self.password_env.as_deref(), self.password_file.as_deref())?;
        let problem = "names neither `password_env` nor `password_file`";
        let password = password.ok_or_else(|| StartError::setting("bus.kafka.sasl", problem))?;
        Ok(KafkaSasl {
            mechanism: self.mechanism.into(),
            username: self.username,
            password: SecretString::from(password),
        })
    }
}

impl Config {
    /// Makes the topics that are missing; answers their names. Nothing without `bus.kafka`.
    pub async fn make_topics(&self) -> Result<Vec<String>, StartError> {
        match self.bus()? {
            BusKind::Kafka(kafka) => Ok(create_topics(&kafka, &SERVICES).await?),
            BusKind::Orderly | BusKind::Unruly(_) => Ok(Vec::new()),
        }
    }

    pub(crate) fn bus(&self) -> Result<BusKind, StartError> {
        let Some(words) = self.bus.kafka.clone() else { return Ok(BusKind::Orderly) };
        let defaults = KafkaSettings::default();
        let settings = KafkaSettings {
            brokers: words.brokers,
            prefix: words.prefix,
            partitions: words.partitions.unwrap_or(defaults.partitions),
            heartbeat: words.heartbeat_ms.map_or(defaults.heartbeat, Duration::from_millis),
            security: KafkaSecurity {
                tls: words.tls.map(|tls| KafkaTls { authority: tls.authority }),
                sasl: words.sasl.map(SaslWords::read).transpose()?,
            },
            instance: self.instance(),
        };
        Ok(BusKind::Kafka(Kafka::new(settings)?))
    }

    /// What this process is called, also after a restart: an address on a host is one process' at a
    /// time. Without a fixed one, it has no name.
    fn instance(&self) -> String {
        let Ok(host) = hostname::get() else { return String::new() };
        let host = host.to_string_lossy();
        match self.admin_listen {
            Some(listen) if listen.port() == 0 => String::new(),
            Some(listen) => format!("{host}.{listen}"),
            None => host.into_owned(),
        }
    }
}

impl From<KafkaError> for StartError {
    fn from(cause: KafkaError) -> Self {
        match cause {
            KafkaError::Setting { setting, problem } => Self::setting(setting, problem),
            KafkaError::Away(problem) | KafkaError::Broker(problem) => Self::setting("bus.kafka.brokers", problem),
        }
    }
}
