//! A profile against its guide: golden exchanges, rules and contradictions.

mod authorize;
mod claims;
mod columns;
mod documents;
mod fuzz;
mod golden;
mod mutate;
mod revocation;
mod shapes;
mod support;
mod token;
