use grantor_eventsourcing::{Revision, Timestamp};
use grantor_ids::{SigningKeyId, TenantId};
use grantor_jose::{Alg, Jwk};
use grantor_ports::{PortError, SigningKeyView};
use grantor_store::{OnTaken, RowChange, RowKey};
use grantor_token_domain::key::KeyPhase;
use serde::{Deserialize, Serialize};

use super::{RING, SigningKeys, unreadable};

/// Retired keys that are remembered, for ID tokens that come back as hints.
const REMEMBERED: usize = 8;

/// The keys of one algorithm, newest first.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Ring {
    pub keys: Vec<RingKey>,
}

/// One key of a ring.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RingKey {
    pub id: SigningKeyId,
    pub kid: String,
    pub jwk: Jwk,
    phase: KeyPhase,
    #[serde(with = "chrono::serde::ts_milliseconds")]
    pub created_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "chrono::serde::ts_milliseconds_option")]
    shown_until: Option<Timestamp>,
}

impl RingKey {
    pub fn new(id: SigningKeyId, jwk: Jwk, created_at: Timestamp, first: bool) -> Self {
        let phase = if first { KeyPhase::Active } else { KeyPhase::Pending };
        let kid = jwk.kid.clone().unwrap_or_else(|| jwk.material.thumbprint());
        Self { id, kid, jwk, phase, created_at, shown_until: None }
    }

    /// How far it is; the last step is made by time alone.
    pub fn phase(&self, now: Timestamp) -> KeyPhase {
        match self.shown_until {
            Some(until) if now >= until => KeyPhase::Retired,
            _ => self.phase,
        }
    }

    pub fn is_published(&self, now: Timestamp) -> bool {
        self.phase(now) != KeyPhase::Retired
    }

    pub fn shown_until(&self) -> Option<Timestamp> {
        self.shown_until
    }

    pub fn view(&self, now: Timestamp) -> SigningKeyView {
        SigningKeyView {
            id: self.id,
            kid: self.kid.clone(),
            alg: self.jwk.alg.clone().unwrap_or_default(),
            state: self.phase(now).as_str().to_owned(),
            created_at: self.created_at,
        }
    }
}

impl Ring {
    /// The key that signs.
    pub fn active(&self) -> Option<&RingKey> {
        self.keys.iter().find(|key| key.phase == KeyPhase::Active)
    }

    /// The keys that wait, oldest last.
    pub fn pending(&self) -> Option<&RingKey> {
        self.keys.iter().rfind(|key| key.phase == KeyPhase::Pending)
    }

    /// The keys that sign no more.
    pub fn retiring(&self) -> impl Iterator<Item = &RingKey> {
        self.keys.iter().filter(|key| key.phase == KeyPhase::Retiring)
    }

    pub fn add(&mut self, key: RingKey) {
        self.keys.insert(0, key);
        self.keys.truncate(REMEMBERED);
    }

    /// This key signs from now on; the one before is shown a while longer.
    pub fn activate(&mut self, id: SigningKeyId, shown_until: Timestamp) {
        for key in &mut self.keys {
            if key.id == id {
                key.phase = KeyPhase::Active;
            } else if key.phase == KeyPhase::Active {
                key.phase = KeyPhase::Retiring;
                key.shown_until = Some(shown_until);
            }
        }
    }

    /// The change that stores it, upon the revision that was read (0: there was none).
    pub fn change(&self, tenant: TenantId, alg: Alg, read: Revision) -> RowChange {
        let key = RowKey::new(tenant, RING, alg.name());
        // A plain record with string keys: it always has a JSON form.
        let data = serde_json::to_vec(self).unwrap_or_default();
        if read == 0 {
            RowChange::Insert { key, aggregate: None, data, expires_at: None, on_taken: OnTaken::Refuse }
        } else {
            RowChange::Update { key, expected: read, data, expires_at: None }
        }
    }
}

impl SigningKeys {
    /// The ring of an algorithm and its revision; 0 when there is none yet.
    pub(super) async fn ring(&self, tenant: TenantId, alg: Alg) -> Result<(Ring, Revision), PortError> {
        let Some(row) = self.store.row(tenant, RING, alg.name().as_bytes()).await? else {
            return Ok((Ring::default(), 0));
        };
        let ring = serde_json::from_slice(&row.data).map_err(|_| unreadable())?;
        Ok((ring, row.revision))
    }
}
