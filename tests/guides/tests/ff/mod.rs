//! Financefeast, row by row.

mod api;
mod authorize;
mod clients;
mod exchanges;
mod register;
mod token;
mod twins;
