//! Mails are queued in the commit of what they tell about, sealed, and sent by a job.

mod deliver;
mod letter;
mod text;

pub(crate) use deliver::deliver_due;
pub(crate) use letter::{Language, Letter, Message};

/// The kind of its tasks.
pub(crate) const TASK: &str = "mail";
