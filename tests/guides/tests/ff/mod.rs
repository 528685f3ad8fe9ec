//! Financefeast, row by row.

mod api;
mod authorize;
mod clients;
mod exchanges;
pub mod register;
mod token;
mod twins;
