//! What the tests with many processes share.

use tokio::sync::{Mutex, MutexGuard};

/// They measure, and fill the machine: one at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Waits until no other fleet runs.
pub async fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().await
}

/// Whether the long form is wanted: `make faults`.
pub fn is_long() -> bool {
    std::env::var("FAULT_LONG").is_ok_and(|text| !text.is_empty())
}
