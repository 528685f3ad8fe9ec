//! finX, row by row.

mod answers;
mod attacks;
mod exchanges;
mod start;
mod tokens;
mod twins;
pub mod walk;
mod widget;
