//! The Rust form of `proto/`: what is stored in event payloads and published, and the topics
//! it is published on.
//!
//! Only fields are added; a new meaning is a new type. `proto/CATALOGUE.md` lists every event.

pub mod stored;
mod topics;

#[expect(missing_docs, clippy::doc_markdown, reason = "generated; the documentation is in proto/")]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/contracts.rs"));
}

pub use generated::grantor::*;
pub use prost::Message;
pub use topics::{Carries, Keeps, TOPICS, Topic, topic_of};
