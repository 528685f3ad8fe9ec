//! The generic guide, row by row.

mod exchanges;
mod rows;
mod twins;
