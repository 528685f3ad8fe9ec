//! Key after key: create, activate, retire.

use chrono::TimeDelta;
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{SigningKeyId, TenantId};
use grantor_jose::{Alg, PrivateKey};
use grantor_ports::{EntropyExt, PortError};
use grantor_store::{CommitError, NewTask, OnTaken, RowChange, RowKey, Step, TaskChange, not_written};
use grantor_token_domain::key::{CreateKey, KeyInfo, activate_key, create_key, retire_key};

use super::{MAX_AGE, PRIVATE, RingKey, SigningKeys, context, unreadable};
use crate::publish::KeyCodec;

/// Task kind: the pending key of an algorithm may sign soon.
pub(crate) const ACTIVATE: &str = "activate_signing_key";

/// What a retired key has signed is over by then: ID tokens live for a day at most.
const fn shown_for() -> TimeDelta {
    TimeDelta::days(1)
}

fn published_for() -> TimeDelta {
    TimeDelta::seconds(MAX_AGE)
}

impl SigningKeys {
    /// Makes a key. The first of its algorithm signs at once; a later one waits until every
    /// cache of the key set knows it. When another process was faster, its key stands.
    pub async fn create(&self, tenant: TenantId, alg: Alg, meta: &Meta) -> Result<Option<RingKey>, PortError> {
        let private = generate(alg).await?;
        let (mut ring, read) = self.ring(tenant, alg).await?;
        let first = ring.active().is_none();
        let now = self.clock.real();
        let id: SigningKeyId = self.entropy.id(now);
        let added = RingKey::new(id, private.public_jwk(), now, first);
        ring.add(added.clone());
        let sealed = self.seal(tenant, id, &private).await?;
        let key = KeyInfo {
            alg: alg.name().to_owned(),
            kid: added.kid.clone(),
            jwk: serde_json::to_string(&added.jwk).map_err(|_| unreadable())?,
            created_at: now,
        };
        let due = (!first).then(|| self.task(tenant, alg, now + published_for()));
        let loaded = self.store.load(tenant, id.uuid()).await?;
        let decision = create_key(&loaded.state, &CreateKey { key, first });
        let step = Step::from(decision).rows([sealed, ring.change(tenant, alg, read)]).tasks(due);
        match self.store.apply::<KeyCodec, _, _>(tenant, loaded, meta, now, step).await {
            Ok(_) => Ok(Some(added)),
            Err(CommitError::Taken(_) | CommitError::Conflict) => Ok(None),
            Err(other) => Err(not_written(other)),
        }
    }

    async fn seal(&self, tenant: TenantId, id: SigningKeyId, private: &PrivateKey) -> Result<RowChange, PortError> {
        let der = private.to_pkcs8().map_err(|_| unreadable())?;
        let secrets = self.secrets.of(tenant).await?;
        Ok(RowChange::Insert {
            key: RowKey::new(tenant, PRIVATE, id.uuid().as_bytes().as_slice()),
            aggregate: Some(id.uuid()),
            data: secrets.data().seal(&context(tenant, id.uuid().as_bytes()), &der).to_bytes(),
            expires_at: None,
            on_taken: OnTaken::Refuse,
        })
    }

    fn task(&self, tenant: TenantId, alg: Alg, due_at: Timestamp) -> TaskChange {
        let data = alg.name().as_bytes().to_vec();
        TaskChange::Add(NewTask { id: self.entropy.uuid4(), tenant, kind: ACTIVATE, data, due_at })
    }

    /// Lets the pending key sign when its time has come, and retires the one before. May be
    /// called at any time, and again.
    pub async fn advance(&self, tenant: TenantId, alg: Alg, meta: &Meta) -> Result<(), PortError> {
        let now = self.clock.real();
        let (mut ring, read) = self.ring(tenant, alg).await?;
        if let Some(id) = ring.pending().filter(|key| now >= key.created_at + published_for()).map(|key| key.id) {
            ring.activate(id, now + shown_for());
            let loaded = self.store.load(tenant, id.uuid()).await?;
            let decision = activate_key(&loaded.state, published_for(), now);
            let accepted = decision.outcome.is_ok();
            let rows = accepted.then(|| ring.change(tenant, alg, read));
            let step = Step::from(decision).rows(rows);
            self.store.apply::<KeyCodec, _, _>(tenant, loaded, meta, now, step).await.map_err(not_written)?;
            self.active.invalidate(&(tenant, alg));
        }
        // A commit of its own for each stream; after a crash in between it is done here.
        let (ring, _) = self.ring(tenant, alg).await?;
        for key in ring.retiring() {
            let until = key.shown_until().unwrap_or(now);
            let retire = self.store.execute::<KeyCodec, _, _>(tenant, key.id.uuid(), meta, now, |loaded| {
                retire_key(&loaded.state, until, now).into()
            });
            retire.await.map_err(not_written)?;
        }
        Ok(())
    }
}

/// RSA takes a few hundred milliseconds of a core: never on the reactor.
async fn generate(alg: Alg) -> Result<PrivateKey, PortError> {
    let made = tokio::task::spawn_blocking(move || PrivateKey::generate(alg)).await;
    made.ok().and_then(Result::ok).ok_or_else(|| {
        tracing::error!(alg = alg.name(), "a signing key could not be made");
        PortError::Unavailable
    })
}
