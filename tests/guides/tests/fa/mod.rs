//! finAPI, row by row.

mod access;
mod controls;
mod exchanges;
mod explorer;
mod lifecycle;
mod tokens;
mod users;
