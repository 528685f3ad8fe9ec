//! What this service follows: its own log, for the list of operators.

mod operators;

pub(crate) use operators::{OPERATORS, OperatorItem, Operators, READER, item};
