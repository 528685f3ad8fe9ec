//! Version 1 of every event as it was first stored; these bytes never change.

use chrono::DateTime;
use grantor_eventsourcing::{Actor, AggregateType, Codec, Envelope, Meta, Position, Timestamp};
use grantor_ids::{ClientKey, EventId, TenantId};
use grantor_webhooks::{ENDPOINT_EVENTS, EndpointCodec};
use grantor_webhooks_domain::{
    Rate,
    body::Format,
    endpoint::{Creation, Event, Key, Listener, Settings},
    signature::Signing,
};
use uuid::Uuid;

fn at() -> Timestamp {
    DateTime::from_timestamp_millis(1_700_000_000_123).unwrap()
}

fn settings() -> Settings {
    Settings {
        url: "https://p.example/".into(),
        description: "d".into(),
        events: vec!["a".into(), "b".into()],
        format: Format::CloudEvents,
        signing: Signing::Both,
        rate: None,
    }
}

fn key() -> Key {
    Key { id: "k".into(), public_key: "whpk_A".into(), created_at: at(), expires_at: None }
}

/// Every event, with its stored bytes.
fn all() -> Vec<(Event, &'static str)> {
    let listener = Some(Listener { key: ClientKey::from_uuid(Uuid::from_u128(1)), client_id: "c".into() });
    let creation = Creation { listener, settings: settings(), key: key(), created_at: at() };
    vec![
        (Event::Created(Box::new(creation)), CREATED),
        (Event::Updated(Box::new(settings())), UPDATED),
        (Event::Updated(Box::new(Settings { rate: Rate::per_second(300), ..settings() })), LIMITED),
        (Event::Paused, ""),
        (Event::Resumed, ""),
        (Event::Disabled { reason: "gone".into() }, "0a04676f6e65"),
        (Event::KeyRotated { key: key(), previous_ends_at: at() }, ROTATED),
        (Event::KeyRevealed { id: "k".into() }, "0a016b"),
        (Event::Deleted, ""),
    ]
}

const CREATED: &str = "0a10000000000000000000000000000000011201631a31\
     0a1268747470733a2f2f702e6578616d706c652f1201641a01611a0162220c636c6f75645f6576656e74732a04626f7468\
     22120a016b12067768706b5f4118fbd095ffbc3128fbd095ffbc31";
const UPDATED: &str =
    "0a310a1268747470733a2f2f702e6578616d706c652f1201641a01611a0162220c636c6f75645f6576656e74732a04626f7468";
/// With what came later: a limit.
const LIMITED: &str =
    "0a340a1268747470733a2f2f702e6578616d706c652f1201641a01611a0162220c636c6f75645f6576656e74732a04626f746830ac02";
const ROTATED: &str = "0a120a016b12067768706b5f4118fbd095ffbc3110fbd095ffbc31";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn events_are_stored_as_they_first_were_and_read_back() {
    let mut types = Vec::new();
    for (event, golden) in all() {
        let encoded = EndpointCodec::encode(&event);
        assert_eq!(hex(&encoded.payload), golden, "{}", encoded.event_type);
        let envelope = Envelope {
            position: Position::row(1),
            event_id: EventId::from_uuid(Uuid::nil()),
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            tenant: TenantId::from_uuid(Uuid::nil()),
            aggregate_type: AggregateType::WebhookEndpoint,
            aggregate_id: Uuid::nil(),
            version: 1,
            occurred_at: at(),
            recorded_at: at(),
            meta: Meta::by(Actor::System),
            payload: encoded.payload.clone(),
        };
        assert_eq!(EndpointCodec::decode(&envelope), Ok(event));
        if types.last() != Some(&encoded.event_type) {
            types.push(encoded.event_type);
        }
    }
    assert_eq!(types, ENDPOINT_EVENTS);
}
