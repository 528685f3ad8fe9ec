//! The servers that tests need: shared by all of them, or of a test's own to stop and kill.

mod by_hand;
mod kafka;
mod raw;

pub use by_hand::{delete_topic, followed, forget_group, sharers, until_read, write};
pub use kafka::{Broker, kafka, prefix};
pub use raw::{Raw, read};
