//! What every service's codec is made of: a message ↔ the stored form of an event, and the checks on
//! what is read back. Pure; each codec says only which event is which message.

use bytes::Bytes;
use chrono::DateTime;
use grantor_eventsourcing::{DecodeError, Encoded, Envelope, Timestamp};
use grantor_ids::Id;
use prost::Message;
use uuid::Uuid;

/// The schema version of all payloads so far.
const VERSION: u16 = 1;

/// An event's stored form.
pub fn encoded(event_type: &'static str, message: &impl Message) -> Encoded {
    Encoded { event_type, schema_version: VERSION, payload: Bytes::from(message.encode_to_vec()) }
}

/// The message in a stored event.
///
/// # Errors
/// When it is of another schema version, or not a message of this type.
pub fn decoded<M: Message + Default>(envelope: &Envelope) -> Result<M, DecodeError> {
    if envelope.schema_version != VERSION {
        return Err(unreadable(envelope, "a schema version that this code does not read"));
    }
    M::decode(envelope.payload.clone()).map_err(|cause| unreadable(envelope, cause.to_string()))
}

/// Why an event cannot be read; `reason` tells nothing of what is in it.
pub fn unreadable(envelope: &Envelope, reason: impl Into<String>) -> DecodeError {
    DecodeError {
        event_type: envelope.event_type.clone(),
        schema_version: envelope.schema_version,
        reason: reason.into(),
    }
}

/// A member without which the event says nothing.
///
/// # Errors
/// When there is none.
pub fn member<T>(envelope: &Envelope, name: &'static str, value: Option<T>) -> Result<T, DecodeError> {
    value.ok_or_else(|| unreadable(envelope, format!("the member {name} is missing or wrong")))
}

/// Milliseconds since 1970, as an instant.
///
/// # Errors
/// When no calendar has it.
pub fn instant(envelope: &Envelope, millis: i64) -> Result<Timestamp, DecodeError> {
    DateTime::from_timestamp_millis(millis).ok_or_else(|| unreadable(envelope, "an instant out of range"))
}

/// An id as its 16 bytes.
pub fn id_bytes(id: impl Id) -> Vec<u8> {
    id.uuid().as_bytes().to_vec()
}

/// The id of which these are the 16 bytes.
///
/// # Errors
/// When they are not 16.
pub fn id<T: Id>(envelope: &Envelope, bytes: &[u8]) -> Result<T, DecodeError> {
    Uuid::from_slice(bytes).map(T::from_uuid).map_err(|_| unreadable(envelope, "an id has not 16 bytes"))
}
