//! Mails that are kept instead of being sent, where no mail server is set up.
//!
//! They hold addresses and one-time codes, so they are sealed, live for a day, and are found by
//! a keyed hash of the address.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use grantor_crypto::RootKeys;
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use grantor_keyring::{Keyring, TenantKeys};
use grantor_ports::{EntropyExt, Mail, MailError, Mailer, PortError};
use grantor_store::{OnTaken, Row, RowChange, RowKey, Store, Write};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    DEPLOYMENT,
    failure::{not_read, not_written},
    keys::address_hash,
    rows,
};

/// Of each tenant, this many mails are kept: the newest.
pub const MOST_MAILS: usize = 200;
const LIFETIME: TimeDelta = TimeDelta::days(1);

/// A mail as it is read again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptMail {
    /// The address.
    pub to: String,
    /// The subject.
    pub subject: String,
    /// The text.
    pub body: String,
    /// When it was written.
    pub at: Timestamp,
}

/// Keeps mails in the console's own database.
pub struct Mailbox {
    store: Store,
    keys: Keyring,
    /// Tells mails of one millisecond apart, in the order they came.
    next: AtomicU64,
}

impl Mailbox {
    /// A mailbox in the console's database.
    pub fn new(store: Store, root: Arc<RootKeys>) -> Arc<Self> {
        Arc::new(Self { keys: Keyring::new(store.clone(), root), store, next: AtomicU64::new(0) })
    }

    /// The mails to an address, or all of them, newest first.
    pub async fn mails(&self, to: Option<&str>) -> Result<Vec<KeptMail>, PortError> {
        let mut found = Vec::new();
        for row in self.store.rows(DEPLOYMENT, rows::MAIL_TENANT).await? {
            let Some(tenant) = row.aggregate.map(TenantId::from_uuid) else { continue };
            let keys = self.keys.of(tenant).await?;
            let rows = match to {
                Some(to) => self.store.rows_of(tenant, rows::MAIL, recipient(&keys, to)).await?,
                None => self.store.rows(tenant, rows::MAIL).await?,
            };
            for row in rows {
                let plain = keys.open(rows::MAIL, &row.key, &row.data)?;
                found.push((row.key, serde_json::from_slice(&plain).map_err(not_read("mail"))?));
            }
        }
        found.sort_by(|(a, _), (b, _)| b.cmp(a));
        Ok(found.into_iter().map(|(_, mail)| mail).collect())
    }

    /// Deletes what was sent to an address, beyond recovery: part of an erasure.
    pub async fn forget(&self, tenant: TenantId, to: &str) -> Result<(), PortError> {
        let keys = self.keys.of(tenant).await?;
        let found = self.store.rows_of(tenant, rows::MAIL, recipient(&keys, to)).await?;
        if found.is_empty() {
            return Ok(());
        }
        let rows = found.into_iter().map(|row| delete(tenant, row)).collect();
        self.store.commit(Write { rows, ..Write::default() }).await.map_err(not_written)?;
        Ok(self.store.scrub().await?)
    }

    async fn keep(&self, mail: &Mail) -> Result<(), PortError> {
        let keys = self.keys.of(mail.tenant).await?;
        let real = self.store.clock().real();
        let key = self.new_key(real);
        let kept =
            KeptMail { to: mail.to.clone(), subject: mail.subject.clone(), body: mail.body.clone(), at: mail.at };
        let plain = serde_json::to_vec(&kept).map_err(not_read("mail"))?;
        let insert = |key: RowKey, aggregate: Uuid, data: Vec<u8>| RowChange::Insert {
            key,
            aggregate: Some(aggregate),
            data,
            expires_at: Some(real + LIFETIME),
            on_taken: OnTaken::Replace,
        };
        let mut old = self.store.rows(mail.tenant, rows::MAIL).await?;
        old.sort_by(|a, b| b.key.cmp(&a.key));
        let mut rows: Vec<_> = old.into_iter().skip(MOST_MAILS - 1).map(|row| delete(mail.tenant, row)).collect();
        let sealed = keys.seal(rows::MAIL, &key, &plain);
        rows.push(insert(RowKey::new(mail.tenant, rows::MAIL, key), recipient(&keys, &mail.to), sealed));
        let tenant = mail.tenant.uuid();
        rows.push(insert(RowKey::new(DEPLOYMENT, rows::MAIL_TENANT, tenant.as_bytes()), tenant, Vec::new()));
        self.store.commit(Write { rows, ..Write::default() }).await.map(drop).map_err(not_written)
    }

    /// Instant, number, and randomness against a second process.
    fn new_key(&self, real: Timestamp) -> Vec<u8> {
        let mut key = real.timestamp_millis().to_be_bytes().to_vec();
        key.extend(self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        key.extend(self.store.entropy().bytes::<8>());
        key
    }
}

fn delete(tenant: TenantId, row: Row) -> RowChange {
    RowChange::Delete { key: RowKey::new(tenant, rows::MAIL, row.key), expected: None }
}

/// Half of the keyed hash of the address: enough to find its mails by.
fn recipient(keys: &TenantKeys, address: &str) -> Uuid {
    let hash = address_hash(keys, "mail", &address.trim().to_lowercase());
    let mut half = [0; 16];
    half.copy_from_slice(&hash[..16]);
    Uuid::from_bytes(half)
}

#[async_trait]
impl Mailer for Mailbox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        self.keep(mail).await.map_err(|_| MailError::Unavailable)
    }
}
