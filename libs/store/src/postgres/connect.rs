//! Connections: their settings, and what their errors mean.

use std::{fs::File, str::FromStr, time::Duration};

use sea_orm::sqlx::{
    ConnectOptions, Connection, Error, PgConnection,
    postgres::{PgConnectOptions, PgPool, PgPoolOptions},
};

use crate::{OpenError, PostgresOptions};

/// How long a request waits for a connection; also how long a lost database is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the first connection may take, and those of migrations.
const FIRST: Duration = Duration::from_secs(20);

/// The settings of a session. No statement and no transaction is open for long, for readers wait
/// for the oldest one. Plans are made once: every statement finds its rows by a whole key, and
/// must go on doing so when a table was small while its plan was made.
const SESSION: [(&str, &str); 9] = [
    ("statement_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "5s"),
    ("lock_timeout", "2s"),
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
    ("enable_hashjoin", "off"),
    ("enable_mergejoin", "off"),
    ("jit", "off"),
    ("timezone", "UTC"),
];

/// A database's address, without its password in any output.
#[derive(Clone)]
pub(crate) struct Address {
    options: PgConnectOptions,
    place: String,
}

impl Address {
    pub fn of(wanted: &PostgresOptions) -> Result<Self, OpenError> {
        let bad = |cause: String| OpenError::Open { place: "the database's URL".into(), cause };
        let mut options = PgConnectOptions::from_str(&wanted.url).map_err(|cause| bad(cause.to_string()))?;
        // The connection itself would not say which file it is that it cannot read.
        let authority = wanted.url.split(['?', '&']).find_map(|pair| pair.strip_prefix("sslrootcert="));
        if let Some(path) = authority.filter(|path| !path.contains('%')) {
            File::open(path).map_err(|cause| bad(format!("sslrootcert: {path}: {cause}")))?;
        }
        if let Some(password) = &wanted.password {
            options = options.password(password);
        }
        let (host, port, user) = (options.get_host(), options.get_port(), options.get_username());
        let place = format!("postgres://{user}@{host}:{port}/{}", options.get_database().unwrap_or(user));
        Ok(Self { options: options.application_name("grantor").disable_statement_logging(), place })
    }

    pub fn place(&self) -> &str {
        &self.place
    }

    pub fn failed(&self, cause: &dyn std::fmt::Display) -> OpenError {
        OpenError::Open { place: self.place.clone(), cause: cause.to_string() }
    }

    /// One connection with the settings of a session.
    pub async fn connect(&self) -> Result<PgConnection, Error> {
        let options = self.options.clone().options(SESSION);
        tokio::time::timeout(FIRST, PgConnection::connect_with(&options)).await.map_err(|_| Error::PoolTimedOut)?
    }

    /// One connection without limits, for migrations.
    pub async fn connect_for_long(&self) -> Result<PgConnection, Error> {
        tokio::time::timeout(FIRST, PgConnection::connect_with(&self.options)).await.map_err(|_| Error::PoolTimedOut)?
    }

    /// Connections as they are needed, at most so many.
    pub fn pool(&self, connections: u32) -> PgPool {
        pool_options(connections, PATIENCE).connect_lazy_with(self.options.clone().options(SESSION))
    }

    /// The same without limits, for migrations.
    pub fn pool_for_long(&self) -> PgPool {
        pool_options(1, FIRST).connect_lazy_with(self.options.clone())
    }
}

fn pool_options(connections: u32, patience: Duration) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(patience)
        // The task that ends old connections can take a whole core for ever: transact-rs/sqlx#3645.
        .idle_timeout(None)
        .max_lifetime(None)
        // A dead connection is found by its first statement; testing each would double the trips.
        .test_before_acquire(false)
}

/// Whether the connection is gone, so that the statement may be tried on another one.
pub(super) fn is_lost(cause: &Error) -> bool {
    match cause {
        Error::Io(_)
        | Error::Tls(_)
        | Error::Protocol(_)
        | Error::PoolTimedOut
        | Error::PoolClosed
        | Error::WorkerCrashed => true,
        // Connection exceptions; shutdown and crash; idle for too long in a transaction; too many clients.
        Error::Database(cause) => cause.code().is_some_and(|code| {
            code.starts_with("08") || matches!(&*code, "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "53300")
        }),
        _ => false,
    }
}

/// Whether a transaction lost to another one and can be tried again: a deadlock, or a lock that
/// did not come in time.
pub(super) fn is_clash(cause: &Error) -> bool {
    matches!(cause, Error::Database(cause) if matches!(cause.code().as_deref(), Some("40P01" | "40001")))
}

/// Whether the statement took too long.
pub(super) fn is_timeout(cause: &Error) -> bool {
    matches!(cause, Error::Database(cause) if cause.code().as_deref() == Some("57014"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_has_no_task_that_ends_its_connections() {
        let options = pool_options(1, FIRST);
        assert_eq!((options.get_idle_timeout(), options.get_max_lifetime()), (None, None));
    }
}
