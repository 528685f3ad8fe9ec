//! Writers, and the judge of what became of what they wrote.

mod judge;
mod writers;

pub use judge::Verdict;
pub use writers::{EVENT, SERVICE, TENANT, Writers, open};
