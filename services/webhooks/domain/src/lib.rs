//! The rules of webhooks. Pure.

pub mod body;
pub mod endpoint;
mod event_types;
mod health;
mod message_id;
mod outcome;
mod pace;
mod retry;
pub mod signature;

pub use event_types::{Audience, EVENT_TYPES, EventType, Urgency, event_type};
pub use health::{Admission, Health, Lane};
pub use message_id::message_id;
pub use outcome::{Ended, Failure, Sign, Verdict};
pub use pace::{Bucket, Rate};
pub use retry::retry_in;
