//! What a sign-up is while it waits for its code.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use chrono::TimeDelta;
use grantor_crypto::{constant_time_eq, sha256};
use grantor_eventsourcing::{Revision, Timestamp};
use grantor_ids::TenantId;
use grantor_ports::{EntropyExt, PortError, SignUpTicket};
use grantor_store::{OnTaken, RowChange, RowKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Directory, failure::not_read, keys::DirectoryKeys, rows};

/// How long a code may be used.
pub(crate) const LIFETIME: TimeDelta = TimeDelta::minutes(15);
/// How many codes may be tried: with eight digits one guess in 20 million sign-ups is right.
pub(crate) const TRIES: u64 = 5;
/// A notice to an address that no code is for is worth sending for a day.
pub(crate) const NOTICE_USEFUL_FOR: TimeDelta = TimeDelta::days(1);
/// Digits of a code.
pub const CODE_DIGITS: u32 = 8;
/// Traces outlive every ticket and mail, until the sweep has taken those.
const TRACED_FOR: TimeDelta = TimeDelta::days(3);

/// A sign-up that waits for its code.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pending {
    /// As typed.
    pub email: String,
    pub name: Option<String>,
    pub locale: Option<String>,
    /// PHC string.
    pub password: String,
    /// Whether there was a user with this address: then no code is right.
    pub taken: bool,
    /// By the tenant's clock.
    pub expires_at: Timestamp,
    /// Counters to take back once the sign-up is finished, base64url.
    pub counted: Vec<String>,
}

/// A ticket, as the store knows it.
pub(crate) struct Waiting {
    pub hash: [u8; 32],
    pub pending: Pending,
    pub revision: Revision,
}

/// A fresh ticket and its hash.
pub(crate) fn new_ticket(directory: &Directory) -> (String, [u8; 32]) {
    let ticket = B64.encode(directory.entropy.bytes::<32>());
    let hash = sha256(&ticket);
    (ticket, hash)
}

/// The code of a ticket. It is made from the ticket and the tenant's key, so it is stored
/// nowhere, and sending it again sends the same.
pub(crate) fn code_of(keys: &DirectoryKeys, ticket_hash: &[u8; 32]) -> String {
    let mac = keys.code_mac(ticket_hash);
    let number = mac.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{:0width$}", number % 10_u64.pow(CODE_DIGITS), width = CODE_DIGITS as usize)
}

/// Whether this is the code of a ticket. People copy spaces along.
pub(crate) fn is_code(keys: &DirectoryKeys, ticket_hash: &[u8; 32], typed: &str) -> bool {
    let typed: String = typed.chars().filter(|letter| !letter.is_whitespace()).collect();
    constant_time_eq(&typed, code_of(keys, ticket_hash))
}

/// The row of a new sign-up.
pub(crate) fn row(
    tenant: TenantId,
    keys: &DirectoryKeys,
    hash: &[u8; 32],
    pending: &Pending,
    real: Timestamp,
) -> Result<RowChange, PortError> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(pending).map_err(not_read("sign-up"))?);
    Ok(RowChange::Insert {
        key: RowKey::new(tenant, rows::SIGN_UP, *hash),
        aggregate: None,
        data: keys.seal(rows::SIGN_UP, hash, &plain),
        expires_at: Some(real + LIFETIME),
        on_taken: OnTaken::Refuse,
    })
}

/// What a trace leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Traced {
    Ticket([u8; 32]),
    Mail(Uuid),
}

impl Traced {
    /// The key of its row.
    pub fn key(&self) -> Vec<u8> {
        match self {
            Self::Ticket(hash) => [b"t", hash.as_slice()].concat(),
            Self::Mail(id) => [b"m", id.as_bytes().as_slice()].concat(),
        }
    }

    /// The row by which erasure finds it.
    pub fn row(&self, tenant: TenantId, email_hash: &[u8; 32], real: Timestamp) -> RowChange {
        RowChange::Insert {
            key: RowKey::new(tenant, rows::TRACE, self.key()),
            aggregate: Some(traced_as(email_hash)),
            data: Vec::new(),
            expires_at: Some(real + TRACED_FOR),
            on_taken: OnTaken::Keep,
        }
    }

    /// Reads a trace's key.
    pub fn read(key: &[u8]) -> Option<Self> {
        match key.split_first()? {
            (b't', hash) => Some(Self::Ticket(hash.try_into().ok()?)),
            (b'm', id) => Some(Self::Mail(Uuid::from_slice(id).ok()?)),
            _ => None,
        }
    }
}

/// The head of an address' keyed hash, by which its traces are found.
pub(crate) fn traced_as(email_hash: &[u8; 32]) -> Uuid {
    let mut head = [0; 16];
    head.copy_from_slice(&email_hash[..16]);
    Uuid::from_bytes(head)
}

impl Directory {
    /// The sign-up of a ticket, while its code may be used.
    pub(crate) async fn waiting(
        &self,
        tenant: TenantId,
        keys: &DirectoryKeys,
        ticket: &SignUpTicket,
    ) -> Result<Option<Waiting>, PortError> {
        let hash = sha256(&ticket.0);
        let Some(row) = self.store.row(tenant, rows::SIGN_UP, &hash).await? else { return Ok(None) };
        let plain = keys.open(rows::SIGN_UP, &hash, &row.data)?;
        let pending: Pending = serde_json::from_slice(&plain).map_err(not_read("sign-up"))?;
        let live = self.clock.now(tenant) < pending.expires_at;
        Ok(live.then_some(Waiting { hash, pending, revision: row.revision }))
    }
}

/// A counter's key as it stands in [`Pending::counted`].
pub(crate) fn counter_to_text(key: &[u8]) -> String {
    B64.encode(key)
}

/// … and back.
pub(crate) fn counter_from_text(tenant: TenantId, text: &str) -> Option<RowKey> {
    Some(RowKey::new(tenant, rows::SIGN_UPS, B64.decode(text).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_reads_back() {
        let real = Timestamp::UNIX_EPOCH;
        for traced in [Traced::Ticket([7; 32]), Traced::Mail(Uuid::from_u128(9))] {
            let RowChange::Insert { key, .. } = traced.row(TenantId::from_uuid(Uuid::nil()), &[1; 32], real) else {
                panic!("an insert");
            };
            assert_eq!(Traced::read(&key.key), Some(traced));
        }
        assert_eq!(Traced::read(b""), None);
        assert_eq!(Traced::read(b"t123"), None);
    }
}
