use std::{
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use grantor_crypto::{FileMode, InternalKeys, KeyId, RootKeys};
use grantor_eventsourcing::Timestamp;
use grantor_remote::Role;
use grantor_store::{migrate, pending_migrations};
use serde::{Deserialize, Serialize};

use crate::{Roles, SERVICES, StartError};

/// The folder of the embedded default: one database per service, the root key, the lock.
#[derive(Debug, Clone)]
pub struct DataFolder {
    root: PathBuf,
    root_key: PathBuf,
    /// The databases are not in it.
    elsewhere: bool,
}

/// A data folder, or the part of it that belongs to some services, that this process alone uses,
/// until dropped.
pub struct Held {
    _locks: Vec<File>,
    running: PathBuf,
}

/// Where a running process is reached; written beside the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Running {
    /// The process.
    pub pid: u32,
    /// Base URL of the admin listener.
    pub admin: String,
    /// Base URLs of the tenants' listeners.
    pub listen: Vec<String>,
}

impl DataFolder {
    /// A folder, made or not; the root key's file is in it unless `root_key` says otherwise.
    pub fn new(root: impl Into<PathBuf>, root_key: Option<PathBuf>) -> Self {
        let root = root.into();
        let root_key = root_key.unwrap_or_else(|| root.join("root.key"));
        Self { root, root_key, elsewhere: false }
    }

    /// Its path.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// A service's database.
    pub fn database(&self, service: &str) -> PathBuf {
        self.root.join("db").join(format!("{service}.sqlite"))
    }

    /// Where the keys of calls between services are, unless the configuration says otherwise.
    pub fn internal_key(&self) -> PathBuf {
        self.root.join("internal.key")
    }

    /// Whether `grantor init` has made it, to the end. Where the databases are elsewhere, the
    /// root key is all that the folder has to hold.
    pub fn is_initialised(&self) -> bool {
        let made = if self.elsewhere { self.root_key.exists() } else { self.database(SERVICES[0]).exists() };
        made && !self.unfinished().exists()
    }

    /// The same folder, with the databases elsewhere.
    pub fn without_databases(self) -> Self {
        Self { elsewhere: true, ..self }
    }

    /// Makes the folder and the root key. The databases follow with [`Self::migrate`]; a folder
    /// counts as made only after [`Self::finish`].
    ///
    /// Where an earlier making was cut short, nobody has been told a credential yet: its
    /// databases are thrown away, and its root key is used.
    pub fn create(&self) -> Result<RootKeys, StartError> {
        if self.is_initialised() {
            return Err(StartError::AlreadyInitialised(self.root.clone()));
        }
        let db = self.root.join("db");
        let make = |path: &Path| {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(StartError::file(path))
        };
        make(&self.root)?;
        let _held = self.hold()?;
        let unfinished = self.unfinished();
        if unfinished.exists() && db.exists() {
            fs::remove_dir_all(&db).map_err(StartError::file(&db))?;
        } else if db.read_dir().is_ok_and(|mut entries| entries.next().is_some()) {
            return Err(StartError::AlreadyInitialised(self.root.clone()));
        }
        File::create(&unfinished).and_then(|mark| mark.sync_all()).map_err(StartError::file(&unfinished))?;
        make(&db)?;
        let internal = self.internal_key();
        if !internal.exists() {
            InternalKeys::create(&internal)
                .map_err(|cause| StartError::setting("internal.key", format!("{}: {cause}", internal.display())))?;
        }
        if self.root_key.exists() {
            return self.root_keys(false);
        }
        RootKeys::create(&self.root_key).map_err(StartError::root_key(&self.root_key))
    }

    /// Says that the folder is complete, and that its first credentials are kept.
    pub fn finish(&self) -> Result<(), StartError> {
        let unfinished = self.unfinished();
        fs::remove_file(&unfinished).map_err(StartError::file(&unfinished))
    }

    /// Stands beside the databases while they are being made.
    fn unfinished(&self) -> PathBuf {
        self.root.join("unfinished")
    }

    /// Reads the root keys; never makes any.
    pub fn root_keys(&self, production: bool) -> Result<RootKeys, StartError> {
        let mode = if production { FileMode::MustBePrivate } else { FileMode::MayBeShared };
        RootKeys::load(&self.root_key, mode).map_err(StartError::root_key(&self.root_key))
    }

