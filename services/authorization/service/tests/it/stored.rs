//! What the database holds: stored forms that never change, and no secret.

use std::collections::BTreeSet;

use chrono::DateTime;
use grantor_authorization::publish::{ConsentCodec, EVENT_TYPES, FlowCodec, SessionCodec};
use grantor_authorization_domain::{
    ConsentEvent, EndReason, FlowEvent, FlowFailure, FlowKind, FlowTerms, SessionEvent, Terms,
};
use grantor_eventsourcing::{Actor, Aggregate, Codec, Envelope, Meta, Position};
use grantor_ids::{ClientKey, ConsentId, EventId, UserId};
use grantor_oauth::ScopeSet;
use uuid::Uuid;

use crate::{
    browser::authorize,
    world::{TENANT, World},
};

#[tokio::test]
async fn no_cookie_form_token_or_visit_id_is_stored() {
    let world = World::new().await;
    let browser = world.browser();
    let login = browser.open(&authorize(&[])).await;
    let consent = browser.log_in(&login, "ada@example.org").await;
    let mut secrets: Vec<String> = browser.jar.lock().values().cloned().collect();
    secrets.extend([login.csrf(), consent.csrf(), login.action().split('/').nth(2).unwrap().to_owned()]);
    secrets.push("ada@example.org".into());
    let mut searched = 0;
    for entry in std::fs::read_dir(world.folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        searched += bytes.len();
        for secret in &secrets {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{secret}");
        }
    }
    assert!(searched > 10_000);
}

#[tokio::test]
async fn every_event_type_is_in_the_catalogue_and_written() {
    let catalogue = include_str!("../../../../../proto/CATALOGUE.md");
    for kind in EVENT_TYPES {
        assert!(catalogue.contains(&format!("`{kind}`")), "{kind}");
    }
    let world = World::new().await;
    let browser = world.browser();
    browser.settle().await;
    let more = browser.open(&authorize(&[("scope", "openid email"), ("state", "")])).await;
    browser.submit(&more, &[], "approve").await.callback();
    let page = browser.open("/apps").await;
    browser.submit(&page, &[("revoke", "partner")], "none").await;
    let page = browser.open("/logout").await;
    browser.submit(&page, &[], "logout").await;
    let written: BTreeSet<String> = world.events().await.into_iter().chain(world.facts().await).collect();
    // Flows begin with a call of their own; `tests/guides` takes them through.
    let visits = EVENT_TYPES.into_iter().filter(|kind| !kind.starts_with("oauth.flow."));
    assert_eq!(written, visits.map(str::to_owned).collect());
}

/// Stored bytes are never rewritten: what version 1 wrote must be read for ever.
#[test]
fn payloads_of_version_one_are_read_for_ever() {
    let user = UserId::from_uuid(Uuid::from_u128(1));
    let client = ClientKey::from_uuid(Uuid::from_u128(2));
    let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
    let terms = |expires_at| Terms {
        user,
        client,
        client_id: "c".into(),
        scopes: ScopeSet::from_spaced("openid plan").unwrap(),
        text_version: "t".into(),
        expires_at,
    };
    let started = SessionEvent::Started { user, auth_time: at(1), amr: vec!["pwd".into()], expires_at: at(2) };
    let ended = SessionEvent::Ended { user, reason: EndReason::UserChanged };
    golden::<SessionCodec>(&started, "0a100000000000000000000000000000000110e8071a0370776420d00f");
    golden::<SessionCodec>(&ended, "0a1000000000000000000000000000000001120c757365725f6368616e676564");
    golden::<ConsentCodec>(
        &ConsentEvent::Granted(terms(Some(at(3)))),
        "0a10000000000000000000000000000000011210000000000000000000000000000000021a016322066f70656e69642204706c616e2a017430b817",
    );
    golden::<ConsentCodec>(
        &ConsentEvent::Changed(terms(None)),
        "0a10000000000000000000000000000000011210000000000000000000000000000000021a016322066f70656e69642204706c616e2a0174",
    );
    golden::<ConsentCodec>(
        &ConsentEvent::Withdrawn { user, client, client_id: "c".into() },
        "0a10000000000000000000000000000000011210000000000000000000000000000000021a0163",
    );
}

#[test]
fn payloads_of_flows_of_version_one_are_read_for_ever() {
    let terms = FlowTerms {
        client: ClientKey::from_uuid(Uuid::from_u128(2)),
        client_id: "c".into(),
        kind: FlowKind::Ongoing,
        language: "de".into(),
        sync_period: 90,
        named_accounts: 1,
        expires_at: DateTime::from_timestamp(3, 0).unwrap(),
    };
    let completed = FlowEvent::Completed {
        user: UserId::from_uuid(Uuid::from_u128(1)),
        consent: ConsentId::from_uuid(Uuid::from_u128(4)),
        accounts: 2,
    };
    golden::<FlowCodec>(
        &FlowEvent::Initiated(terms),
        "0a10000000000000000000000000000000021201631a076f6e676f696e6722026465285a300138b817",
    );
    golden::<FlowCodec>(&completed, "0a10000000000000000000000000000000011210000000000000000000000000000000041802");
    golden::<FlowCodec>(&FlowEvent::Cancelled, "");
    golden::<FlowCodec>(&FlowEvent::Failed(FlowFailure::BankRefused), "0a0c62616e6b5f72656675736564");
    golden::<FlowCodec>(&FlowEvent::Expired, "");
}

fn golden<C: Codec>(event: &<C::Aggregate as Aggregate>::Event, expected: &str) {
    let encoded = C::encode(event);
    assert_eq!(encoded.schema_version, 1);
    let hex: String = encoded.payload.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, expected, "{}", encoded.event_type);
    let envelope = Envelope {
        position: Position::row(1),
        event_id: EventId::from_uuid(Uuid::nil()),
        event_type: encoded.event_type.to_owned(),
        schema_version: 1,
        tenant: TENANT,
        aggregate_type: C::Aggregate::TYPE,
        aggregate_id: Uuid::nil(),
        version: 1,
        occurred_at: DateTime::UNIX_EPOCH,
        recorded_at: DateTime::UNIX_EPOCH,
        meta: Meta::by(Actor::System),
        payload: encoded.payload,
    };
    assert_eq!(C::decode(&envelope).as_ref(), Ok(event));
    let unknown = Envelope { event_type: "identity.session.paused".into(), ..envelope.clone() };
    assert!(C::decode(&unknown).is_err());
    let damaged = Envelope { payload: vec![0xff].into(), ..envelope };
    assert!(C::decode(&damaged).is_err());
}
