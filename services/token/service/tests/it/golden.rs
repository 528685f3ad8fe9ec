//! Version 1 of every event as it was first stored; these bytes never change.

use chrono::DateTime;
use grantor_eventsourcing::{Actor, AggregateType, Codec, Encoded, Envelope, Meta, Position, Timestamp};
use grantor_ids::{ClientKey, ConsentId, EventId, SessionId, TenantId, UserId};
use grantor_oauth::{CodeChallenge, ScopeSet, Thumbprint};
use grantor_token::{GrantCodec, KeyCodec};
use grantor_token_domain::{
    Marks,
    grant::{Approval, EndReason, GrantEvent},
    key::{KeyEvent, KeyInfo},
};
use uuid::Uuid;

use crate::world::CHALLENGE;

/// `oauth.authorization.created`.
const CREATED: &str = "0a10000000000000000000000000000000011201631a10000000000000000000000000000000022210000000\
     000000000000000000000000032a100000000000000000000000000000000432036120623a01754201724a2b\
     45394d656c686f61324f77764672454d544a67754348616f654b3174385552576275474a537374772d634d50\
     fbd095ffbc315a0178620370776468fbd095ffbc3170fbd095ffbc317805800106";

fn at() -> Timestamp {
    DateTime::from_timestamp_millis(1_700_000_000_123).unwrap()
}

fn approval() -> Approval {
    Approval {
        client: ClientKey::from_uuid(Uuid::from_u128(1)),
        client_id: "c".into(),
        user: UserId::from_uuid(Uuid::from_u128(2)),
        account: None,
        session: Some(SessionId::from_uuid(Uuid::from_u128(3))),
        consent: Some(ConsentId::from_uuid(Uuid::from_u128(4))),
        scope: ScopeSet::from_spaced("a b").unwrap(),
        audience: "u".into(),
        redirect_uri: Some("r".into()),
        code_challenge: CodeChallenge::from_request(Some(CHALLENGE), Some("S256")).unwrap(),
        key: None,
        auth_time: at(),
        acr: Some("x".into()),
        amr: vec!["pwd".into()],
        created_at: at(),
        code_expires_at: at(),
        marks: Marks { tenant: 5, user: 6 },
    }
}

fn envelope(encoded: &Encoded) -> Envelope {
    Envelope {
        position: Position::row(1),
        event_id: EventId::from_uuid(Uuid::nil()),
        event_type: encoded.event_type.to_owned(),
        schema_version: encoded.schema_version,
        tenant: TenantId::from_uuid(Uuid::nil()),
        aggregate_type: AggregateType::Grant,
        aggregate_id: Uuid::nil(),
        version: 1,
        occurred_at: at(),
        recorded_at: at(),
        meta: Meta::by(Actor::System),
        payload: encoded.payload.clone(),
    }
}

fn hex(encoded: &Encoded) -> String {
    encoded.payload.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_stored_bytes_of_a_grant_never_change() {
    let golden = [
        ("oauth.authorization.created", CREATED, GrantEvent::Created(Box::new(approval()))),
        (
            "oauth.authorization.opened",
            "0a510a10000000000000000000000000000000011201631a100000000000000000000000000000000232036120623a017550fbd095ffbc315a0178620370776468fbd095ffbc3170fbd095ffbc3178058001061001",
            GrantEvent::Opened {
                approval: Box::new(Approval {
                    session: None,
                    consent: None,
                    redirect_uri: None,
                    code_challenge: None,
                    ..approval()
                }),
                refresh: true,
                key: None,
            },
        ),
        (
            "oauth.authorization.redeemed",
            "08fbd095ffbc311001",
            GrantEvent::CodeRedeemed { at: at(), refresh: true, key: None },
        ),
        (
            "oauth.authorization.reuse_detected",
            "08fbd095ffbc311007",
            GrantEvent::ReuseDetected { at: at(), generation: 7 },
        ),
        (
            "oauth.authorization.revoked",
            "08fbd095ffbc311203617069",
            GrantEvent::Revoked { at: at(), reason: EndReason::Api, whose: None },
        ),
        ("oauth.authorization.expired", "08fbd095ffbc31", GrantEvent::Expired { at: at() }),
    ];
    let found = golden.each_ref().map(|(_, _, event)| GrantCodec::encode(event));
    for ((event_type, bytes, event), encoded) in golden.iter().zip(&found) {
        assert_eq!((encoded.event_type, hex(encoded).as_str()), (*event_type, *bytes));
        assert_eq!(GrantCodec::decode(&envelope(encoded)).unwrap(), *event);
    }
}

#[test]
fn the_keys_of_clients_stand_behind_what_was_there_before() {
    const JKT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";
    let (key, text) =
        (Thumbprint::parse(JKT).unwrap(), JKT.bytes().map(|byte| format!("{byte:02x}")).collect::<String>());
    let bound = Approval { key: Some(key.clone()), ..approval() };
    let events = [
        (format!("{CREATED}92012b{text}"), GrantEvent::Created(Box::new(bound))),
        (
            format!("08fbd095ffbc3110011a2b{text}"),
            GrantEvent::CodeRedeemed { at: at(), refresh: true, key: Some(key.clone()) },
        ),
        (
            format!("0a{:02x}01{CREATED}10011a2b{text}", CREATED.len() / 2 % 128 + 128),
            GrantEvent::Opened { approval: Box::new(approval()), refresh: true, key: Some(key) },
        ),
    ];
    for (bytes, event) in events {
        let encoded = GrantCodec::encode(&event);
        assert_eq!(hex(&encoded), bytes);
        assert_eq!(GrantCodec::decode(&envelope(&encoded)).unwrap(), event);
    }
}

#[test]
fn the_stored_bytes_of_a_signing_key_never_change() {
    let key = KeyInfo { alg: "ES256".into(), kid: "k".into(), jwk: "{}".into(), created_at: at() };
    let golden = [
        (
            "platform.signing_key.created",
            "0a05455332353612016b1a027b7d20fbd095ffbc31",
            KeyEvent::Created(Box::new(key)),
        ),
        ("platform.signing_key.activated", "08fbd095ffbc31", KeyEvent::Activated { at: at() }),
        (
            "platform.signing_key.retired",
            "08fbd095ffbc3110fbd095ffbc31",
            KeyEvent::Retired { at: at(), shown_until: at() },
        ),
    ];
    for (event_type, bytes, event) in golden {
        let encoded = KeyCodec::encode(&event);
        assert_eq!((encoded.event_type, hex(&encoded).as_str()), (event_type, bytes));
        assert_eq!(KeyCodec::decode(&envelope(&encoded)).unwrap(), event);
    }
}

#[test]
fn what_is_not_known_is_refused() {
    let mut strange = envelope(&GrantCodec::encode(&GrantEvent::Expired { at: at() }));
    strange.schema_version = 2;
    assert!(GrantCodec::decode(&strange).is_err());
    strange.schema_version = 1;
    strange.event_type = "oauth.authorization.cloned".into();
    assert!(GrantCodec::decode(&strange).is_err());
}
