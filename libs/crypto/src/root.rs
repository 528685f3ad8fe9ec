use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use grantor_ids::TenantId;
use zeroize::Zeroizing;

use crate::{Context, KeyId, OpenFailed, SealedField, TenantKey, WrappedKey, key::Key};

/// What marks the key that wraps.
pub(crate) const ACTIVE: &str = " active";
const PROOF: &[u8] = b"the right root key is loaded";
/// The proof belongs to the deployment; it stands under the nil tenant.
const PROOF_CONTEXT: Context<'static> =
    Context { tenant: TenantId::from_uuid(NIL), table: "root_key", row: b"proof", field: "known_value" };
const NIL: uuid::Uuid = uuid::Uuid::nil();

/// What to do when others than the owner may read the key file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileMode {
    /// Refuse it: production.
    MustBePrivate,
    /// Take it; ask [`RootKeys::is_private`] and warn.
    MayBeShared,
}

/// Why there is no root key to work with. A missing or wrong key is never replaced by a new one.
#[derive(Debug, thiserror::Error)]
pub enum RootKeyError {
    /// The file cannot be read or written.
    #[error("{cause}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the operating system said; `AlreadyExists` when one would be overwritten.
        cause: io::Error,
    },
    /// Group or others may read it.
    #[error("it has mode {mode:o}; set it to 600")]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// A line is not `id:key` or `id:key active`.
    #[error("line {line}: expected `id:` and 43 characters of base64url, then ` active` on one line")]
    Line {
        /// Counted from 1.
        line: usize,
    },
    /// Not exactly one key is active.
    #[error("exactly one key must be marked ` active`")]
    Active,
    /// Two keys have one name.
    #[error("the id `{0}` stands twice")]
    Twice(KeyId),
    /// The data was sealed under a key that the file does not hold.
    #[error("the data belongs to root key `{0}`, which is not in the root key file")]
    Absent(KeyId),
    /// There is no key of this name to take away.
    #[error("there is no root key `{0}`")]
    Unknown(String),
    /// The key that wraps cannot be taken away.
    #[error("the root key `{0}` is the active one; add another first")]
    InUse(String),
    /// The file holds a key of the right name that is not the right key.
    #[error("the root key in the file is not the one this data belongs to")]
    Wrong,
}

/// The root keys: one wraps, all unwrap.
#[derive(Debug, Clone)]
pub struct RootKeys {
    active: usize,
    keys: Vec<Key>,
}

impl RootKeys {
    /// Makes a key file with one key, mode 0600. An existing file is never touched. Only
    /// `grantor init` calls this.
    pub fn create(path: &Path) -> Result<Self, RootKeyError> {
        let failed = |cause| RootKeyError::File { path: path.to_owned(), cause };
        let key = Key::random("root-1".parse().expect("a plain id"));
        let line = active_line(&key);
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        sync_name(path).map_err(failed)?;
        Ok(Self { active: 0, keys: vec![key] })
    }

    /// Reads a key file.
    pub fn load(path: &Path, mode: FileMode) -> Result<Self, RootKeyError> {
        let failed = |cause| RootKeyError::File { path: path.to_owned(), cause };
        if mode == FileMode::MustBePrivate && !Self::is_private(path)? {
            let bits = fs::metadata(path).map_err(failed)?.mode() & 0o7777;
            return Err(RootKeyError::Exposed { path: path.to_owned(), mode: bits });
        }
        Self::parse(&Zeroizing::new(fs::read_to_string(path).map_err(failed)?))
    }

    /// Whether nobody but the owner may read or write this file.
    pub fn is_private(path: &Path) -> Result<bool, RootKeyError> {
        let meta = fs::metadata(path).map_err(|cause| RootKeyError::File { path: path.to_owned(), cause })?;
        Ok(meta.mode() & 0o077 == 0)
    }

