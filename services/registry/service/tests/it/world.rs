//! One registry with a database of its own, a clock that stands still and two developers.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::DateTime;
use grantor_bus::{OwnLog, Subscription, Unruly};
use grantor_eventsourcing::{Actor, Aggregate, Codec, Meta, Timestamp, fold};
use grantor_ids::{OperatorId, SessionId, TenantId, UserId};
use grantor_ports::{
    Authority, AuthorityRole, Branding, Claims, ClientKind, CreateTenant, Directory, FinishReset, FinishResetRefusal,
    FixedClock, Login, LoginRefusal, NewClient, OsEntropy, PasswordAttempt, Person, PortError, RegistryAdmin, Reset,
    ResetRefusal, ResetTicket, SessionView, Sessions, SignUp, SignUpRefusal, SignUpTicket, TenantKind, TenantView,
    Terms, UserStatus, VerifyRefusal,
};
use grantor_profile::Profile;
use grantor_registry::{Registry, RegistryDeps, SERVICE};
use grantor_store::{Log, SqliteOptions, Store};
use grantor_web::{Answer, CallBuilder};
use uuid::Uuid;

pub const ALICE: UserId = UserId::from_uuid(Uuid::from_u128(0x0192_f0c1_0000_7000_8000_0000_0000_000a));
pub const BOB: UserId = UserId::from_uuid(Uuid::from_u128(0x0192_f0c1_0000_7000_8000_0000_0000_000b));

pub struct World {
    pub registry: Arc<Registry>,
    pub store: Store,
    pub clock: Arc<FixedClock>,
    followers: Vec<tokio::task::JoinHandle<()>>,
    _folder: tempfile::TempDir,
}

impl Drop for World {
    fn drop(&mut self) {
        self.followers.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("registry.db");
        grantor_store::migrate(&path).await.expect("a database");
        let clock = Arc::new(FixedClock::at(start()));
        let store = Store::open_sqlite(SqliteOptions::new(path), clock.clone(), Arc::new(OsEntropy));
        let store = store.await.expect("a store");
        let key_file = folder.path().join("root.key");
        grantor_crypto::RootKeys::create(&key_file).expect("a root key");
        let root = grantor_crypto::RootKeys::load(&key_file, grantor_crypto::FileMode::MustBePrivate);
        let root = Arc::new(root.expect("a root key"));
        let registry = Registry::new(RegistryDeps {
            store: store.clone(),
            clock: clock.clone(),
            entropy: Arc::new(OsEntropy),
            root,
            sessions: Arc::new(Cookies),
            directory: Arc::new(People),
            tokens: Arc::new(grantor_tests_nobody::NoTokens),
            webhooks: Arc::new(grantor_tests_nobody::NoWebhooks),
            webhook_deliveries: Arc::new(grantor_tests_nobody::NoWebhooks),
            own: grantor_web::OwnEndpoints::default(),
        });
        let own = Arc::new(OwnLog::new(SERVICE, store.clone(), Log::Events));
        let unruly = Arc::new(Unruly::new(own, std::time::Duration::from_millis(1)));
        let metrics = grantor_telemetry::Metrics::new();
        let follow = |(consumer, source): (_, &str)| {
            assert_eq!(source, SERVICE);
            tokio::spawn(
                Subscription { consumer, source: unruly.clone(), store: store.clone(), metrics: metrics.bus(SERVICE) }
                    .run(),
            )
        };
        let followers = registry.consumers().into_iter().map(follow).collect();
        Self { registry, store, clock, followers, _folder: folder }
    }

    /// A tenant of a preset at `{slug}.localhost`.
    pub async fn tenant(&self, slug: &str, preset: &str) -> Arc<TenantView> {
        self.registry.create_tenant(wanted(slug, preset), &operator()).await.expect("a tenant")
    }

    /// Answers a call to the route with this name.
    pub async fn call(&self, route: &str, call: CallBuilder) -> Answer {
        let route = self.registry.routes().into_iter().find(|known| known.name == route).expect("a route");
        (route.handler)(call.build()).await
    }

    /// The state row of a stream, and the fold of its events.
    pub async fn row_and_fold<C: Codec>(&self, tenant: TenantId, id: Uuid) -> (C::Aggregate, C::Aggregate) {
        let row = self.store.load::<C::Aggregate>(tenant, id).await.expect("a row").state.without_operational();
        let stream = self.store.stream(tenant, id).await.expect("a stream");
        let events: Vec<_> = stream.iter().map(|envelope| C::decode(envelope).expect("readable")).collect();
        (row, fold::<C::Aggregate>(&events).without_operational())
    }

    /// The types of a stream's events.
    pub async fn events(&self, tenant: TenantId, id: Uuid) -> Vec<String> {
        let stream = self.store.stream(tenant, id).await.expect("a stream");
        stream.into_iter().map(|envelope| envelope.event_type).collect()
    }
}

