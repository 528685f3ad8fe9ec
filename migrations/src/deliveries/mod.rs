//! The tables of what is told to others: messages, their deliveries, every attempt.

mod postgres;
mod sqlite;

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

/// Creates them.
pub struct CreateDeliveries;

impl MigrationName for CreateDeliveries {
    // Written down in every database; never changes.
    fn name(&self) -> &'static str {
        "deliveries"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateDeliveries {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = match manager.get_database_backend() {
            DbBackend::Postgres => postgres::TABLES,
            _ => sqlite::TABLES,
        };
        manager.get_connection().execute_unprepared(tables).await?;
        Ok(())
    }
}
