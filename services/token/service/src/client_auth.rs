//! Who the client is (RFC 6749 2.3): by a secret, by something that it signs (RFC 7523), or by its
//! word alone. Secrets are random and long, so a digest is enough; only failures are counted, per
//! client and address.

use std::{net::IpAddr, sync::Arc};

use chrono::{DateTime, TimeDelta};
use futures_util::future::try_join;
use grantor_crypto::{constant_time_eq, sha256};
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use grantor_jose::client_assertion;
use grantor_oauth::{ClientAuthMethod, ClientCredentials};
use grantor_ports::{ClientView, Registry, TenantView, network};
use grantor_store::{CommitError, OnTaken, RowChange, RowKey, Write};
use secrecy::ExposeSecret;

use crate::{Token, refused::Refused};

/// Row kind: keyed hash of client id and address → failures.
const FAILURES: &str = "client_failures";
/// Row kind: digest of client id and `jti` → nothing; an assertion counts once (C14).
const ASSERTED: &str = "client_assertion";
/// So many failures within [`window`] are answered; then none of that pair, good or bad.
const LIMIT: u64 = 30;

const fn window() -> TimeDelta {
    TimeDelta::minutes(5)
}

impl Token {
    /// The approved client behind these credentials.
    pub(crate) async fn authenticate(
        &self,
        view: &TenantView,
        address: Option<IpAddr>,
        credentials: &ClientCredentials,
    ) -> Result<Arc<ClientView>, Refused> {
        let tenant = view.id;
        let key = self.failures_key(tenant, address, &credentials.client_id).await?;
        // Asked for together, they share a read.
        let failures = async { Ok(self.store.steady_row(tenant, FAILURES, &key).await?) };
        let (failures, copied) = try_join(failures, self.copies.client(tenant, &credentials.client_id)).await?;
        if let Some(row) = failures.filter(|row| row.revision >= LIMIT) {
            let left = row.expires_at.map_or(1, |end| (end - self.clock.real()).num_seconds().max(1));
            return Err(Refused::Throttled(left));
        }
        match self.known_client(view, copied, credentials).await? {
            Proof::Good(client, by) => {
                match by {
                    By::Secret(secret) => self.secret_was_used(tenant, client.key, &secret).await,
                    By::Assertion(assertion) => self.assert_once(tenant, &client, &assertion).await?,
                    By::Word => {}
                }
                Ok(client)
            }
            Proof::Wrong => {
                self.count_failure(tenant, key).await?;
                Err(Refused::bad_client())
            }
            Proof::NotAdmitted => Err(Refused::bad_client()),
        }
    }

    /// Looks at our copy, and before "no" once asks the owner: the client or its secret may be new.
    async fn known_client(
        &self,
        tenant: &TenantView,
        copied: Option<Arc<ClientView>>,
        credentials: &ClientCredentials,
    ) -> Result<Proof, Refused> {
        let Some(copied) = copied else { return Ok(Proof::NotAdmitted) };
        let issuer = tenant.issuer.as_str();
        let times = Times { here: self.clock.now(tenant.id), outside: self.clock.real() };
        if let good @ Proof::Good(..) = proof(copied, credentials, issuer, times) {
            return Ok(good);
        }
        let owned = self.copies.client_of_owner(tenant.id, &credentials.client_id).await?;
        Ok(owned.map_or(Proof::NotAdmitted, |client| proof(client, credentials, issuer, times)))
    }

    /// Remembers an assertion as long as it could be sent again; refused when it is known.
    async fn assert_once(
        &self,
        tenant: TenantId,
        client: &ClientView,
        assertion: &client_assertion::ClientAssertion,
    ) -> Result<(), Refused> {
        let key = sha256([client.key.uuid().as_bytes(), assertion.jti.as_bytes()].concat());
        let ends = DateTime::from_timestamp(assertion.exp.saturating_add(client_assertion::LEEWAY), 0);
        let row = RowChange::Insert {
            key: RowKey::new(tenant, ASSERTED, key),
            aggregate: Some(client.key.uuid()),
            data: Vec::new(),
            expires_at: ends,
            on_taken: OnTaken::Refuse,
        };
        match self.store.commit(Write { rows: vec![row], ..Write::default() }).await {
            Ok(_) => Ok(()),
            Err(CommitError::Taken(_)) => Err(Refused::bad_client()),
            Err(_) => Err(Refused::Unavailable),
        }
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

/// What credentials prove. Only a wrong secret or signature of a real client is a guess, and
/// counted: what a stranger makes up leaves no row.
enum Proof {
    /// Of this client.
    Good(Arc<ClientView>, By),
    Wrong,
    /// Unknown, not approved, or not this way.
    NotAdmitted,
}

/// How a client proved who it is.
enum By {
    /// The secret of this name.
    Secret(String),
    /// What it signed.
    Assertion(client_assertion::ClientAssertion),
    /// Nothing: it is public.
    Word,
}

/// The tenant's own time, by which secrets end, and the time outside, by which clients sign.
#[derive(Clone, Copy)]
struct Times {
    here: Timestamp,
    outside: Timestamp,
}

/// A client with keys of its own has no other way in: a secret would be a weaker one beside them.
fn proof(client: Arc<ClientView>, credentials: &ClientCredentials, issuer: &str, times: Times) -> Proof {
    let by_keys = !client.jwks.is_empty();
    let found = match (credentials.method, &credentials.secret) {
        (ClientAuthMethod::None, None) if !client.kind.is_confidential() => Some(By::Word),
        (ClientAuthMethod::PrivateKeyJwt, Some(assertion)) if by_keys => {
            let (assertion, now) = (assertion.expose_secret(), times.outside.timestamp());
            let read = client_assertion::verify(&client.jwks, assertion, &client.client_id, issuer, now);
            read.inspect_err(|cause| tracing::debug!(%cause, "a client's assertion is not taken"))
                .ok()
                .map(By::Assertion)
        }
        (ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost, Some(secret))
            if client.kind.is_confidential() && !by_keys =>
        {
            let digest = hex(&sha256(secret.expose_secret()));
            let mut live = client.secrets.iter().filter(|known| known.expires_at.is_none_or(|end| times.here < end));
            live.find(|known| constant_time_eq(&digest, &known.sha256)).map(|known| By::Secret(known.id.clone()))
        }
        _ => return Proof::NotAdmitted,
    };
    match found {
        None => Proof::Wrong,
        Some(by) if client.is_approved() => Proof::Good(client, by),
        Some(_) => Proof::NotAdmitted,
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}
