use grantor_host::{PostgresDatabases, SERVICES};
use grantor_store::{PostgresOptions, migrate_postgres};
use grantor_tests_postgres::TestDatabase;

/// The databases of one world on PostgreSQL; gone when dropped.
pub(crate) struct Databases(Vec<(&'static str, TestDatabase)>);

impl Databases {
    pub(crate) async fn make() -> Self {
        let migrate = |url| async move { migrate_postgres(&PostgresOptions::new(url)).await.expect("migrations") };
        let mut made = Vec::new();
        for service in SERVICES {
            made.push((service, TestDatabase::of("service", migrate).await));
        }
        Self(made)
    }

    pub(crate) fn settings(&self) -> PostgresDatabases {
        PostgresDatabases::new(|service| {
            let own = self.0.iter().find(|(name, _)| *name == service).expect("every service has one");
            PostgresOptions { connections: 4, ..PostgresOptions::new(own.1.url()) }
        })
    }
}
