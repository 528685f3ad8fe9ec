//! What one service knows of tenants, clients and users that others own.
//!
//! Copies are fed by the owners' state records and marked as copies, with the source's version
//! on each row. What is not there yet is read through from the owner, once for all who wait;
//! what the owner does not know either is remembered for a second.

mod consumer;
mod copies;
mod flight;
mod sandbox_clocks;
mod snapshot;

pub use consumer::CopyConsumer;
pub use copies::{Copies, Freshness};
pub use sandbox_clocks::{Moved, SandboxClocks};
pub use snapshot::{CLIENT_STATE, Snapshot, TENANT_STATE, USER_STATE};
