//! A record as it travels: CloudEvents 1.0 in binary mode (Kafka protocol binding, section 3.2),
//! with the envelope as its data.

use chrono::{DateTime, SecondsFormat};
use grantor_contracts::{Message as _, platform::v1 as proto};
use grantor_eventsourcing::{Actor, AggregateType, Envelope, Meta, Position, Timestamp};
use grantor_ids::{EventId, TenantId};
use rdkafka::{
    Message,
    message::{Header, Headers, OwnedHeaders},
};
use uuid::Uuid;

use super::Heard;

/// The type of the record that says how fresh a partition is.
const HEARTBEAT: &str = "platform.bus.heartbeat";
const TYPE: &str = "ce_type";

/// Why a record cannot be read. No payload in the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// There is no value.
    #[error("the record is empty")]
    Empty,
    /// The value is no message of its type.
    #[error("the record is no {0}")]
    Malformed(&'static str),
    /// A field has a value that it cannot have.
    #[error("{0} is out of its range")]
    Field(&'static str),
}

/// A record on its way out.
pub(super) struct Record {
    pub(super) topic: String,
    /// The key decides, where it is absent.
    pub(super) partition: Option<i32>,
    pub(super) key: String,
    pub(super) value: Vec<u8>,
    pub(super) headers: OwnedHeaders,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Said {
    Event(Box<Envelope>),
    Heartbeat(String, Heard),
}

/// An event of this service as a record.
pub(super) fn record(service: &str, topic: String, event: &Envelope) -> Record {
    // What belongs to no stream is spread.
    let key = if event.aggregate_id.is_nil() { event.event_id.uuid() } else { event.aggregate_id }.to_string();
    let mut headers = cloud_event(&event.event_id.to_string(), service, &event.event_type, event.occurred_at)
        .insert(Header { key: "content-type", value: Some("application/protobuf") })
        .insert(Header { key: "ce_partitionkey", value: Some(&key) })
        .insert(Header { key: "ce_tenantid", value: Some(&event.tenant.to_string()) });
    if event.version > 0 {
        headers = headers.insert(Header { key: "ce_sequence", value: Some(&event.version.to_string()) });
    }
    if let Some(trace) = &event.meta.trace {
        headers = headers.insert(Header { key: "traceparent", value: Some(trace) });
    }
    Record { topic, partition: None, key, value: to_proto(event).encode_to_vec(), headers }
}

/// A heartbeat for one partition.
pub(super) fn heartbeat(service: &str, topic: String, partition: i32, source: &str, heard: &Heard) -> Record {
    let position = serde_json::to_vec(&heard.position).unwrap_or_default();
    let value = proto::Heartbeat { source: source.to_owned(), at_ms: heard.at.timestamp_millis(), position };
    let id = format!("{source}@{}", heard.at.timestamp_millis());
    let headers = cloud_event(&id, service, HEARTBEAT, heard.at)
        .insert(Header { key: "content-type", value: Some("application/protobuf") });
    Record { topic, partition: Some(partition), key: HEARTBEAT.to_owned(), value: value.encode_to_vec(), headers }
}

fn cloud_event(id: &str, service: &str, kind: &str, time: Timestamp) -> OwnedHeaders {
    OwnedHeaders::new()
        .insert(Header { key: "ce_specversion", value: Some("1.0") })
        .insert(Header { key: "ce_id", value: Some(id) })
        .insert(Header { key: "ce_source", value: Some(&format!("/grantor/{service}")) })
        .insert(Header { key: TYPE, value: Some(kind) })
        .insert(Header { key: "ce_time", value: Some(&time.to_rfc3339_opts(SecondsFormat::Millis, true)) })
}

/// What a record says; its place in its partition is its position.
pub(super) fn read(message: &impl Message) -> Result<Said, WireError> {
    let value = message.payload().ok_or(WireError::Empty)?;
    let kind = message.headers().and_then(|headers| headers.iter().find(|header| header.key == TYPE));
    if kind.is_some_and(|kind| kind.value == Some(HEARTBEAT.as_bytes())) {
        let beat = proto::Heartbeat::decode(value).map_err(|_| WireError::Malformed("Heartbeat"))?;
        let position = serde_json::from_slice(&beat.position).map_err(|_| WireError::Field("position"))?;
        return Ok(Said::Heartbeat(beat.source, Heard { at: instant(beat.at_ms)?, position }));
    }
    Ok(Said::Event(Box::new(from_proto(read_record(value)?, Position::row(message.offset()))?)))
}

/// The envelope in a record's value.
pub fn read_record(value: &[u8]) -> Result<proto::Envelope, WireError> {
    proto::Envelope::decode(value).map_err(|_| WireError::Malformed("Envelope"))
}

/// An envelope in its published form.
pub fn to_proto(event: &Envelope) -> proto::Envelope {
    proto::Envelope {
        event_id: event.event_id.uuid().as_bytes().to_vec(),
        event_type: event.event_type.clone(),
        schema_version: u32::from(event.schema_version),
        tenant_id: event.tenant.uuid().as_bytes().to_vec(),
        aggregate_type: u32::from(event.aggregate_type.code().unsigned_abs()),
        aggregate_id: event.aggregate_id.as_bytes().to_vec(),
        version: event.version,
        occurred_at_ms: event.occurred_at.timestamp_millis(),
        recorded_at_ms: event.recorded_at.timestamp_millis(),
        meta: serde_json::to_vec(&event.meta).unwrap_or_default(),
        payload: event.payload.to_vec(),
    }
}

/// A published envelope, at this position of whatever brought it.
pub fn from_proto(event: proto::Envelope, position: Position) -> Result<Envelope, WireError> {
    let kind = i16::try_from(event.aggregate_type).ok().and_then(AggregateType::from_code);
    Ok(Envelope {
        position,
        event_id: EventId::from_uuid(uuid(&event.event_id, "event_id")?),
        event_type: event.event_type,
        schema_version: u16::try_from(event.schema_version).map_err(|_| WireError::Field("schema_version"))?,
        tenant: TenantId::from_uuid(uuid(&event.tenant_id, "tenant_id")?),
        aggregate_type: kind.ok_or(WireError::Field("aggregate_type"))?,
        aggregate_id: uuid(&event.aggregate_id, "aggregate_id")?,
        version: event.version,
        occurred_at: instant(event.occurred_at_ms)?,
        recorded_at: instant(event.recorded_at_ms)?,
        meta: serde_json::from_slice(&event.meta).unwrap_or(Meta::by(Actor::System)),
        payload: event.payload.into(),
    })
}

fn uuid(bytes: &[u8], field: &'static str) -> Result<Uuid, WireError> {
    Uuid::from_slice(bytes).map_err(|_| WireError::Field(field))
}

fn instant(milliseconds: i64) -> Result<Timestamp, WireError> {
    DateTime::from_timestamp_millis(milliseconds).ok_or(WireError::Field("an instant"))
}
