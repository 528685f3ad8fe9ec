//! What follows a rotation of the root key: every database's keys come under the new one.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use grantor_crypto::{KeyId, RootKeys};
use grantor_keyring::{rewrap_all, wrapped_by};
use grantor_ports::{PortError, SystemClock};
use grantor_telemetry::Metrics;

use crate::{
    DataFolder, PostgresDatabases, Roles, StartError, Stores,
    stores::{Databases, prove},
};

/// How long to wait after a database did not answer.
const PAUSE: Duration = Duration::from_secs(5);

/// Brings the databases' keys under the active root key, while everything else goes on. With one
/// key alone there is nothing to do.
pub(crate) async fn follow_rotation(stores: Stores, keys: Arc<RootKeys>) {
    if keys.ids().len() == 1 {
        return;
    }
    for (service, store) in stores.all() {
        let rewrapped = loop {
            match async { Ok::<_, PortError>((rewrap_all(store, &keys).await?, prove(store, &keys).await?)) }.await {
                Ok((rewrapped, ())) => break rewrapped,
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        };
        let root = keys.active_id().as_str();
        tracing::info!(service, root, rewrapped, "every tenant's key is wrapped by the active root key");
    }
}

/// The databases of all services, opened by whoever has the root key and runs none of them.
pub struct Wrapped {
    stores: Stores,
    keys: RootKeys,
}

impl Wrapped {
    /// Opens them; refuses a root key that is not theirs.
    pub async fn open(
        folder: &DataFolder,
        postgres: Option<&PostgresDatabases>,
        keys: RootKeys,
    ) -> Result<Self, StartError> {
        let drill = grantor_ports::Drilled::default();
        let databases = match postgres {
            Some(postgres) => Databases::Postgres { postgres, drill: &drill },
            None => Databases::Sqlite { folder, readers: 1, drill: &drill },
        };
        let (clock, entropy) = (Arc::new(SystemClock) as _, Arc::new(grantor_ports::OsEntropy) as _);
        let stores = Stores::open(&databases, &Roles::default(), &keys, &Metrics::new(), &clock, &entropy).await?;
        Ok(Self { stores, keys })
    }

    /// How many tenants' keys each root key wraps, by service.
    pub async fn counts(&self) -> Result<BTreeMap<&'static str, BTreeMap<KeyId, u64>>, StartError> {
        let mut counts = BTreeMap::new();
        for (service, store) in self.stores.all() {
            counts.insert(service, wrapped_by(store).await.map_err(unread)?);
        }
        Ok(counts)
    }

    /// Brings all of them under the active root key; answers how many were not.
    pub async fn rewrap(&self) -> Result<u64, StartError> {
        let mut rewrapped = 0;
        for (_, store) in self.stores.all() {
            rewrapped += rewrap_all(store, &self.keys).await.map_err(unread)?;
            prove(store, &self.keys).await.map_err(unread)?;
        }
        Ok(rewrapped)
    }
}

fn unread(_: PortError) -> StartError {
    StartError::Inside("a tenant's key cannot be read or written")
}
