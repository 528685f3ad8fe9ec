//! What this service follows: its own log, for the list of users, and the ends of grants.

mod lists;
mod revocations;

pub(crate) use lists::{Lists, READER, USERS, UserItem};
pub(crate) use revocations::Revocations;
