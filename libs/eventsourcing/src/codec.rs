use bytes::Bytes;

use crate::{Aggregate, Envelope};

/// An event as it is stored and published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// `domain.aggregate.past_tense`, as in `proto/CATALOGUE.md`.
    pub event_type: &'static str,
    /// Version of the payload's schema.
    pub schema_version: u16,
    /// Protobuf.
    pub payload: Bytes,
}

/// Why stored bytes could not be read as an event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("cannot read {event_type} version {schema_version}: {reason}")]
pub struct DecodeError {
    /// The type named in the record.
    pub event_type: String,
    /// The schema version named in the record.
    pub schema_version: u16,
    /// What is wrong; no payload bytes.
    pub reason: String,
}

/// Domain form ↔ stored form of one aggregate's events; lives in the service's `publish.rs`.
pub trait Codec: 'static {
    /// Whose events.
    type Aggregate: Aggregate;

    /// To the stored form.
    fn encode(event: &<Self::Aggregate as Aggregate>::Event) -> Encoded;

    /// From the stored form, of this or any earlier schema version.
    fn decode(envelope: &Envelope) -> Result<<Self::Aggregate as Aggregate>::Event, DecodeError>;
}
