//! What the tests with many processes share.

pub use grantor_tests_faults::is_long;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Fleets that run at once in the short form, which spends half of its time waiting. The long form
/// measures: it has the machine to itself.
const AT_ONCE: u32 = 2;
static PLACES: Semaphore = Semaphore::const_new(AT_ONCE as usize);

/// Waits until no other fleet runs; in the short form, until few do.
pub async fn place() -> SemaphorePermit<'static> {
    PLACES.acquire_many(if is_long() { AT_ONCE } else { 1 }).await.expect("it is never closed")
}