pub fn start() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")
}

pub fn operator() -> Meta {
    Meta::by(Actor::Operator(OperatorId::from_uuid(Uuid::from_u128(1))))
}

pub fn wanted(slug: &str, preset: &str) -> CreateTenant {
    let host = format!("{slug}.localhost:8080");
    CreateTenant {
        slug: slug.into(),
        name: format!("The {slug} bank"),
        kind: TenantKind::Development,
        issuer: format!("http://{host}"),
        api: None,
        authorities: vec![Authority { role: AuthorityRole::Identity, authority: host }],
        profile: Profile::preset(preset).expect("a preset"),
        branding: Branding::default(),
        contact: Some("partnership@example.com".into()),
        terms: Terms { version: "2026-01".into(), text: "Be kind.".into() },
    }
}

pub fn new_client(name: &str) -> NewClient {
    NewClient {
        name: name.into(),
        kind: ClientKind::Confidential,
        website: Some("https://buddy.example".into()),
        logo_url: None,
        redirect_uris: vec!["https://buddy.example/callback".into()],
        post_logout_redirect_uris: Vec::new(),
        origins: Vec::new(),
        scopes: vec!["openid".into()],
        jwks: Default::default(),
        id_token_alg: None,
        password_grant: false,
        lifetimes: Default::default(),
        resource: None,
    }
}

/// Sessions whose cookie is the developer's name.
struct Cookies;

#[async_trait]
impl Sessions for Cookies {
    async fn session(&self, _: TenantId, cookie: &str) -> Result<Option<SessionView>, PortError> {
        let user = match cookie {
            "alice" => ALICE,
            "bob" => BOB,
            _ => return Ok(None),
        };
        let id = SessionId::from_uuid(Uuid::from_u128(2));
        Ok(Some(SessionView { id, user, auth_time: start(), csrf: format!("csrf-of-{cookie}") }))
    }
    fn cookie_name(&self, _: TenantId, _: bool) -> String {
        "session".into()
    }
}

/// A directory that knows two people; nothing else is asked of it here.
struct People;

#[async_trait]
impl Directory for People {
    async fn check_password(&self, _: TenantId, _: PasswordAttempt, _: &Meta) -> Result<Login, LoginRefusal> {
        Err(LoginRefusal::Wrong)
    }
    async fn begin_sign_up(&self, _: TenantId, _: SignUp, _: &Meta) -> Result<SignUpTicket, SignUpRefusal> {
        Err(SignUpRefusal::Email)
    }
    async fn resend_code(&self, _: TenantId, _: &SignUpTicket) -> Result<(), VerifyRefusal> {
        Err(VerifyRefusal::Expired)
    }
    async fn finish_sign_up(&self, _: TenantId, _: &SignUpTicket, _: &str, _: &Meta) -> Result<Login, VerifyRefusal> {
        Err(VerifyRefusal::Expired)
    }
    async fn begin_reset(&self, _: TenantId, _: Reset, _: &Meta) -> Result<ResetTicket, ResetRefusal> {
        Err(ResetRefusal::Email)
    }
    async fn resend_reset(&self, _: TenantId, _: &ResetTicket) -> Result<(), VerifyRefusal> {
        Err(VerifyRefusal::Expired)
    }
    async fn finish_reset(&self, _: TenantId, _: FinishReset, _: &Meta) -> Result<(), FinishResetRefusal> {
        Err(FinishResetRefusal::Expired)
    }
    async fn claims(&self, _: TenantId, _: UserId) -> Result<Option<Claims>, PortError> {
        Ok(Some(Claims::new()))
    }
    async fn invite(
        &self,
        _: TenantId,
        _: grantor_ports::Invitation,
        _: &grantor_eventsourcing::Meta,
    ) -> Result<(), grantor_ports::AdminError> {
        Err(PortError::Unavailable.into())
    }
    async fn tell(
        &self,
        _: TenantId,
        _: UserId,
        _: grantor_ports::PersonalDetails,
        _: &grantor_eventsourcing::Meta,
    ) -> Result<(), grantor_ports::AdminError> {
        Err(PortError::Unavailable.into())
    }
    async fn person(&self, _: TenantId, user: UserId) -> Result<Option<Person>, PortError> {
        let name = if user == ALICE { "Alice Dev" } else { "Bob Dev" };
        let email = Some(if user == ALICE { "alice@dev.example" } else { "bob@dev.example" }.to_owned());
        Ok(Some(Person { user, display_name: name.into(), email }))
    }
    async fn status(&self, _: TenantId, _: UserId) -> Result<Option<UserStatus>, PortError> {
        Ok(None)
    }
    async fn accounts_of(
        &self,
        _: TenantId,
        _: UserId,
        _: &grantor_eventsourcing::Meta,
    ) -> Result<Vec<grantor_ports::AccountView>, PortError> {
        Ok(Vec::new())
    }
}
