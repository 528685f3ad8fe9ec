//! Who is told of what.

use std::sync::Arc;

use chrono::TimeDelta;
use grantor_bus::Consumer;
use grantor_contracts::{
    Message,
    registry::v1::{ClientRegistered, ClientRejected},
    token::v1::{AuthorizationCreated, AuthorizationExpired, AuthorizationReuseDetected, AuthorizationRevoked},
};
use grantor_eventsourcing::{AggregateType, Envelope, Position, Timestamp};
use grantor_ids::{ClientKey, EventId, UserId, WebhookId};
use grantor_ports::{Clock, FixedClock, NewWebhook, WebhookFormat, WebhookSigning, Webhooks as _};
use grantor_store::{DeliveryQuery, Write};
use uuid::Uuid;

use crate::world::{CLIENT, EVERYTHING, Engine, USER, World, system};

const OTHER: ClientKey = ClientKey::from_uuid(Uuid::from_u128(0xc2));

struct Scene {
    world: World,
    clock: Arc<FixedClock>,
    consumer: Arc<dyn Consumer>,
    events: u128,
}

impl Scene {
    async fn new() -> Self {
        Self::on(Engine::Sqlite).await
    }

    async fn on(engine: Engine) -> Self {
        let clock = Arc::new(FixedClock::at(chrono::DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")));
        // Nothing may be called, so nothing is.
        let world = World::with(engine, clock.clone(), &[], grantor_ports::Drilled::default()).await;
        let consumer = world.service.consumers().into_iter().find(|(_, source)| *source == "token").expect("one").0;
        Self { world, clock, consumer, events: 0 }
    }

    async fn endpoint(&self, client_id: Option<&str>) -> WebhookId {
        let endpoints = self.world.service.endpoints();
        let wanted = NewWebhook {
            client_id: client_id.map(str::to_owned),
            url: "http://127.0.0.1:9/hook".into(),
            description: String::new(),
            events: endpoints.webhook_events(EVERYTHING).await.expect("events"),
            format: WebhookFormat::Standard,
            signing: WebhookSigning::V1,
            max_per_second: 0,
        };
        endpoints.create_webhook(EVERYTHING, wanted, &system()).await.expect("an endpoint").0.id
    }

    fn event(&mut self, kind: &str, of: AggregateType, id: Uuid, at: Timestamp, payload: Vec<u8>) -> Envelope {
        self.events += 1;
        Envelope {
            position: Position::row(1),
            event_id: EventId::from_uuid(Uuid::from_u128(self.events)),
            event_type: kind.to_owned(),
            schema_version: 1,
            tenant: EVERYTHING,
            aggregate_type: of,
            aggregate_id: id,
            version: 3,
            occurred_at: at,
            recorded_at: at,
            meta: system(),
            payload: payload.into(),
        }
    }

    async fn happens(&mut self, kind: &str, of: AggregateType, id: Uuid, payload: Vec<u8>) {
        let event = self.event(kind, of, id, self.clock.real(), payload);
        self.handle(&event).await;
    }

    async fn handle(&self, event: &Envelope) {
        assert!(self.consumer.wants(&event.event_type), "{}", event.event_type);
        let write: Write = self.consumer.handle(event).await.expect("handled");
        self.world.store.commit(write).await.expect("written");
    }

    async fn granted(&mut self, grant: u128, client: ClientKey, client_id: &str) {
        let created = AuthorizationCreated {
            client_key: client.uuid().as_bytes().to_vec(),
            client_id: client_id.into(),
            user_id: USER.uuid().as_bytes().to_vec(),
            scope: "a b".into(),
            ..AuthorizationCreated::default()
        };
        let id = Uuid::from_u128(grant);
        self.happens("oauth.authorization.created", AggregateType::Grant, id, created.encode_to_vec()).await;
    }

    async fn revoked(&mut self, grant: u128) {
        let revoked = AuthorizationRevoked { revoked_by: "api".into(), ..AuthorizationRevoked::default() };
        let id = Uuid::from_u128(grant);
        self.happens("oauth.authorization.revoked", AggregateType::Grant, id, revoked.encode_to_vec()).await;
    }

    /// What an endpoint is told, oldest first.
    async fn told(&self, endpoint: WebhookId) -> Vec<(String, String)> {
        let query = DeliveryQuery { limit: 500, ..DeliveryQuery::default() };
        let mut told = Vec::new();
        for row in self.world.store.deliveries(endpoint.uuid(), query).await.expect("rows").into_iter().rev() {
            let message = self.world.store.messages(vec![(row.key.message, row.form)]).await.expect("a message");
            told.push((row.event_type, String::from_utf8(message[0].body.to_vec()).expect("text")));
        }
        told
    }

    async fn names(&self, endpoint: WebhookId) -> Vec<String> {
        self.told(endpoint).await.into_iter().map(|(name, _)| name).collect()
    }
}

#[tokio::test]
async fn a_grant_is_told_to_its_client_and_its_tenant_and_a_person_is_in_no_body() {
    let mut scene = Scene::new().await;
    let (own, other, whole) =
        (scene.endpoint(Some("app_1")).await, scene.endpoint(Some("app_2")).await, scene.endpoint(None).await);
    scene.granted(1, CLIENT, "app_1").await;
    scene.revoked(1).await;
    let detected = AuthorizationReuseDetected::default().encode_to_vec();
    let id = Uuid::from_u128(1);
    scene.happens("oauth.authorization.reuse_detected", AggregateType::Grant, id, detected).await;
    let expired = AuthorizationExpired::default().encode_to_vec();
    scene.happens("oauth.authorization.expired", AggregateType::Grant, id, expired).await;
    let names = ["created", "revoked", "reuse_detected", "expired"].map(|name| format!("oauth.authorization.{name}"));
    assert_eq!(scene.names(own).await, names);
    assert_eq!(scene.names(whole).await, names);
    assert!(scene.names(other).await.is_empty(), "another client's grant");
    for (_, body) in scene.told(own).await {
        assert!(body.contains("\"client_id\":\"app_1\""), "{body}");
        assert!(!body.contains(&USER.to_string()), "{body}");
    }
}

#[tokio::test]
async fn a_person_is_told_of_to_whom_they_had_given_something_then() {
    let mut scene = Scene::new().await;
    let (own, other) = (scene.endpoint(Some("app_1")).await, scene.endpoint(Some("app_2")).await);
    scene.granted(1, CLIENT, "app_1").await;
    scene.granted(2, OTHER, "app_2").await;
    // The other one's grant ends long before, the one's because of what happens to the person.
    scene.revoked(2).await;
    scene.clock.advance_seconds(60);
    let user = USER.uuid();
    let at = scene.clock.real();
    let erased = scene.event("identity.user.erased", AggregateType::User, user, at, Vec::new());
    scene.clock.advance_seconds(1);
    scene.revoked(1).await;
    scene.handle(&erased).await;
    let told = scene.told(own).await;
    assert_eq!(told.last().map(|(name, _)| name.as_str()), Some("identity.user.erased"));
    assert!(told[2].1.contains(&UserId::to_string(&USER)), "{}", told[2].1);
    assert_eq!(scene.names(other).await, ["oauth.authorization.created", "oauth.authorization.revoked"]);
}

#[tokio::test]
async fn a_person_is_told_of_to_a_client_whose_grant_is_heard_of_afterwards() {
    let mut scene = Scene::new().await;
    let (own, other, whole) =
        (scene.endpoint(Some("app_1")).await, scene.endpoint(Some("app_2")).await, scene.endpoint(None).await);
    let before = scene.clock.real();
    scene.clock.advance_seconds(60);
    let locked = scene.event("identity.user.locked", AggregateType::User, USER.uuid(), scene.clock.real(), Vec::new());
    // The log of people is ahead of that of grants, and comes twice.
    scene.handle(&locked).await;
    scene.clock.advance_seconds(60);
    let created = |client: ClientKey, client_id: &str| AuthorizationCreated {
        client_key: client.uuid().as_bytes().to_vec(),
        client_id: client_id.into(),
        user_id: USER.uuid().as_bytes().to_vec(),
        ..AuthorizationCreated::default()
    };
    let kind = "oauth.authorization.created";
    let payload = created(CLIENT, "app_1").encode_to_vec();
    let given = scene.event(kind, AggregateType::Grant, Uuid::from_u128(1), before, payload);
    scene.handle(&given).await;
    scene.handle(&given).await;
    scene.handle(&locked).await;
    assert_eq!(scene.names(own).await, [kind, "identity.user.locked"]);
    let told = scene.told(own).await;
    assert!(told[1].1.contains(&USER.to_string()) && told[1].1.contains("\"sequence\":3"), "{}", told[1].1);
    assert_eq!(scene.names(whole).await, ["identity.user.locked", kind], "each once");
    // A grant that was given after that concerns nobody who was there.
    scene.granted(2, OTHER, "app_2").await;
    assert_eq!(scene.names(other).await, [kind]);
}

/// Grants of so many people are new, and one of them was locked before that is heard of.
async fn new_grants_of(people: u128) -> (Scene, WebhookId, Vec<Envelope>) {
    let mut scene = Scene::on(Engine::Postgres).await;
    scene.world.be_still().await;
    let endpoint = scene.endpoint(Some("app_1")).await;
    let at = scene.clock.real();
    let locked = scene.event("identity.user.locked", AggregateType::User, Uuid::from_u128(1), at, Vec::new());
    scene.handle(&locked).await;
    let mut created = |person: u128| {
        let created = AuthorizationCreated {
            client_key: CLIENT.uuid().as_bytes().to_vec(),
            client_id: "app_1".into(),
            user_id: Uuid::from_u128(person).as_bytes().to_vec(),
            ..AuthorizationCreated::default()
        };
        let id = Uuid::from_u128(1000 + person);
        scene.event("oauth.authorization.created", AggregateType::Grant, id, at, created.encode_to_vec())
    };
    let grants = (1..=people).map(&mut created).collect();
    (scene, endpoint, grants)
}

#[tokio::test]
async fn what_had_happened_to_people_is_asked_once_for_a_batch_of_new_grants() {
    let (scene, endpoint, grants) = new_grants_of(200).await;
    // Who the tenant is is known from the first batch on.
    scene.consumer.prepare(&[&grants[0]]).await;
    let before = scene.world.statements();
    scene.consumer.prepare(&grants.iter().collect::<Vec<_>>()).await;
    let mut writes = Vec::new();
    for grant in &grants {
        writes.push(scene.consumer.handle(grant).await.expect("handled"));
    }
    let asked = scene.world.statements() - before;
    // Who hears what, who the tenant is, what has happened; and the store looks by itself once in a while.
    assert!(asked < 100, "{asked} statements for 200 events");
    for write in writes {
        scene.world.store.commit(write).await.expect("written");
    }
    let names = scene.names(endpoint).await;
    assert_eq!(names.iter().filter(|name| *name == "identity.user.locked").count(), 1, "{names:?}");
    assert_eq!(names.len(), 201);
    // One that comes again does not go by what was read before.
    let before = scene.world.statements();
    scene.consumer.handle(&grants[0]).await.expect("handled");
    assert!(scene.world.statements() > before);
}

#[tokio::test]
async fn what_happens_to_a_person_after_a_batch_was_prepared_is_seen_as_well() {
    let (mut scene, endpoint, grants) = new_grants_of(2).await;
    scene.consumer.prepare(&grants.iter().collect::<Vec<_>>()).await;
    let at = scene.clock.real();
    let erased = scene.event("identity.user.erased", AggregateType::User, Uuid::from_u128(2), at, Vec::new());
    // Another log's consumer handles that meanwhile, and is not done yet.
    let directory = scene.world.service.consumers().into_iter().find(|(_, source)| *source == "directory");
    let write = directory.expect("one").0.handle(&erased).await.expect("handled");
    for grant in &grants {
        scene.handle(grant).await;
    }
    scene.world.store.commit(write).await.expect("written");
    let names = scene.names(endpoint).await;
    assert_eq!(names.iter().filter(|name| *name == "identity.user.erased").count(), 1, "{names:?}");
}

#[tokio::test]
async fn a_client_is_told_how_it_was_judged() {
    let mut scene = Scene::new().await;
    let (own, other) = (scene.endpoint(Some("app_1")).await, scene.endpoint(Some("app_2")).await);
    let registered = ClientRegistered { client_id: "app_1".into(), ..ClientRegistered::default() };
    let rejected = ClientRejected { reason: "no imprint".into() };
    let key = CLIENT.uuid();
    scene.happens("oauth.client.registered", AggregateType::Client, key, registered.encode_to_vec()).await;
    scene.happens("oauth.client.rejected", AggregateType::Client, key, rejected.encode_to_vec()).await;
    let told = scene.told(own).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].1.contains("\"reason\":\"no imprint\"") && told[0].1.contains("app_1"), "{}", told[0].1);
    assert!(scene.told(other).await.is_empty());
}

#[tokio::test]
async fn what_was_before_an_endpoint_or_is_too_old_is_not_told() {
    let mut scene = Scene::new().await;
    let before = scene.clock.real() - TimeDelta::seconds(1);
    let endpoint = scene.endpoint(Some("app_1")).await;
    scene.granted(1, CLIENT, "app_1").await;
    let id = Uuid::from_u128(1);
    let payload = || AuthorizationRevoked::default().encode_to_vec();
    let early = scene.event("oauth.authorization.revoked", AggregateType::Grant, id, before, payload());
    scene.handle(&early).await;
    assert_eq!(scene.names(endpoint).await, ["oauth.authorization.created"]);
    let late = scene.event("oauth.authorization.revoked", AggregateType::Grant, id, scene.clock.real(), payload());
    scene.clock.advance_seconds(31 * 24 * 3600);
    scene.handle(&late).await;
    assert_eq!(
        scene.names(endpoint).await,
        ["oauth.authorization.created"],
        "a log that is read again tells nothing old"
    );
}
