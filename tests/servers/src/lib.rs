//! The servers that tests need: shared by all of them, or of a test's own to stop and kill.

mod kafka;
mod raw;

pub use kafka::{Broker, kafka, prefix};
pub use raw::{Raw, read};
