//! finX, row by row.

mod accounts;
mod answers;
mod attacks;
mod exchanges;
mod framing;
mod start;
mod tokens;
mod twins;
pub mod walk;
mod widget;
