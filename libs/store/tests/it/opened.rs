//! A store on a file of its own, with a clock that stands still.

use std::{fs, path::PathBuf, sync::Arc};

use chrono::{DateTime, TimeDelta};
use grantor_eventsourcing::Timestamp;
use grantor_ports::{Clock, FixedClock, OsEntropy};
use grantor_store::{SqliteOptions, Store};
use tempfile::TempDir;

pub struct Opened {
    pub store: Store,
    pub clock: Arc<FixedClock>,
    pub folder: TempDir,
}

pub async fn open() -> Opened {
    open_with(|_| {}).await
}

pub async fn open_with(change: impl FnOnce(&mut SqliteOptions)) -> Opened {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("one.sqlite");
    grantor_store::migrate(&path).await.expect("migrations");
    let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")));
    let mut options = SqliteOptions::new(path);
    change(&mut options);
    let store = Store::open_sqlite(options, Arc::clone(&clock) as _, Arc::new(OsEntropy)).await.expect("a store");
    Opened { store, clock, folder }
}

impl Opened {
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("one.sqlite")
    }

    pub fn now(&self) -> Timestamp {
        self.clock.real()
    }

    pub fn in_seconds(&self, seconds: i64) -> Option<Timestamp> {
        Some(self.now() + TimeDelta::seconds(seconds))
    }

    /// Closes it and opens the same file again.
    pub async fn again(self) -> Self {
        let options = SqliteOptions::new(self.path());
        let Self { store, clock, folder } = self;
        drop(store);
        let store = Store::open_sqlite(options, Arc::clone(&clock) as _, Arc::new(OsEntropy)).await.expect("a store");
        Self { store, clock, folder }
    }

    /// Every byte of the database and its write-ahead log.
    pub fn bytes(&self) -> Vec<u8> {
        let files = fs::read_dir(self.folder.path()).expect("the folder");
        files.flat_map(|file| fs::read(file.expect("a file").path()).expect("its bytes")).collect()
    }
}

pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}
