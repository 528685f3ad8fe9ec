//! The real `grantor` binary with its demo, and scripts that talk to it the way partners do.
//!
//! Nothing here knows a Grantor library: what is tested is what a user would run.

mod running;
mod script;

pub use running::{Running, binary};
pub use script::Script;
