use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::phc::{Output, PasswordHash, Salt},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::random_bytes;

/// The largest parameters an imported hash may ask for: 64 MiB, 10 passes, 4 lanes.
const MAX_M_COST: u32 = 64 * 1024;
const MAX_T_COST: u32 = 10;
const MAX_P_COST: u32 = 4;
/// How many may wait for each one that is being hashed.
const QUEUE_PER_CORE: usize = 16;

/// What a password check said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The right password.
    Match {
        /// The stored hash has other parameters than today's: hash the password again and store it.
        needs_rehash: bool,
    },
    /// A wrong password, or nobody to check it for.
    NoMatch,
}

/// Why nothing was hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HashRefusal {
    /// The queue is full: answer 503 with `Retry-After`.
    #[error("too many passwords are being checked")]
    Busy,
    /// The stored hash is none, or asks for more than is allowed.
    #[error("the stored password hash cannot be used")]
    Unusable,
    /// The runtime is shutting down, or the library failed.
    #[error("the password could not be hashed")]
    Failed,
}

/// Why a hash is not imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    /// Not a PHC string with salt and output.
    #[error("not a password hash in PHC format")]
    Malformed,
    /// Another algorithm or version than Argon2id 1.3.
    #[error("only argon2id, version 19, is accepted")]
    Algorithm,
    /// Memory, passes or lanes beyond what one login may cost.
    #[error("parameters beyond m=65536, t=10, p=4")]
    TooCostly,
}

/// Checks a hash from elsewhere before it is stored.
pub fn check_imported_hash(hash: &str) -> Result<(), Unacceptable> {
    acceptable(hash).map(|_| ())
}

/// Whether this hash has other parameters than new ones get: 19 MiB, 2 passes, 1 lane (OWASP).
pub fn needs_rehash(hash: &str) -> bool {
    acceptable(hash).is_ok_and(|(_, params)| !is_current(&params))
}

fn is_current(params: &Params) -> bool {
    let cost = |params: &Params| (params.m_cost(), params.t_cost(), params.p_cost());
    cost(params) == cost(&Params::DEFAULT) && params.output_len() == Some(Params::DEFAULT_OUTPUT_LEN)
}

fn acceptable(hash: &str) -> Result<(PasswordHash, Params), Unacceptable> {
    let parsed = PasswordHash::new(hash).map_err(|_| Unacceptable::Malformed)?;
    if parsed.algorithm.as_str() != Algorithm::Argon2id.as_str() || parsed.version != Some(Version::V0x13.into()) {
        return Err(Unacceptable::Algorithm);
    }
    if parsed.salt.is_none() || parsed.hash.is_none_or(|output| output.len() < 16) {
        return Err(Unacceptable::Malformed);
    }
    let params = Params::try_from(&parsed).map_err(|_| Unacceptable::Malformed)?;
    if params.m_cost() > MAX_M_COST || params.t_cost() > MAX_T_COST || params.p_cost() > MAX_P_COST {
        return Err(Unacceptable::TooCostly);
    }
    Ok((parsed, params))
}

/// Hashes and checks passwords with Argon2id on the blocking threads, as many at once as there
/// are cores, with a bounded queue in front: unbounded, 64 logins at once take gigabytes.
/// Cheap to clone; clones share the queue. One per process.
#[derive(Debug, Clone)]
pub struct PasswordHasher {
    /// Being hashed.
    running: Arc<Semaphore>,
    /// Being hashed or waiting.
    admitted: Arc<Semaphore>,
    capacity: usize,
    /// What an unknown user's password is checked against (C24).
    nobody: Arc<str>,
}

impl PasswordHasher {
    /// One at a time per core, and sixteen waiting for each.
    pub fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with_limits(cores, cores * QUEUE_PER_CORE)
    }

    /// `running` at once, `waiting` behind them.
    pub fn with_limits(running: usize, waiting: usize) -> Self {
        let capacity = running + waiting;
        Self {
            running: Arc::new(Semaphore::new(running)),
            admitted: Arc::new(Semaphore::new(capacity)),
            capacity,
            nobody: nobodys_hash().into(),
        }
    }

    /// How many passwords are being hashed or waiting, for the metrics.
    pub fn depth(&self) -> usize {
        self.capacity - self.admitted.available_permits()
    }

    /// A new hash with a fresh salt, in PHC format.
    pub async fn hash(&self, password: SecretString) -> Result<String, HashRefusal> {
        self.run(move || {
            let salt = random_bytes::<16>();
            let hash = Argon2::default().hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|_| HashRefusal::Failed)
        })
        .await
    }

    /// Checks a password against a stored hash, with the hash's own parameters within the caps.
    pub async fn verify(&self, hash: &str, password: SecretString) -> Result<Verdict, HashRefusal> {
        let (hash, params) = acceptable(hash).map_err(|_| HashRefusal::Unusable)?;
        let needs_rehash = !is_current(&params);
        self.run(move || match Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash) {
            Ok(()) => Ok(Verdict::Match { needs_rehash }),
            Err(argon2::password_hash::Error::PasswordInvalid) => Ok(Verdict::NoMatch),
            Err(_) => Err(HashRefusal::Failed),
        })
        .await
    }

    /// The same, where there may be no user, or one without a password: the work is done all
    /// the same, so that the time says nothing (C24). `None` never matches.
    pub async fn verify_or_dummy(&self, hash: Option<&str>, password: SecretString) -> Result<Verdict, HashRefusal> {
        match hash {
            Some(hash) => self.verify(hash, password).await,
            None => self.verify(&self.nobody, password).await.map(|_| Verdict::NoMatch),
        }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashRefusal> + Send + 'static,
    ) -> Result<T, HashRefusal> {
        let place = Arc::clone(&self.admitted).try_acquire_owned().map_err(|_| HashRefusal::Busy)?;
        let turn = Arc::clone(&self.running).acquire_owned().await.map_err(|_| HashRefusal::Failed)?;
        // The permits go with the work: a caller that hangs up does not make room for another.
        tokio::task::spawn_blocking(move || {
            let _held: (OwnedSemaphorePermit, OwnedSemaphorePermit) = (place, turn);
            work()
        })
        .await
        .map_err(|_| HashRefusal::Failed)?
    }

    #[cfg(test)]
    pub(crate) fn hold_all_turns(&self) -> OwnedSemaphorePermit {
        let all = u32::try_from(self.running.available_permits()).unwrap();
        Arc::clone(&self.running).try_acquire_many_owned(all).unwrap()
    }
}

impl Default for PasswordHasher {
    fn default() -> Self {
        Self::new()
    }
}

/// A hash of today's cost that no password is known for: its output is random.
fn nobodys_hash() -> String {
    let hash = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: Params::DEFAULT.try_into().expect("the default parameters are valid"),
        salt: Some(Salt::new(&random_bytes::<16>()).expect("16 bytes are a salt")),
        hash: Some(Output::new(&random_bytes::<32>()).expect("32 bytes are an output")),
    };
    hash.to_string()
}
