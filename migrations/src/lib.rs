//! Schema migrations, one list per service; every step is tagged *expand* (old and new code
//! both run beside it) or *contract* (only new code does).
//!
//! Steps are only ever added. `grantor migrate` runs them; `serve` refuses to start while one
//! is missing, except in the embedded default, where the data folder is copied first.

mod deliveries;
mod event_store;

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};
pub use sea_orm_migration::{MigratorTrait as Migrator, sea_orm::DatabaseConnection};

/// Which other versions of the code may run while a step is applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// Old and new code.
    Expand,
    /// Only new code.
    Contract,
}

/// A step and its tag.
pub struct Step {
    /// See [`Tag`].
    pub tag: Tag,
    /// What it does.
    pub migration: Box<dyn MigrationTrait>,
}

/// The steps of a service's own database. Every service has the same tables, so that there is one
/// list of steps; those that it does not use stay empty.
pub fn steps() -> Vec<Step> {
    vec![
        Step { tag: Tag::Expand, migration: Box::new(event_store::CreateTables) },
        Step { tag: Tag::Expand, migration: Box::new(deliveries::CreateDeliveries) },
    ]
}

/// Runs the steps of one service's database.
pub struct ServiceMigrator;

#[async_trait::async_trait]
impl MigratorTrait for ServiceMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        steps().into_iter().map(|step| step.migration).collect()
    }
}
