//! The tables every service has: events, state rows, keyed rows, copies, lists, cursors.

mod postgres;
mod sqlite;

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Creates them.
pub struct CreateTables;

impl MigrationName for CreateTables {
    // Written down in every database; never changes.
    fn name(&self) -> &'static str {
        "event_store"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateTables {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = match manager.get_database_backend() {
            DbBackend::Postgres => postgres::TABLES,
            _ => sqlite::TABLES,
        };
        manager.get_connection().execute_unprepared(tables).await?;
        Ok(())
    }
}
