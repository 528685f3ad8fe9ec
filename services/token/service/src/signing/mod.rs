//! Signing keys: made at first need, published before they sign, published after they have.
//!
//! A row per tenant and algorithm, the *ring*, says which key is how far and holds the public
//! halves; it changes in the same commit as the keys' own streams. Private halves are sealed in
//! rows of their own.

mod ring;
mod rotate;

use std::{sync::Arc, time::Duration};

use grantor_crypto::{Context, SealedField};
use grantor_eventsourcing::Meta;
use grantor_ids::{SigningKeyId, TenantId};
use grantor_jose::{Alg, Jwk, PrivateKey, PublicKey};
use grantor_ports::{Clock, Entropy, PortError};
use grantor_store::Store;
use moka::sync::Cache;

use crate::secrets::Secrets;
use ring::Ring;
pub(crate) use ring::RingKey;
pub(crate) use rotate::ACTIVATE;

/// Row kind: algorithm → [`Ring`].
const RING: &str = "signing_ring";
/// Row kind: key id → sealed PKCS#8.
const PRIVATE: &str = "signing_key";
/// `max-age` of the key set, in seconds: so long a key is published before it signs.
pub(crate) const MAX_AGE: i64 = 300;

/// The signing keys of all tenants.
pub(crate) struct SigningKeys {
    store: Store,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    secrets: Arc<Secrets>,
    /// Which key signs. Another replica may have moved on: what is a few seconds old is good
    /// enough, because the key before stays published.
    active: Cache<(TenantId, Alg), Arc<PrivateKey>>,
    /// Private keys, parsed once.
    parsed: Cache<SigningKeyId, Arc<PrivateKey>>,
    /// Public keys, parsed once, for hints.
    checked: Cache<String, Arc<PublicKey>>,
    /// Whoever makes a key does so alone.
    making: Cache<(TenantId, Alg), Arc<tokio::sync::Mutex<()>>>,
}

impl SigningKeys {
    pub fn new(store: Store, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>, secrets: Arc<Secrets>) -> Self {
        let active = Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(5)).build();
        Self {
            store,
            clock,
            entropy,
            secrets,
            active,
            parsed: Cache::new(1_000),
            checked: Cache::new(1_000),
            making: Cache::new(10_000),
        }
    }

    /// The key that signs now; made when there is none.
    pub async fn signer(&self, tenant: TenantId, alg: Alg, meta: &Meta) -> Result<Arc<PrivateKey>, PortError> {
        if let Some(key) = self.active.get(&(tenant, alg)) {
            return Ok(key);
        }
        let ring = self.ring_with_key(tenant, alg, meta).await?;
        let id = ring.active().ok_or(PortError::Unavailable)?.id;
        let key = match self.parsed.get(&id) {
            Some(key) => key,
            None => self.open(tenant, alg, id).await?,
        };
        self.active.insert((tenant, alg), Arc::clone(&key));
        Ok(key)
    }

    /// The ring of an algorithm, with a key that signs: the first is made if need be, by one
    /// for all who wait.
    async fn ring_with_key(&self, tenant: TenantId, alg: Alg, meta: &Meta) -> Result<Ring, PortError> {
        let (ring, _) = self.ring(tenant, alg).await?;
        if ring.active().is_some() {
            return Ok(ring);
        }
        let lock = self.making.get_with((tenant, alg), Arc::default);
        let _alone = lock.lock().await;
        let (ring, _) = self.ring(tenant, alg).await?;
        if ring.active().is_some() {
            return Ok(ring);
        }
        self.create(tenant, alg, meta).await?;
        Ok(self.ring(tenant, alg).await?.0)
    }

    async fn open(&self, tenant: TenantId, alg: Alg, id: SigningKeyId) -> Result<Arc<PrivateKey>, PortError> {
        let row = self.store.row(tenant, PRIVATE, id.uuid().as_bytes()).await?.ok_or(PortError::Unavailable)?;
        let secrets = self.secrets.of(tenant).await?;
        let field = SealedField::from_bytes(&row.data).map_err(|_| unreadable())?;
        let der = secrets.data().open(&context(tenant, id.uuid().as_bytes()), &field).map_err(|_| unreadable())?;
        let key = Arc::new(PrivateKey::from_pkcs8(alg, &der).map_err(|_| unreadable())?);
        self.parsed.insert(id, Arc::clone(&key));
        Ok(key)
    }

    /// Makes sure there is a key of each algorithm, then lists what a key set shows: pending,
    /// active, retiring.
    pub async fn published(&self, tenant: TenantId, algs: &[Alg], meta: &Meta) -> Result<Vec<Jwk>, PortError> {
        for alg in algs {
            self.ring_with_key(tenant, *alg, meta).await?;
        }
        let now = self.clock.real();
        let keys = self.all(tenant).await?;
        Ok(keys.into_iter().filter(|key| key.is_published(now)).map(|key| key.jwk).collect())
    }

    /// Every key of a tenant that is remembered, retired ones included.
    pub async fn all(&self, tenant: TenantId) -> Result<Vec<RingKey>, PortError> {
        let mut keys = Vec::new();
        for alg in Alg::ALL {
            keys.extend(self.ring(tenant, alg).await?.0.keys);
        }
        Ok(keys)
    }

    /// The public halves of every key that is remembered: hints outlive the keys that signed
    /// them.
    pub async fn public_keys(&self, tenant: TenantId) -> Result<Vec<Arc<PublicKey>>, PortError> {
        let mut keys = Vec::new();
        for key in self.all(tenant).await? {
            let parsed = match self.checked.get(&key.kid) {
                Some(parsed) => parsed,
                None => {
                    let parsed = Arc::new(PublicKey::from_jwk(&key.jwk).map_err(|_| unreadable())?);
                    self.checked.insert(key.kid.clone(), Arc::clone(&parsed));
                    parsed
                }
            };
            keys.push(parsed);
        }
        Ok(keys)
    }
}

fn context(tenant: TenantId, id: &[u8]) -> Context<'_> {
    Context { tenant, table: "es_row/signing_key", row: id, field: "pkcs8" }
}

fn unreadable() -> PortError {
    tracing::error!("a signing key cannot be read");
    PortError::Unavailable
}
