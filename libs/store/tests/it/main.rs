//! The store on a SQLite file. The same tests run on PostgreSQL: `tests/postgres`.

mod batches;
mod cleaning;
mod commands;
mod deliveries;
mod files;
mod lists;
mod opened;
mod readers;
mod rows;
mod writes;
