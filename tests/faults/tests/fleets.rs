//! What the tests with many processes share.

pub use grantor_tests_faults::is_long;
use tokio::sync::{Mutex, MutexGuard};

/// They measure, and fill the machine: one at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Waits until no other fleet runs.
pub async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}
