//! Events on their way from the service that owns them to those that follow.
//!
//! Delivery is asynchronous, at least once, in order per stream. A consumer keeps its cursor
//! with its effects, in one commit of its own database, so a crash between the two cannot be.
//! On the embedded bus the cursor is the position in the owner's log.

mod consumer;
mod run;
mod source;
mod unruly;

pub use consumer::{Consumer, HandleError};
pub use run::Subscription;
pub use source::{EventSource, OwnLog};
pub use unruly::Unruly;
