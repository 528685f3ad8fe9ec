use std::collections::HashMap;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use chrono::{DateTime, TimeDelta, Utc};
use grantor_ids::TenantId;
use grantor_ports::{BankRefusal, Entropy, EntropyExt};
use parking_lot::Mutex;
use secrecy::{ExposeSecret, SecretString};
use subtle::ConstantTimeEq;

use crate::customers::{Branch, Customer};

/// Logins that wait for their second factor at most; the oldest go first.
const MOST: usize = 1000;
/// Wrong codes until a login is over.
const TRIES: u8 = 3;

const fn lasts() -> TimeDelta {
    TimeDelta::minutes(5)
}

/// A login that waits for its second factor.
pub(crate) struct Pending {
    tenant: TenantId,
    branch: &'static Branch,
    customer: &'static Customer,
    code: SecretString,
    tries: u8,
    expires_at: DateTime<Utc>,
}

impl Pending {
    pub fn new(
        tenant: TenantId,
        branch: &'static Branch,
        customer: &'static Customer,
        code: SecretString,
        now: DateTime<Utc>,
    ) -> Self {
        Self { tenant, branch, customer, code, tries: 0, expires_at: now + lasts() }
    }
}

/// The logins that wait, by the name the bank gave them.
#[derive(Default)]
pub(crate) struct Logins(Mutex<HashMap<String, Pending>>);

impl Logins {
    pub fn keep(&self, session: String, pending: Pending, now: DateTime<Utc>) {
        let mut waiting = self.0.lock();
        waiting.retain(|_, pending| now < pending.expires_at);
        while waiting.len() >= MOST {
            let oldest = waiting.iter().min_by_key(|(_, pending)| pending.expires_at).map(|(name, _)| name.clone());
            let Some(oldest) = oldest else { break };
            waiting.remove(&oldest);
        }
        waiting.insert(session, pending);
    }

    /// The right code ends the wait, once; so do too many wrong ones.
    pub fn confirm(
        &self,
        tenant: TenantId,
        session: &str,
        code: &SecretString,
        now: DateTime<Utc>,
    ) -> Result<(&'static Branch, &'static Customer), BankRefusal> {
        let mut waiting = self.0.lock();
        let pending = waiting.get_mut(session).filter(|pending| pending.tenant == tenant && now < pending.expires_at);
        let pending = pending.ok_or(BankRefusal::Over)?;
        let digits: String = code.expose_secret().chars().filter(|c| !c.is_whitespace()).collect();
        if bool::from(pending.code.expose_secret().as_bytes().ct_eq(digits.as_bytes())) {
            let found = (pending.branch, pending.customer);
            waiting.remove(session);
            return Ok(found);
        }
        pending.tries += 1;
        if pending.tries >= TRIES {
            waiting.remove(session);
            return Err(BankRefusal::Over);
        }
        Err(BankRefusal::Wrong)
    }
}

/// 256 random bits.
pub(crate) fn session(entropy: &dyn Entropy) -> String {
    B64.encode(entropy.bytes::<32>())
}

/// Six digits; the bias of the remainder is below one in four thousand million.
pub(crate) fn code(entropy: &dyn Entropy) -> String {
    format!("{:06}", u64::from_be_bytes(entropy.bytes::<8>()) % 1_000_000)
}
