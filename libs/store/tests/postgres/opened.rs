//! A store on a database of its own, with a clock that stands still.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta};
use grantor_eventsourcing::Timestamp;
use grantor_ports::{Clock, FixedClock, OsEntropy};
use grantor_store::{PostgresOptions, Store};
use grantor_tests_postgres::TestDatabase;

pub struct Opened {
    pub store: Store,
    pub clock: Arc<FixedClock>,
    pub database: TestDatabase,
}

pub async fn open() -> Opened {
    open_with(|_| {}).await
}

pub async fn open_with(change: impl FnOnce(&mut PostgresOptions)) -> Opened {
    let database = database().await;
    let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")));
    let mut options = PostgresOptions::new(database.url());
    change(&mut options);
    let store = store(options, &clock).await;
    Opened { store, clock, database }
}

/// A migrated database.
pub async fn database() -> TestDatabase {
    let migrate =
        |url| async move { grantor_store::migrate_postgres(&PostgresOptions::new(url)).await.expect("migrations") };
    TestDatabase::of("store", migrate).await
}

pub async fn store(options: PostgresOptions, clock: &Arc<FixedClock>) -> Store {
    Store::open_postgres(options, Arc::clone(clock) as _, Arc::new(OsEntropy)).await.expect("a store")
}

impl Opened {
    pub fn now(&self) -> Timestamp {
        self.clock.real()
    }

    pub fn in_seconds(&self, seconds: i64) -> Option<Timestamp> {
        Some(self.now() + TimeDelta::seconds(seconds))
    }

    /// The same database, as another process has it.
    pub async fn beside(&self) -> Store {
        store(PostgresOptions::new(self.database.url()), &self.clock).await
    }

    /// Closes it and opens the same database again.
    pub async fn again(self) -> Self {
        let Self { store, clock, database } = self;
        drop(store);
        let store = self::store(PostgresOptions::new(database.url()), &clock).await;
        Self { store, clock, database }
    }
}
