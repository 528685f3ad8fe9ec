use std::{str::FromStr, time::Duration};

use chrono::TimeDelta;
use grantor_eventsourcing::{Actor, Meta};
use grantor_ids::TenantId;
use grantor_jose::Alg;
use grantor_ports::{AdminError, PortError, SigningKeyView};
use grantor_store::{TaskChange, Write, not_written};

use crate::{Token, signing::ACTIVATE};

const PAUSE: Duration = Duration::from_secs(10);
/// For so long no other process looks at a key that waits.
const LEASE: TimeDelta = TimeDelta::minutes(1);

impl Token {
    /// Brings a next key in.
    pub(crate) async fn rotate_key(
        &self,
        tenant: TenantId,
        alg: &str,
        meta: &Meta,
    ) -> Result<SigningKeyView, AdminError> {
        let alg = Alg::from_str(alg).map_err(|cause| AdminError::invalid("/alg", cause.to_string()))?;
        let made = self.signing.create(tenant, alg, meta).await?;
        let key = made.ok_or_else(|| AdminError::Conflict("somebody else is rotating this key; try again".into()))?;
        Ok(key.view(self.clock.real()))
    }

    /// Follows the keys that wait, for ever.
    pub(crate) async fn follow_key_tasks(&self) {
        loop {
            if let Err(cause) = self.activate_due_keys().await {
                tracing::warn!(%cause, "signing keys could not be activated");
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Lets every key sign whose time has come.
    pub(crate) async fn activate_due_keys(&self) -> Result<(), PortError> {
        for task in self.store.claim_tasks(ACTIVATE, self.clock.real(), LEASE, 64).await? {
            let alg = std::str::from_utf8(&task.data).ok().and_then(|name| name.parse().ok());
            let outcome = match alg {
                Some(alg) => self.signing.advance(task.tenant, alg, &Meta::by(Actor::System)).await,
                None => Ok(()),
            };
            let change = match outcome {
                Ok(()) => TaskChange::Done(task.id),
                Err(_) => TaskChange::Later(task.id, self.clock.real() + TimeDelta::seconds(30)),
            };
            let write = Write { tasks: vec![change], ..Write::default() };
            self.store.commit(write).await.map_err(not_written)?;
        }
        Ok(())
    }
}
