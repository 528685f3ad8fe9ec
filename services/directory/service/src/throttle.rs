//! Counting guesses in the database (C26), so that restarts and replicas do not forget.
//!
//! A login attempt is reserved before the password is hashed and taken back when it was right,
//! so only failures count. Three counters:
//!
//! - per **account**, ten failures in 15 minutes, for network addresses the account has not
//!   logged in from: a botnet has ten guesses at one account per window, whatever its size;
//! - per **account and known address**, ten failures in 15 minutes, instead of the account's
//!   counter: whoever uses up the account's budget does not keep the owner out, who logs in
//!   from where they have logged in before. A new place waits for the rest of the window;
//! - per **network address**, fifty failures in 15 minutes over all accounts, against one
//!   password tried on many.
//!
//! A window starts with its first failure and does not grow: refused attempts are not counted.
//! Keys are keyed hashes; an account without a user is counted like any other (C24).

use std::net::IpAddr;

use chrono::TimeDelta;
use grantor_eventsourcing::Timestamp;
use grantor_ids::TenantId;
use grantor_ports::{LoginRefusal, PortError, network};
use grantor_store::{RowChange, RowKey, Write};
use tokio::sync::{Mutex, MutexGuard};

use crate::{Directory, failure::not_written, keys::DirectoryKeys, rows};

const WINDOW: TimeDelta = TimeDelta::minutes(15);
const PER_ACCOUNT: u64 = 10;
const PER_ADDRESS: u64 = 50;

/// One password check at a time per account and process: good logins that arrive together do
/// not look like guesses to each other. Accounts share a few locks.
pub(crate) struct Turns(Vec<Mutex<()>>);

impl Default for Turns {
    fn default() -> Self {
        Self(std::iter::repeat_with(Mutex::default).take(256).collect())
    }
}

impl Turns {
    /// Waits for the account's turn.
    pub async fn take(&self, account: &[u8; 32]) -> MutexGuard<'_, ()> {
        self.0[usize::from(account[0])].lock().await
    }
}

/// Who tries what from where, as counters know it.
pub(crate) struct Attempt<'a> {
    pub tenant: TenantId,
    pub keys: &'a DirectoryKeys,
    /// Keyed hash of the user name.
    pub account: [u8; 32],
    pub address: Option<IpAddr>,
    /// Whether the account has logged in from this address before.
    pub known: bool,
}

/// A guess that was let through; it counts until it is taken back.
pub(crate) struct Reserved {
    /// The how-manieth failure within the window it is, if it is one.
    pub count: u64,
    guess: RowKey,
    address: Option<RowKey>,
}

impl Reserved {
    /// It was no failure.
    pub fn take_back(&self) -> RowChange {
        RowChange::Uncount { key: self.guess.clone() }
    }

    /// It was one, and counts for the network address too.
    pub fn keep(&self, real: Timestamp) -> Vec<RowChange> {
        let count = |key: &RowKey| RowChange::Count { key: key.clone(), expires_at: real + WINDOW };
        self.address.iter().map(count).collect()
    }
}

impl Attempt<'_> {
    fn guess(&self) -> RowKey {
        let mac = if self.known {
            pair_counter(self.keys, &self.account, self.address)
        } else {
            account_counter(self.keys, &self.account)
        };
        RowKey::new(self.tenant, rows::FAILURES, mac)
    }

    fn address(&self) -> Option<RowKey> {
        let address = network(self.address?);
        Some(RowKey::new(self.tenant, rows::FAILURES, self.keys.counter(&[b"address", address.as_bytes()])))
    }
}

/// The counter of an account's failures from unknown addresses.
pub(crate) fn account_counter(keys: &DirectoryKeys, account: &[u8; 32]) -> [u8; 32] {
    keys.counter(&[b"account", account])
}

/// The counter of an account's failures from one known address.
pub(crate) fn pair_counter(keys: &DirectoryKeys, account: &[u8; 32], address: Option<IpAddr>) -> [u8; 32] {
    let address = address.map(network).unwrap_or_default();
    keys.counter(&[b"pair", account, address.as_bytes()])
}

impl Directory {
    /// Lets a guess through, or says how long to wait.
    pub(crate) async fn reserve(&self, attempt: &Attempt<'_>) -> Result<Reserved, LoginRefusal> {
        let mut reserved = Reserved { count: 0, guess: attempt.guess(), address: attempt.address() };
        if let Some(key) = &reserved.address {
            self.check(key, PER_ADDRESS).await?;
        }
        self.check(&reserved.guess, PER_ACCOUNT).await?;
        let expires_at = self.clock.real() + WINDOW;
        let count = RowChange::Count { key: reserved.guess.clone(), expires_at };
        let committed = self.store.commit(Write { rows: vec![count], ..Write::default() }).await;
        let counts = committed.map_err(not_written)?.counts;
        if counts.iter().any(|count| *count > PER_ACCOUNT) {
            self.take_back(&reserved).await?;
            self.check(&reserved.guess, PER_ACCOUNT).await?;
            // Others took theirs back meanwhile: a second is enough.
            return Err(LoginRefusal::Throttled { retry_after: 1 });
        }
        reserved.count = counts.first().copied().unwrap_or_default();
        Ok(reserved)
    }

    /// The guess does not count: it was never checked.
    pub(crate) async fn take_back(&self, reserved: &Reserved) -> Result<(), PortError> {
        let write = Write { rows: vec![reserved.take_back()], ..Write::default() };
        self.store.commit(write).await.map(drop).map_err(not_written)
    }

    async fn check(&self, key: &RowKey, limit: u64) -> Result<(), LoginRefusal> {
        let row = self.store.row(key.tenant, key.kind, &key.key).await.map_err(PortError::from)?;
        match row {
            Some(row) if row.revision >= limit => {
                Err(LoginRefusal::Throttled { retry_after: self.seconds_until(row.expires_at) })
            }
            _ => Ok(()),
        }
    }

    /// Whole seconds of real time, at least one.
    pub(crate) fn seconds_until(&self, instant: Option<Timestamp>) -> u32 {
        let left = instant.map_or(TimeDelta::zero(), |instant| instant - self.clock.real());
        u32::try_from(left.num_milliseconds().max(0).unsigned_abs().div_ceil(1000)).unwrap_or(u32::MAX).max(1)
    }
}
