//! Domain event ↔ stored form: `proto/console/v1/operator.proto`.

use grantor_console_domain::{Event, Operator};
use grantor_contracts::{
    console::v1 as proto,
    stored::{decoded, encoded, instant, unreadable},
};
use grantor_eventsourcing::{Codec, DecodeError, Encoded, Envelope};

const CREATED: &str = "platform.operator.created";
const TOKEN_ROTATED: &str = "platform.operator.token_rotated";
const DISABLED: &str = "platform.operator.disabled";

/// Every event type this service writes, for tests that enumerate them.
pub const EVENT_TYPES: [&str; 3] = [CREATED, TOKEN_ROTATED, DISABLED];

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
                let message: proto::OperatorCreated = decoded(envelope)?;
                Ok(Event::Created { name: message.name, at: instant(envelope, message.created_at_ms)? })
            }
            TOKEN_ROTATED => Ok(Event::TokenRotated),
            DISABLED => Ok(Event::Disabled),
            _ => Err(unreadable(envelope, "not an event of an operator")),
        }
    }
}
