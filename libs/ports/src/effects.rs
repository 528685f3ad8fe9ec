use std::{
    collections::HashMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use grantor_eventsourcing::Timestamp;
use grantor_ids::{Id, TenantId};
use uuid::Uuid;

/// What time it is. Lifetimes and claims use the tenant's clock; leases, event ids and
/// `recorded_at` the real one.
pub trait Clock: Send + Sync + 'static {
    /// The tenant's own time, to the millisecond.
    fn now(&self, tenant: TenantId) -> Timestamp;
    /// Real time, to the millisecond.
    fn real(&self) -> Timestamp;
    /// How far the tenant's own time is ahead of real time: zero but for a sandbox whose clock
    /// was advanced.
    fn ahead(&self, _: TenantId) -> TimeDelta {
        TimeDelta::zero()
    }
    /// Takes note of how far a tenant's time is ahead; a smaller value than the known one is old
    /// news, as a sandbox's clock only moves forward.
    fn learn(&self, _: TenantId, _: TimeDelta) {}
    /// An instant of the tenant's time as it is written on the wire (`iat`, `exp`, …): on a clock
    /// that runs with real time, so that unmodified clients accept it.
    fn wire(&self, tenant: TenantId, instant: Timestamp) -> Timestamp {
        instant.checked_sub_signed(self.ahead(tenant)).unwrap_or(instant)
    }
}

/// The machine's clock, the same for every tenant.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self, _: TenantId) -> Timestamp {
        self.real()
    }
    fn real(&self) -> Timestamp {
        #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
        let now = Utc::now();
        now.trunc_subsecs(3)
    }
}

/// The tenants' own clocks over one real clock. Only sandboxes that were advanced take memory.
pub struct TenantClocks {
    real: Arc<dyn Clock>,
    /// Milliseconds ahead.
    ahead: RwLock<HashMap<TenantId, i64>>,
}

impl TenantClocks {
    /// All tenants at real time.
    pub fn over(real: Arc<dyn Clock>) -> Self {
        Self { real, ahead: RwLock::default() }
    }
}

impl Clock for TenantClocks {
    fn now(&self, tenant: TenantId) -> Timestamp {
        let now = self.real.now(tenant);
        now.checked_add_signed(self.ahead(tenant)).unwrap_or(now)
    }
    fn real(&self) -> Timestamp {
        self.real.real()
    }
    fn ahead(&self, tenant: TenantId) -> TimeDelta {
        let known = self.ahead.read().unwrap_or_else(PoisonError::into_inner);
        known.get(&tenant).map_or_else(TimeDelta::zero, |millis| TimeDelta::milliseconds(*millis))
    }
    fn learn(&self, tenant: TenantId, ahead: TimeDelta) {
        if ahead > self.ahead(tenant) {
            let mut known = self.ahead.write().unwrap_or_else(PoisonError::into_inner);
            let millis = known.entry(tenant).or_default();
            *millis = ahead.num_milliseconds().max(*millis);
        }
    }
}

/// A clock that stands still until it is moved; for tests.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// Stands at this instant.
    pub fn at(instant: Timestamp) -> Self {
        Self(AtomicI64::new(instant.timestamp_millis()))
    }
    /// Moves by a number of seconds, backwards when negative.
    pub fn advance_seconds(&self, seconds: i64) {
        self.0.fetch_add(seconds * 1000, Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self, _: TenantId) -> Timestamp {
        self.real()
    }
    fn real(&self) -> Timestamp {
        DateTime::from_timestamp_millis(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }
}

/// Randomness fit for secrets.
pub trait Entropy: Send + Sync + 'static {
    /// Fills the buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the kernel")]
        let filled = getrandom::fill(buffer);
        // A kernel that cannot give randomness cannot run an authorization server.
        filled.expect("the operating system gives randomness");
    }
}

/// What is made from randomness.
pub trait EntropyExt: Entropy {
    /// `N` random bytes.
    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        self.fill(&mut buffer);
        buffer
    }
    /// `n` random bytes.
    fn byte_vec(&self, n: usize) -> Vec<u8> {
        let mut buffer = vec![0; n];
        self.fill(&mut buffer);
        buffer
    }
    /// A fresh id: a version 7 UUID (RFC 9562 5.7) of the given real time.
    fn id<T: Id>(&self, real: Timestamp) -> T {
        let millis = u64::try_from(real.timestamp_millis()).unwrap_or_default();
        T::from_uuid(uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid())
    }
    /// A fresh version 4 UUID.
    fn uuid4(&self) -> Uuid {
        uuid::Builder::from_random_bytes(self.bytes()).into_uuid()
    }
}

impl<T: Entropy + ?Sized> EntropyExt for T {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sandboxs_clock_only_moves_forward_and_is_its_own() {
        let clock = TenantClocks::over(Arc::new(FixedClock::at(DateTime::UNIX_EPOCH)));
        let (one, other) = (TenantId::from_uuid(Uuid::from_u128(1)), TenantId::from_uuid(Uuid::from_u128(2)));
        clock.learn(one, TimeDelta::days(10));
        clock.learn(one, TimeDelta::days(3));
        assert_eq!(clock.now(one), DateTime::UNIX_EPOCH + TimeDelta::days(10));
        assert_eq!(clock.wire(one, clock.now(one)), clock.real());
        assert_eq!((clock.now(other), clock.ahead(other)), (clock.real(), TimeDelta::zero()));
        assert_eq!(clock.wire(one, Timestamp::MIN_UTC), Timestamp::MIN_UTC, "what cannot be said stays");
    }
}
