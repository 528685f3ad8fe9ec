use std::path::Path;

use grantor_migrations::{Migrator, ServiceMigrator};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};

use crate::{OpenError, PostgresOptions, postgres};

/// How many migrations a SQLite file still needs; makes the file if it is not there.
pub async fn pending_migrations(path: &Path) -> Result<usize, OpenError> {
    let database = connect(path, 1).await?;
    let pending = ServiceMigrator::get_pending_migrations(&database).await;
    let _ = database.close().await;
    pending.map(|steps| steps.len()).map_err(failed(path))
}

/// Runs the migrations a SQLite file still needs.
pub async fn migrate(path: &Path) -> Result<(), OpenError> {
    let database = connect(path, 1).await?;
    let done = ServiceMigrator::up(&database, None).await;
    let _ = database.close().await;
    done.map_err(failed(path))
}

/// How many migrations a PostgreSQL database still needs.
pub async fn pending_postgres_migrations(database: &PostgresOptions) -> Result<usize, OpenError> {
    postgres::pending(&postgres::Address::of(database)?).await
}

/// Runs the migrations a PostgreSQL database still needs, one process at a time.
pub async fn migrate_postgres(database: &PostgresOptions) -> Result<(), OpenError> {
    postgres::migrate(&postgres::Address::of(database)?).await
}

/// A pool on a SQLite file, for what is not on a hot path.
pub(crate) async fn connect(path: &Path, connections: u32) -> Result<DatabaseConnection, OpenError> {
    Database::connect(options(path, connections)).await.map_err(failed(path))
}

fn options(path: &Path, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    // The task that ends old connections can take a whole core for ever: transact-rs/sqlx#3645.
    options.idle_timeout(None).max_lifetime(None);
    options.max_connections(connections).sqlx_logging(false);
    options
}

pub(crate) fn failed(path: &Path) -> impl Fn(DbErr) -> OpenError {
    let place = path.display().to_string();
    move |cause| OpenError::Open { place: place.clone(), cause: cause.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_has_no_task_that_ends_its_connections() {
        let sqlite = options(Path::new("x"), 1);
        assert_eq!((sqlite.get_idle_timeout(), sqlite.get_max_lifetime()), (Some(None), Some(None)));
    }
}
