//! What the reset of a password is while it waits for its code.

use grantor_crypto::sha256;
use grantor_eventsourcing::{Revision, Timestamp, Version};
use grantor_ids::{TenantId, UserId};
use grantor_ports::{PortError, ResetTicket};
use grantor_store::{OnTaken, RowChange, RowKey, TaskChange};
use serde::{Deserialize, Serialize};

use crate::{
    Directory,
    failure::not_read,
    keys::DirectoryKeys,
    mail::{Language, Letter, Message},
    requests, rows,
    sign_up::{LIFETIME, NOTICE_USEFUL_FOR, code_of},
};

/// A reset that waits for its code.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pending {
    /// Where the mail goes: a user's own address as it is stored, or as typed.
    pub email: String,
    pub locale: Option<String>,
    /// Whose password it is; without one no code is right.
    pub user: Option<Whose>,
    /// By the tenant's clock.
    pub expires_at: Timestamp,
    /// Counters to take back once the reset is finished, base64url.
    pub counted: Vec<String>,
}

/// A user as they were when the code was made. Whatever happens to them afterwards (another
/// password, another address, a lock) ends the code.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Whose {
    pub id: UserId,
    pub version: Version,
}

/// A ticket, as the store knows it.
pub(crate) struct Waiting {
    pub hash: [u8; 32],
    pub pending: Pending,
    pub revision: Revision,
}

/// The row of a new reset.
pub(crate) fn row(
    tenant: TenantId,
    keys: &DirectoryKeys,
    hash: &[u8; 32],
    pending: &Pending,
    real: Timestamp,
) -> Result<RowChange, PortError> {
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(pending).map_err(not_read("reset"))?);
    Ok(RowChange::Insert {
        key: RowKey::new(tenant, rows::RESET, *hash),
        aggregate: None,
        data: keys.seal(rows::RESET, hash, &plain),
        expires_at: Some(real + LIFETIME),
        on_taken: OnTaken::Refuse,
    })
}

impl Directory {
    /// The reset of a ticket, while its code may be used.
    pub(crate) async fn waiting_reset(
        &self,
        tenant: TenantId,
        keys: &DirectoryKeys,
        ticket: &ResetTicket,
    ) -> Result<Option<Waiting>, PortError> {
        let hash = sha256(&ticket.0);
        let Some(row) = self.store.row(tenant, rows::RESET, &hash).await? else { return Ok(None) };
        let plain = keys.open(rows::RESET, &hash, &row.data)?;
        let pending: Pending = serde_json::from_slice(&plain).map_err(not_read("reset"))?;
        let live = self.clock.now(tenant) < pending.expires_at;
        Ok(live.then_some(Waiting { hash, pending, revision: row.revision }))
    }

    /// The mail of a reset, and its trace.
    pub(crate) fn reset_letter(
        &self,
        tenant: TenantId,
        keys: &DirectoryKeys,
        ticket_hash: &[u8; 32],
        pending: &Pending,
        email_hash: &[u8; 32],
    ) -> Result<(TaskChange, RowChange), PortError> {
        let (message, useful_for) = if pending.user.is_none() {
            (Message::NoReset, NOTICE_USEFUL_FOR)
        } else {
            // By the real clock: the tenant's may stand still.
            let left = (pending.expires_at - self.clock.now(tenant)).min(LIFETIME);
            (Message::Reset { code: code_of(keys, ticket_hash) }, left)
        };
        let letter = Letter {
            to: pending.email.clone(),
            language: Language::of(pending.locale.as_deref()),
            message,
            useful_until: self.clock.real() + useful_for,
        };
        requests::post(self, tenant, keys, &letter, email_hash)
    }
}
