//! The services' databases on PostgreSQL: one for each, with a role and a password of its own.

use std::{collections::HashMap, path::PathBuf};

use grantor_store::{OpenError, PostgresOptions, migrate_postgres, pending_postgres_migrations};
use serde::Deserialize;

use crate::{SERVICES, StartError, passwords::DATABASE};

/// `[database]` of the configuration file. `{service}` stands for the service's name everywhere,
/// `{SERVICE}` for the same in capitals.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatabaseSettings {
    /// Such as `postgres://grantor_{service}@db.example:5432/grantor_{service}`.
    pub url: String,
    /// The environment variable that holds the password.
    #[serde(default)]
    pub password_env: Option<String>,
    /// The file that holds the password.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Connections for reading per service, at most; two more are for writing. Default: 8.
    #[serde(default)]
    pub connections: Option<u32>,
}

/// Where each service's database is.
#[derive(Debug, Clone)]
pub struct PostgresDatabases(HashMap<&'static str, PostgresOptions>);

impl PostgresDatabases {
    /// One for each service.
    pub fn new(of: impl Fn(&'static str) -> PostgresOptions) -> Self {
        Self(SERVICES.into_iter().map(|service| (service, of(service))).collect())
    }

    /// What the settings say for these services, with their passwords read.
    pub fn of(
        settings: &DatabaseSettings,
        services: impl IntoIterator<Item = &'static str>,
    ) -> Result<Self, StartError> {
        let mut found = HashMap::new();
        for service in services {
            let named = |text: &str| text.replace("{service}", service).replace("{SERVICE}", &service.to_uppercase());
            let env = settings.password_env.as_deref().map(named);
            let file = settings.password_file.as_ref().map(|path| PathBuf::from(named(&path.to_string_lossy())));
            let password = DATABASE.read(env.as_deref(), file.as_deref())?;
            let defaults = PostgresOptions::new(named(&settings.url));
            let connections = settings.connections.unwrap_or(defaults.connections);
            found.insert(service, PostgresOptions { password, connections, ..defaults });
        }
        Ok(Self(found))
    }

    /// A service's own.
    pub(crate) fn database(&self, service: &str) -> Option<&PostgresOptions> {
        self.0.get(service)
    }

    /// Runs the migrations that are missing; answers how many there were. Several processes may
    /// do this at once.
    pub async fn migrate(&self) -> Result<usize, StartError> {
        let mut done = 0;
        for options in SERVICES.iter().filter_map(|service| self.database(service)) {
            let pending = pending_postgres_migrations(options).await.map_err(refused)?;
            if pending > 0 {
                migrate_postgres(options).await.map_err(refused)?;
                done += pending;
            }
        }
        Ok(done)
    }
}

/// Names the setting that a database which cannot be opened came from.
pub(crate) fn refused(cause: OpenError) -> StartError {
    match cause {
        OpenError::Open { .. } => StartError::setting("database.url", cause.to_string()),
        OpenError::PendingMigration { .. } => StartError::Store(cause),
    }
}
