//! finAPI, row by row.

mod access;
mod controls;
mod exchanges;
mod lifecycle;
mod tokens;
mod users;
