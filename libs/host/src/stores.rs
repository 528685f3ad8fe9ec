use std::{collections::BTreeMap, sync::Arc};

use grantor_crypto::RootKeys;
use grantor_ports::{Clock, Entropy};
use grantor_remote::Role;
use grantor_store::{SqliteOptions, Store, Write};
use grantor_telemetry::Metrics;

use crate::{DataFolder, Roles, StartError};

/// The services, each with a database of its own.
pub const SERVICES: [&str; 5] = ["registry", "directory", "authorization", "token", "console"];

/// Key of the record that proves the right root key is loaded.
const ROOT_KEY_PROOF: &str = "root_key_proof";

/// Key of the record that says that the folder holds a demo.
const DEMO: &str = "demo";

/// The databases of this process' services, opened.
#[derive(Clone)]
pub struct Stores(BTreeMap<Role, Store>);

impl Stores {
    /// Opens those of the roles; refuses a root key that is not theirs. A database without a proof is
    /// new, and gets one.
    pub async fn open(
        folder: &DataFolder,
        roles: &Roles,
        keys: &RootKeys,
        readers: usize,
        metrics: &Metrics,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<Self, StartError> {
        let mut opened = BTreeMap::new();
        for role in roles.iter().filter(|role| SERVICES.contains(&role.name())) {
            let service = role.name();
            let path = folder.database(service);
            let options = SqliteOptions { readers, metrics: Some(metrics.store(service)), ..SqliteOptions::new(&path) };
            let store = Store::open_sqlite(options, Arc::clone(clock), Arc::clone(entropy)).await?;
            let failed = |_| StartError::Inside("a database cannot be read");
            match store.meta(ROOT_KEY_PROOF).await.map_err(failed)? {
                Some(proof) if keys.check_proof(&proof).is_ok() => {}
                Some(_) => return Err(StartError::WrongRootKey { file: path.display().to_string() }),
                None => {
                    let meta = vec![(ROOT_KEY_PROOF, keys.prove())];
                    let written = store.commit(Write { meta, ..Write::default() }).await;
                    written.map_err(|_| StartError::Inside("a database cannot be written"))?;
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
