use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, SubsecRound, Utc};
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
