//! Who the client is (RFC 6749 2.3). Secrets are random and long, so a digest is enough; only
//! failures are counted, per client and address.

use std::{net::IpAddr, sync::Arc};

use chrono::TimeDelta;
use futures_util::future::try_join;
use grantor_crypto::{constant_time_eq, sha256};
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use grantor_oauth::{ClientAuthMethod, ClientCredentials};
use grantor_ports::{ClientView, Registry, network};
use grantor_store::{RowChange, RowKey, Write};
use secrecy::ExposeSecret;

use crate::{Token, refused::Refused};

/// Row kind: keyed hash of client id and address → failures.
const FAILURES: &str = "client_failures";
/// So many failures within [`window`] are answered; then none of that pair, good or bad.
const LIMIT: u64 = 30;

const fn window() -> TimeDelta {
    TimeDelta::minutes(5)
}

impl Token {
    /// The approved client behind these credentials.
    pub(crate) async fn authenticate(
        &self,
        tenant: TenantId,
        address: Option<IpAddr>,
        credentials: &ClientCredentials,
    ) -> Result<Arc<ClientView>, Refused> {
        let key = self.failures_key(tenant, address, &credentials.client_id).await?;
        // Asked for together, they share a read.
        let failures = async { Ok(self.store.steady_row(tenant, FAILURES, &key).await?) };
        let (failures, copied) = try_join(failures, self.copies.client(tenant, &credentials.client_id)).await?;
        if let Some(row) = failures.filter(|row| row.revision >= LIMIT) {
            let left = row.expires_at.map_or(1, |end| (end - self.clock.real()).num_seconds().max(1));
            return Err(Refused::Throttled(left));
        }
        match self.known_client(tenant, copied, credentials).await? {
            Proof::Good(client, secret) => {
                if let Some(secret) = secret {
                    self.secret_was_used(tenant, client.key, &secret).await;
                }
                Ok(client)
            }
            Proof::WrongSecret => {
                self.count_failure(tenant, key).await?;
                Err(Refused::bad_client())
            }
            Proof::NotAdmitted => Err(Refused::bad_client()),
        }
    }

    /// Looks at our copy, and before "no" once asks the owner: the client or its secret may be new.
    async fn known_client(
        &self,
        tenant: TenantId,
        copied: Option<Arc<ClientView>>,
        credentials: &ClientCredentials,
    ) -> Result<Proof, Refused> {
        let now = self.clock.now(tenant);
        let Some(copied) = copied else { return Ok(Proof::NotAdmitted) };
        if let good @ Proof::Good(..) = proof(copied, credentials, now) {
            return Ok(good);
        }
        let owned = self.copies.client_of_owner(tenant, &credentials.client_id).await?;
        Ok(owned.map_or(Proof::NotAdmitted, |client| proof(client, credentials, now)))
    }

    async fn failures_key(
        &self,
        tenant: TenantId,
        address: Option<IpAddr>,
        client_id: &str,
    ) -> Result<[u8; 32], Refused> {
        let address = address.map(network).unwrap_or_default();
        let secrets = self.secrets.of(tenant).await?;
        Ok(secrets.address().mac(&[client_id.as_bytes(), address.as_bytes()]))
    }

    async fn count_failure(&self, tenant: TenantId, key: [u8; 32]) -> Result<(), Refused> {
        let count =
            RowChange::Count { key: RowKey::new(tenant, FAILURES, key), expires_at: self.clock.real() + window() };
        self.store.commit(Write { rows: vec![count], ..Write::default() }).await.map_err(|_| Refused::Unavailable)?;
        Ok(())
    }
}

/// What credentials prove. Only a wrong secret of a real client is a guess, and counted: what
/// a stranger makes up leaves no row.
enum Proof {
    /// Of this client, by the secret of this name.
    Good(Arc<ClientView>, Option<String>),
    WrongSecret,
    /// Unknown, not approved, or not this way.
    NotAdmitted,
}

fn proof(client: Arc<ClientView>, credentials: &ClientCredentials, now: Timestamp) -> Proof {
    let secret = match (&credentials.secret, client.kind.is_confidential()) {
        (Some(secret), true) => {
            let digest = hex(&sha256(secret.expose_secret()));
            let mut live = client.secrets.iter().filter(|known| known.expires_at.is_none_or(|end| now < end));
            match live.find(|known| constant_time_eq(&digest, &known.sha256)) {
                Some(known) => Some(known.id.clone()),
                None => return Proof::WrongSecret,
            }
        }
        (None, false) if credentials.method == ClientAuthMethod::None => None,
        _ => return Proof::NotAdmitted,
    };
    if client.is_approved() { Proof::Good(client, secret) } else { Proof::NotAdmitted }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
