//! Domain event ↔ stored form: `proto/console/v1/operator.proto`.

use bytes::Bytes;
use chrono::DateTime;
use grantor_console_domain::{Event, Operator};
use grantor_contracts::{Message, console::v1 as proto};
use grantor_eventsourcing::{Codec, DecodeError, Encoded, Envelope};

const CREATED: &str = "platform.operator.created";
const TOKEN_ROTATED: &str = "platform.operator.token_rotated";
const DISABLED: &str = "platform.operator.disabled";

/// Every event type this service writes, for tests that enumerate them.
pub const EVENT_TYPES: [&str; 3] = [CREATED, TOKEN_ROTATED, DISABLED];

/// The schema version of all payloads so far.
const VERSION: u16 = 1;

/// Events of operators.
pub struct OperatorCodec;

impl Codec for OperatorCodec {
    type Aggregate = Operator;

    fn encode(event: &Event) -> Encoded {
        match event {
            Event::Created { name, at } => {
                encoded(CREATED, &proto::OperatorCreated { name: name.clone(), created_at_ms: at.timestamp_millis() })
            }
            Event::TokenRotated => encoded(TOKEN_ROTATED, &proto::OperatorTokenRotated {}),
            Event::Disabled => encoded(DISABLED, &proto::OperatorDisabled {}),
        }
    }

    fn decode(envelope: &Envelope) -> Result<Event, DecodeError> {
        match envelope.event_type.as_str() {
            CREATED => {
                let message = proto::OperatorCreated::decode(envelope.payload.clone())
                    .map_err(|cause| unreadable(envelope, cause.to_string()))?;
                let at = DateTime::from_timestamp_millis(message.created_at_ms)
                    .ok_or_else(|| unreadable(envelope, "created_at_ms is out of range"))?;
                Ok(Event::Created { name: message.name, at })
            }
            TOKEN_ROTATED => Ok(Event::TokenRotated),
            DISABLED => Ok(Event::Disabled),
            _ => Err(unreadable(envelope, "not an event of an operator")),
        }
    }
}

fn encoded(event_type: &'static str, message: &impl Message) -> Encoded {
    Encoded { event_type, schema_version: VERSION, payload: Bytes::from(message.encode_to_vec()) }
}

fn unreadable(envelope: &Envelope, reason: impl Into<String>) -> DecodeError {
    DecodeError {
        event_type: envelope.event_type.clone(),
        schema_version: envelope.schema_version,
        reason: reason.into(),
    }
}
