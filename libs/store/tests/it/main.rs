//! The store on a real file: shared commits, guards, keyed rows, lists, readers, cleaning up.

mod batches;
mod cleaning;
mod commands;
mod lists;
mod opened;
mod readers;
mod rows;
