//! Copies on a real file, with owners that can be watched, changed and silenced.

mod clients;
mod owners;
mod tenants;
mod users;