    /// Adds a root key, which wraps from now on.
    pub fn add_root_key(&self) -> Result<KeyId, StartError> {
        RootKeys::add(&self.root_key).map_err(StartError::root_key(&self.root_key))
    }

    /// Takes a root key away. Nothing may be wrapped by it any more.
    pub fn remove_root_key(&self, id: &str) -> Result<(), StartError> {
        RootKeys::remove(&self.root_key, id).map_err(StartError::root_key(&self.root_key))
    }

    /// Locks the folder for this process.
    pub fn hold(&self) -> Result<Held, StartError> {
        self.hold_as(&Roles::default())
    }

    /// Locks what these services use. All of them lock the whole; some share it with processes
    /// that run others.
    pub fn hold_as(&self, roles: &Roles) -> Result<Held, StartError> {
        let whole = self.lock("lock", roles.is_whole())?;
        let mut locks = vec![whole];
        let mut running = "running.json".to_owned();
        if !roles.is_whole() {
            for role in roles.iter() {
                locks.push(self.lock(&format!("lock.{role}"), true)?);
            }
            // Operators' commands look for the process that answers them.
            if let Some(role) = roles.iter().next().filter(|_| !roles.has(Role::Console)) {
                running = format!("running.{role}.json");
            }
        }
        let running = self.root.join(running);
        // Left behind by a process that was killed: it is reached nowhere any more.
        let _ = fs::remove_file(&running);
        Ok(Held { _locks: locks, running })
    }

    fn lock(&self, name: &str, alone: bool) -> Result<File, StartError> {
        let path = self.root.join(name);
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(StartError::file(&path))?;
        let locked = if alone { lock.try_lock() } else { lock.try_lock_shared() };
        if locked.is_err() {
            let at = self.running().map(|running| format!(": {}", running.listen.join(", "))).unwrap_or_default();
            return Err(StartError::InUse { folder: self.root.clone(), at });
        }
        Ok(lock)
    }

    /// Where the process that holds it is reached.
    pub fn running(&self) -> Option<Running> {
        let text = fs::read(self.root.join("running.json")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Runs pending migrations, after a copy of every database that has data. Answers the
    /// copy's folder when there was one.
    pub async fn migrate(&self, now: Timestamp) -> Result<Option<PathBuf>, StartError> {
        self.migrate_as(now, &Roles::default()).await
    }

    /// The same for the databases of these services alone.
    pub async fn migrate_as(&self, now: Timestamp, roles: &Roles) -> Result<Option<PathBuf>, StartError> {
        let mut pending = Vec::new();
        let services = roles.databases();
        let has_data = services.iter().any(|service| self.database(service).exists());
        for service in &services {
            let path = self.database(service);
            if pending_migrations(&path).await? > 0 {
                pending.push(path);
            }
        }
        if pending.is_empty() {
            return Ok(None);
        }
        let copy = if has_data { Some(self.copy(now, &services)?) } else { None };
        for path in pending {
            migrate(&path).await?;
        }
        Ok(copy)
    }

    /// Copies the services' databases; nobody writes to them, as the caller holds them.
    fn copy(&self, now: Timestamp, services: &[&str]) -> Result<PathBuf, StartError> {
        let target = self.root.join("backups").join(now.format("%Y%m%dT%H%M%SZ").to_string());
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&target).map_err(StartError::file(&target))?;
        let db = self.root.join("db");
        for entry in fs::read_dir(&db).map_err(StartError::file(&db))? {
            let entry = entry.map_err(StartError::file(&db))?;
            let name = entry.file_name();
            let of = |service: &&str| name.to_str().is_some_and(|name| name.starts_with(&format!("{service}.sqlite")));
            if !services.iter().any(of) {
                continue;
            }
            fs::copy(entry.path(), target.join(entry.file_name())).map_err(StartError::file(entry.path()))?;
        }
        Ok(target)
    }
}

impl Held {
    /// Tells others where this process is reached.
    pub fn announce(&self, running: &Running) -> Result<(), StartError> {
        let text = serde_json::to_vec_pretty(running).map_err(|_| StartError::Inside("running.json"))?;
        let fresh = self.running.with_extension("json.new");
        let write = || {
            let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
            file.write_all(&text)?;
            fs::rename(&fresh, &self.running)
        };
        write().map_err(StartError::file(&self.running))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.running);
    }
}