    /// Reads the text of a key file: a line `id:key` per key, `id:key active` for the one that
    /// wraps; the key is 32 bytes in base64url without padding. Empty lines and lines that
    /// begin with `#` do not count.
    pub fn parse(text: &str) -> Result<Self, RootKeyError> {
        let mut keys: Vec<Key> = Vec::new();
        let mut active = Vec::new();
        for (index, line) in text.lines().map(str::trim).enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (entry, marked) = line.strip_suffix(ACTIVE).map_or((line, false), |entry| (entry, true));
            let key = parse_entry(entry.trim_end()).ok_or(RootKeyError::Line { line: index + 1 })?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(RootKeyError::Twice(key.id));
            }
            if marked {
                active.push(keys.len());
            }
            keys.push(key);
        }
        match active[..] {
            [active] => Ok(Self { active, keys }),
            _ => Err(RootKeyError::Active),
        }
    }

    /// A known value under the active key, to be stored beside the data.
    pub fn prove(&self) -> Vec<u8> {
        self.active().seal(&PROOF_CONTEXT, PROOF).to_bytes()
    }

    /// Whether a stored proof opens: the right key is loaded.
    pub fn check_proof(&self, proof: &[u8]) -> Result<(), RootKeyError> {
        let field = SealedField::from_bytes(proof).map_err(|_| RootKeyError::Wrong)?;
        let key = self.find(&field.key_id).ok_or_else(|| RootKeyError::Absent(field.key_id.clone()))?;
        let value = key.open(&PROOF_CONTEXT, &field).map_err(|_| RootKeyError::Wrong)?;
        if value.as_slice() == PROOF { Ok(()) } else { Err(RootKeyError::Wrong) }
    }

    /// The names of all keys, in the order of the file.
    pub fn ids(&self) -> impl ExactSizeIterator<Item = &KeyId> {
        self.keys.iter().map(|key| &key.id)
    }

    /// The name of the key that wraps.
    pub fn active_id(&self) -> &KeyId {
        &self.active().id
    }

    /// Makes a tenant's key; the wrapped form is to be stored.
    pub fn new_tenant_key(&self, tenant: TenantId) -> (TenantKey, WrappedKey) {
        let key = TenantKey::new(tenant, Key::random(KeyId::random()));
        let wrapped = self.wrap_tenant_key(&key);
        (key, wrapped)
    }

    /// Wraps a tenant's key under the active root key.
    pub fn wrap_tenant_key(&self, key: &TenantKey) -> WrappedKey {
        WrappedKey::wrap(self.active(), key.tenant(), TenantKey::KIND, key.key())
    }

    /// The tenant's key in a stored form. Another tenant's does not open.
    pub fn unwrap_tenant_key(&self, tenant: TenantId, wrapped: &WrappedKey) -> Result<TenantKey, OpenFailed> {
        let root = self.find(&wrapped.sealed.key_id).ok_or(OpenFailed::OtherKey)?;
        wrapped.unwrap(root, tenant, TenantKey::KIND).map(|key| TenantKey::new(tenant, key))
    }

    /// The stored form under the active root key, when it is under an older one: rotation
    /// rewrites key rows and nothing else. `None` when there is nothing to do.
    pub fn rewrap(&self, tenant: TenantId, wrapped: &WrappedKey) -> Result<Option<WrappedKey>, OpenFailed> {
        if wrapped.sealed.key_id == *self.active_id() {
            return Ok(None);
        }
        self.unwrap_tenant_key(tenant, wrapped).map(|key| Some(self.wrap_tenant_key(&key)))
    }

    fn active(&self) -> &Key {
        &self.keys[self.active]
    }

    pub(crate) fn find(&self, id: &KeyId) -> Option<&Key> {
        self.keys.iter().find(|key| key.id == *id)
    }
}

/// The line of a key file that holds the key that wraps.
pub(crate) fn active_line(key: &Key) -> Zeroizing<String> {
    Zeroizing::new(format!("{}:{}{ACTIVE}\n", key.id, *Zeroizing::new(B64.encode(key.expose()))))
}

/// A file's name must survive a power cut as surely as its bytes do.
pub(crate) fn sync_name(path: &Path) -> io::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

fn parse_entry(entry: &str) -> Option<Key> {
    let (id, encoded) = entry.split_once(':')?;
    let bytes = Zeroizing::new(B64.decode(encoded).ok()?);
    Key::from_slice(id.parse().ok()?, &bytes)
}
