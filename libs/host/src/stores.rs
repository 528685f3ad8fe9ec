use std::sync::Arc;

use grantor_crypto::RootKeys;
use grantor_ports::{Clock, Entropy};
use grantor_store::{SqliteOptions, Store, Write};
use grantor_telemetry::Metrics;

use crate::{DataFolder, StartError};

/// The services, each with a database of its own.
pub const SERVICES: [&str; 5] = ["registry", "directory", "authorization", "token", "console"];

/// Key of the record that proves the right root key is loaded.
const ROOT_KEY_PROOF: &str = "root_key_proof";

/// Key of the record that says that the folder holds a demo.
const DEMO: &str = "demo";

/// The services' databases, opened.
#[derive(Clone)]
pub struct Stores {
    /// Tenants and clients.
    pub registry: Store,
    /// Users.
    pub directory: Store,
    /// Sessions, consents, interactions.
    pub authorization: Store,
    /// Grants and signing keys.
    pub token: Store,
    /// Operators.
    pub console: Store,
}

impl Stores {
    /// Opens all of them; refuses a root key that is not theirs. A database without a proof is
    /// new, and gets one.
    pub async fn open(
        folder: &DataFolder,
        keys: &RootKeys,
        readers: usize,
        metrics: &Metrics,
        clock: &Arc<dyn Clock>,
        entropy: &Arc<dyn Entropy>,
    ) -> Result<Self, StartError> {
        let mut opened = Vec::new();
        for service in SERVICES {
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
            opened.push(store);
        }
        let [registry, directory, authorization, token, console] =
            <[Store; 5]>::try_from(opened).map_err(|_| StartError::Inside("a database is missing"))?;
        Ok(Self { registry, directory, authorization, token, console })
    }

    /// Marks the folder as a demo's, for ever.
    pub async fn mark_demo(&self) -> Result<(), StartError> {
        let write = Write { meta: vec![(DEMO, b"1".to_vec())], ..Write::default() };
        self.console.commit(write).await.map(drop).map_err(|_| StartError::Inside("a database cannot be written"))
    }

    pub(crate) async fn hold_demo(&self) -> Result<bool, StartError> {
        let found = self.console.meta(DEMO).await;
        found.map(|mark| mark.is_some()).map_err(|_| StartError::Inside("a database cannot be read"))
    }

    /// Each with its service's name.
    pub fn all(&self) -> [(&'static str, &Store); 5] {
        let stores = [&self.registry, &self.directory, &self.authorization, &self.token, &self.console];
        std::array::from_fn(|at| (SERVICES[at], stores[at]))
    }
}
