//! The rules of webhooks. Pure.

pub mod body;
pub mod endpoint;
mod event_types;
pub mod signature;

pub use event_types::{Audience, EVENT_TYPES, EventType, Urgency, event_type};
