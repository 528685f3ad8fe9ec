//! Domain events ↔ stored form, for both aggregates.

mod client;
mod tenant;

use bytes::Bytes;
use chrono::DateTime;
use grantor_contracts::Message;
use grantor_eventsourcing::{DecodeError, Encoded, Envelope, Timestamp};

pub use client::ClientCodec;
pub use tenant::TenantCodec;

/// Every event type this service writes to its event log, for tests that enumerate them.
pub const EVENT_TYPES: [&str; 21] = [
    tenant::CREATED,
    tenant::PROFILE_CHANGED,
    tenant::PRESENTATION_CHANGED,
    tenant::MAIL_SERVER_CHANGED,
    tenant::MEMBER_INVITED,
    tenant::INVITATION_WITHDRAWN,
    tenant::MEMBER_JOINED,
    tenant::MEMBER_ROLE_CHANGED,
    tenant::MEMBER_LEFT,
    tenant::SUSPENDED,
    tenant::RESTORED,
    client::REGISTERED,
    client::SUBMITTED,
    client::APPROVED,
    client::REJECTED,
    client::SUSPENDED,
    client::RESTORED,
    client::UPDATED,
    client::SECRET_ROTATED,
    client::SECRET_RETIRED,
    client::DELETED,
];

/// The schema version of all payloads so far.
const VERSION: u16 = 1;

fn encoded(event_type: &'static str, message: &impl Message) -> Encoded {
    Encoded { event_type, schema_version: VERSION, payload: Bytes::from(message.encode_to_vec()) }
}

fn decoded<M: Message + Default>(envelope: &Envelope) -> Result<M, DecodeError> {
    M::decode(envelope.payload.clone()).map_err(|cause| unreadable(envelope, cause.to_string()))
}

fn unreadable(envelope: &Envelope, reason: impl Into<String>) -> DecodeError {
    DecodeError {
        event_type: envelope.event_type.clone(),
        schema_version: envelope.schema_version,
        reason: reason.into(),
    }
}

/// A member without which the event says nothing.
fn member<T>(envelope: &Envelope, name: &'static str, value: Option<T>) -> Result<T, DecodeError> {
    value.ok_or_else(|| unreadable(envelope, format!("the member {name} is missing or wrong")))
}

fn instant(envelope: &Envelope, millis: i64) -> Result<Timestamp, DecodeError> {
    member(envelope, "instant", DateTime::from_timestamp_millis(millis))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Bytes of lower-case hexadecimal digits that this service wrote itself.
fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect()
}
