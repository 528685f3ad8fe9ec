use std::{collections::BTreeMap, sync::Arc};

use grantor_crypto::RootKeys;
use grantor_ports::{Clock, Drilled, Entropy, PortError};
use grantor_remote::Role;
use grantor_store::{PostgresOptions, SqliteOptions, Store, Write, not_written};
use grantor_telemetry::Metrics;

use crate::{DataFolder, PostgresDatabases, Roles, StartError, databases::refused};

/// The services, each with a database of its own.
pub const SERVICES: [&str; 6] = ["registry", "directory", "authorization", "token", "console", "webhooks"];

/// Key of the record that proves the right root key is loaded.
const ROOT_KEY_PROOF: &str = "root_key_proof";

/// Key of the record that says that the folder holds a demo.
const DEMO: &str = "demo";

/// Where the services' databases are, and what opens them.
pub(crate) enum Databases<'a> {
    Sqlite { folder: &'a DataFolder, readers: usize, drill: &'a Drilled },
    Postgres { postgres: &'a PostgresDatabases, drill: &'a Drilled },
}

impl Databases<'_> {
    /// A service's own, and a name for it in messages.
    async fn open(
        &self,
        service: &'static str,
        metrics: &Metrics,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<(Store, String), StartError> {
        let metrics = Some(metrics.store(service));
        let (clock, entropy) = (Arc::clone(clock), Arc::clone(entropy));
        match self {
            Self::Sqlite { folder, readers, drill } => {
                let path = folder.database(service);
                let options =
                    SqliteOptions { readers: *readers, metrics, drill: (*drill).clone(), ..SqliteOptions::new(&path) };
                Ok((Store::open_sqlite(options, clock, entropy).await?, path.display().to_string()))
            }
            Self::Postgres { postgres, drill } => {
                let options = postgres.database(service).ok_or(StartError::Inside("a database is missing"))?.clone();
                let options = PostgresOptions { metrics, drill: (*drill).clone(), ..options };
                let store = Store::open_postgres(options, clock, entropy).await.map_err(refused)?;
                Ok((store, format!("the database of {service}")))
            }
        }
    }
}

/// The databases of this process' services, opened.
#[derive(Clone)]
pub struct Stores(BTreeMap<Role, Store>);

impl Stores {
    /// Opens those of the roles; refuses a root key that is not theirs. A database without a proof is
    /// new, and gets one.
    pub(crate) async fn open(
        databases: &Databases<'_>,
        roles: &Roles,
        keys: &RootKeys,
        metrics: &Metrics,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<Self, StartError> {
        let mut opened = BTreeMap::new();
        for role in roles.iter().filter(|role| SERVICES.contains(&role.name())) {
            let (store, place) = databases.open(role.name(), metrics, clock, entropy).await?;
            let failed = |_| StartError::Inside("a database cannot be read");
            match store.meta(ROOT_KEY_PROOF).await.map_err(failed)? {
                Some(proof) if keys.check_proof(&proof).is_ok() => {}
                Some(_) => return Err(StartError::WrongRootKey { database: place }),
                None => {
                    prove(&store, keys).await.map_err(|_| StartError::Inside("a database cannot be written"))?;
                }
            }
            opened.insert(role, store);
        }
        Ok(Self(opened))
    }

    /// Marks the folder as a demo's, for ever.
    pub async fn mark_demo(&self) -> Result<(), StartError> {
        let write = Write { meta: vec![(DEMO, b"1".to_vec())], ..Write::default() };
        self.of(Role::Console)
            .commit(write)
            .await
            .map(drop)
            .map_err(|_| StartError::Inside("a database cannot be written"))
    }

    pub(crate) async fn hold_demo(&self) -> Result<bool, StartError> {
        let Some(console) = self.get(Role::Console) else { return Ok(false) };
        let found = console.meta(DEMO).await;
        found.map(|mark| mark.is_some()).map_err(|_| StartError::Inside("a database cannot be read"))
    }

    /// Each with its service's name.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, &Store)> {
        self.0.iter().map(|(role, store)| (role.name(), store))
    }

    /// That of one service, if this process runs it.
    pub fn get(&self, service: Role) -> Option<&Store> {
        self.0.get(&service)
    }

    /// That of a service which this process is known to run.
    ///
    /// # Panics
    /// When it does not.
    pub fn of(&self, service: Role) -> &Store {
        self.get(service).unwrap_or_else(|| panic!("this process does not run {service}"))
    }
}

/// Keeps a proof under the active root key, for the next start.
pub(crate) async fn prove(store: &Store, keys: &RootKeys) -> Result<(), PortError> {
    let meta = vec![(ROOT_KEY_PROOF, keys.prove())];
    store.commit(Write { meta, ..Write::default() }).await.map(drop).map_err(not_written)
}
