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
    let mut options = ConnectOptions::new(format!("sqlite://{}?mode=rwc", path.display()));
    options.max_connections(connections).sqlx_logging(false);
    Database::connect(options).await.map_err(failed(path))
}

pub(crate) fn failed(path: &Path) -> impl Fn(DbErr) -> OpenError {
    let place = path.display().to_string();
    move |cause| OpenError::Open { place: place.clone(), cause: cause.to_string() }
}
