//! All services on a real broker, with it and without.

use grantor_bus::{Kafka, KafkaSettings, create_topics};
use grantor_eventsourcing::{Actor, Meta};
use grantor_host::{BusKind, DataFolder, Options, Platform, Role, SERVICES, StartError};
use grantor_ports::{NewWebhook, UserState, UserStatus, WebhookFormat, WebhookSigning};
use grantor_testkit::{AuthorizeUrl, Browser, Partner, PartnerTenant, Person, Pkce, Receiver, Settings, Tokens, World};
use grantor_tests_servers::Broker;
use serde_json::Value;
use tempfile::TempDir;

async fn broker() -> (Broker, Kafka) {
    let broker = tokio::task::spawn_blocking(Broker::start).await.expect("a broker");
    let heartbeat = std::time::Duration::from_millis(250);
    let (brokers, prefix) = (broker.address.clone(), "platform.".to_owned());
    let settings = KafkaSettings { brokers, prefix, partitions: 3, heartbeat, ..KafkaSettings::default() };
    (broker, Kafka::new(settings).expect("settings"))
}

/// Login, consent, exchange; answers the tokens.
async fn tokens(tenant: &PartnerTenant, partner: &Partner, person: &Person) -> Value {
    let pkce = Pkce::of("drill");
    let url = AuthorizeUrl::new(tenant, partner, "openid offline_access").pkce(&pkce);
    let code = Browser::new().code(&url, person).await;
    let (status, answer) = Tokens::new(tenant, partner).exchange(&code, &[("code_verifier", &pkce.verifier)]).await;
    assert_eq!(status, 200, "{answer}");
    answer
}

/// What the token service has been told of somebody.
async fn copied(world: &World, tenant: &PartnerTenant, person: &Person) -> Option<UserStatus> {
    let copy = world.platform.stores.of(Role::Token).copy(tenant.id, "user", &person.id.to_string()).await;
    let data = copy.expect("an answer")?.data?;
    Some(serde_json::from_slice(&data).expect("a user's status"))
}

/// A busy machine and a broker that has just come back take their time.
async fn settle(world: &World) {
    let settled = world.platform.settle(std::time::Duration::from_secs(90)).await;
    assert!(settled, "events still travel after a minute and a half");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_goes_on_without_a_broker_and_is_told_afterwards() {
    let (broker, kafka) = broker().await;
    create_topics(&kafka, &SERVICES).await.expect("topics");
    let bus = BusKind::Kafka(kafka);
    let world = World::with(Settings { bus, fixed_clock: false, ..Settings::default() }).await;
    let tenant = world.tenant("openid").await;
    let partner = world.partner(&tenant).await;
    let person = world.person(&tenant, "grace@example.com").await;
    settle(&world).await;
    let status = copied(&world, &tenant, &person).await.expect("the topics brought the user");
    assert_eq!(status.state, UserState::Active);
    let before = tokens(&tenant, &partner, &person).await;
    let mut receiver = Receiver::start().await;
    let wanted = NewWebhook {
        client_id: Some(partner.client_id.clone()),
        url: receiver.url.clone(),
        description: String::new(),
        events: vec!["identity.user.locked".to_owned()],
        format: WebhookFormat::Standard,
        signing: WebhookSigning::V1,
        max_per_second: 0,
    };
    let ports = &world.platform.ports;
    ports.webhooks.create_webhook(tenant.id, wanted, &Meta::by(Actor::System)).await.expect("an endpoint");
    settle(&world).await;

    tokio::task::block_in_place(|| broker.stop());
    let meanwhile = tokens(&tenant, &partner, &person).await;
    let asking = Tokens::new(&tenant, &partner);
    let (status, refreshed) = asking.refresh(before["refresh_token"].as_str().expect("a token")).await;
    assert_eq!(status, 200, "{refreshed}");
    let path = format!("/admin/v1/tenants/{}/users/{}/lock", tenant.slug, person.id);
    let (status, answer) = world.admin("POST", &path, None).await;
    assert!((200..300).contains(&status), "{answer}");
    let (status, ready) = world.admin("GET", "/ready", None).await;
    assert_eq!(status, 200, "{ready}");
    let notes: Vec<_> =
        ready["checks"].as_array().expect("checks").iter().filter_map(|one| one["note"].as_str()).collect();
    assert!(notes.iter().any(|note| note.contains("the oldest record waits")), "{ready}");

    tokio::task::block_in_place(|| broker.start_again());
    settle(&world).await;
    let told = copied(&world, &tenant, &person).await.expect("a copy");
    assert_eq!(told.state, UserState::Locked, "what happened meanwhile was told afterwards");
    let body = receiver.call().await.json();
    assert_eq!(
        (body["type"].as_str(), body["data"]["user_id"].as_str()),
        (Some("identity.user.locked"), Some(person.id.to_string().as_str()))
    );
    let (status, refused) = asking.refresh(meanwhile["refresh_token"].as_str().expect("a token")).await;
    assert_eq!(status, 400, "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_platform_whose_topics_are_missing_does_not_start_and_one_whose_broker_is_away_does() {
    let (broker, kafka) = broker().await;
    let folder = TempDir::new().expect("a folder");
    let data = DataFolder::new(folder.path(), None);
    let keys = data.create().expect("a data folder");
    data.migrate(grantor_ports::Clock::real(&grantor_ports::SystemClock)).await.expect("migrations");
    let complaint =
        |opened: Result<Platform, StartError>| opened.err().map(|cause| cause.to_string()).unwrap_or_default();
    let options = || Options { bus: BusKind::Kafka(kafka.clone()), ..Options::default() };
    let missing = complaint(Platform::open(&data, keys, options()).await);
    assert!(missing.starts_with("bus.kafka.prefix: missing topics: platform."), "{missing}");
    tokio::task::block_in_place(|| broker.stop());
    // Who is away may come back; whoever is killed meanwhile has to start again.
    let keys = data.root_keys(false).expect("keys");
    let started = std::time::Instant::now();
    let opened = Platform::open(&data, keys, options()).await;
    assert!(opened.is_ok(), "{}", complaint(opened));
    assert!(started.elapsed() < std::time::Duration::from_secs(8), "it is known at once that nobody is there");
}
