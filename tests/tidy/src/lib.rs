//! What the tidiness tests look at: the repository's files and its dependency graph.

mod crates;
mod files;

pub use crates::{Crate, Edge, crates};
pub use files::{File, files, root};
