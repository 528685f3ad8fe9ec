//! What this service follows: its own log, for the list of users.

mod lists;

pub(crate) use lists::{Lists, READER, USERS, UserItem};
