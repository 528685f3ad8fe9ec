//! The store on PostgreSQL: the tests of `tests/it`, and what only many writers can show.

#[path = "../it/batches.rs"]
mod batches;
#[path = "../it/cleaning.rs"]
mod cleaning;
#[path = "../it/commands.rs"]
mod commands;
#[path = "../it/deliveries.rs"]
mod deliveries;
#[path = "../it/lists.rs"]
mod lists;
mod opened;
mod outages;
mod proofs;
#[path = "../it/readers.rs"]
mod readers;
#[path = "../it/rows.rs"]
mod rows;
#[path = "../it/writes.rs"]
mod writes;
