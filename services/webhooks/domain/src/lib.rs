//! The rules of webhooks. Pure.

mod event_types;

pub use event_types::{Audience, EVENT_TYPES, EventType, Urgency, event_type};
