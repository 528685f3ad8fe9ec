//! What this service follows beside its copies and lists.

mod sandbox_clocks;

pub(crate) use sandbox_clocks::{Moved, SandboxClocks};
