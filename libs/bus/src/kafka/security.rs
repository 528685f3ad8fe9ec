//! How connections to brokers are protected, and who we are there.

use std::{fs::File, path::PathBuf};

use rdkafka::ClientConfig;
use secrecy::{ExposeSecret, SecretString};

use super::KafkaError;

const SASL: &str = "bus.kafka.sasl";
const AUTHORITY: &str = "bus.kafka.tls.authority";

/// Protection of the connections to the brokers.
#[derive(Debug, Clone, Default)]
pub struct KafkaSecurity {
    /// Encrypted, and the brokers show certificates; in the clear without it.
    pub tls: Option<KafkaTls>,
    /// As whom; nobody in particular without it.
    pub sasl: Option<KafkaSasl>,
}

/// TLS to the brokers. Their certificates have to be valid for the names they are reached by.
#[derive(Debug, Clone, Default)]
pub struct KafkaTls {
    /// The authorities to trust, as PEM; those of the system without it.
    pub authority: Option<PathBuf>,
}

/// A user at the brokers.
#[derive(Debug, Clone)]
pub struct KafkaSasl {
    /// How the password is shown.
    pub mechanism: SaslMechanism,
    /// The user's name.
    pub username: String,
    /// Their password.
    pub password: SecretString,
}

/// How a user proves that they have the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SaslMechanism {
    /// By sending it (RFC 4616), which needs TLS.
    Plain,
    /// By knowing it (RFC 7677).
    ScramSha256,
    /// The same with SHA-512.
    ScramSha512,
}

impl SaslMechanism {
    const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha512 => "SCRAM-SHA-512",
        }
    }
}

impl KafkaSecurity {
    /// Refuses a file that cannot be read, and a password in the clear.
    pub(super) fn check(&self) -> Result<(), KafkaError> {
        if let Some(path) = self.tls.as_ref().and_then(|tls| tls.authority.as_ref()) {
            let unreadable = |cause| KafkaError::setting(AUTHORITY, format!("{}: {cause}", path.display()));
            File::open(path).map_err(unreadable)?;
        }
        let sends_password = self.sasl.as_ref().is_some_and(|sasl| sasl.mechanism == SaslMechanism::Plain);
        if sends_password && self.tls.is_none() {
            return Err(KafkaError::setting(SASL, "`plain` sends the password as it is: only with `bus.kafka.tls`"));
        }
        Ok(())
    }

    pub(super) fn apply(&self, config: &mut ClientConfig) {
        config.set(
            "security.protocol",
            match (&self.tls, &self.sasl) {
                (None, None) => "PLAINTEXT",
                (Some(_), None) => "SSL",
                (None, Some(_)) => "SASL_PLAINTEXT",
                (Some(_), Some(_)) => "SASL_SSL",
            },
        );
        if let Some(tls) = &self.tls {
            config
                .set("enable.ssl.certificate.verification", "true")
                .set("ssl.endpoint.identification.algorithm", "https");
            if let Some(authority) = &tls.authority {
                config.set("ssl.ca.location", authority.display().to_string());
            }
        }
        if let Some(sasl) = &self.sasl {
            config.set("sasl.mechanism", sasl.mechanism.name()).set("sasl.username", &sasl.username);
            config.set("sasl.password", sasl.password.expose_secret());
        }
    }
}
