use std::sync::Arc;

use chrono::DateTime;
use grantor_authorization::{Authorization, AuthorizationDeps, publish};
use grantor_authorization_domain::{Consent, Session};
use grantor_copies::Copies;
use grantor_crypto::{FileMode, RootKeys};
use grantor_eventsourcing::{Aggregate, AggregateType, Codec, Envelope, Position, fold};
use grantor_ids::{ClientKey, TenantId, UserId};
use grantor_ports::{
    Branding, ClientKind, ClientState, ClientView, Directory, FixedClock, OsEntropy, Registry, TenantKind, TenantState,
    TenantView, Terms, Tokens,
};
use grantor_profile::Profile;
use grantor_store::{Log, SqliteOptions, Store};
use grantor_web::Route;
use uuid::Uuid;

use crate::others::{People, Shop, Vault};

pub const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(0x7e1a));
pub const ADA: UserId = UserId::from_uuid(Uuid::from_u128(0xada));
pub const BOB: UserId = UserId::from_uuid(Uuid::from_u128(0xb0b));
pub const CLIENT: ClientKey = ClientKey::from_uuid(Uuid::from_u128(0xc11));
pub const ISSUER: &str = "https://id.example";
pub const CALLBACK: &str = "https://partner.example/callback?kept=1";
pub const PASSWORD: &str = "correct horse battery";

pub struct World {
    pub service: Arc<Authorization>,
    pub routes: Vec<Route>,
    pub tenant: Arc<TenantView>,
    pub store: Store,
    pub clock: Arc<FixedClock>,
    pub shop: Arc<Shop>,
    pub people: Arc<People>,
    pub vault: Arc<Vault>,
    pub folder: tempfile::TempDir,
}

pub fn tenant(profile: Profile) -> Arc<TenantView> {
    Arc::new(TenantView {
        id: TENANT,
        slug: "demo".into(),
        name: "Demo Bank".into(),
        kind: TenantKind::Development,
        state: TenantState::Active,
        issuer: ISSUER.into(),
        api: "https://api.example".into(),
        authorities: Vec::new(),
        profile: Arc::new(profile),
        branding: Branding::default(),
        contact: Some("partners@example.org".into()),
        mail_server: None,
        team: std::collections::BTreeMap::new(),
        clock_ahead_ms: 0,
        terms: Terms::default(),
        version: 1,
    })
}

pub fn client() -> ClientView {
    ClientView {
        key: CLIENT,
        tenant: TENANT,
        client_id: "partner".into(),
        state: ClientState::Approved,
        kind: ClientKind::Confidential,
        name: "Kea Budget".into(),
        website: Some("https://kea.example/about".into()),
        logo_url: None,
        contact: None,
        redirect_uris: vec![CALLBACK.into()],
        post_logout_redirect_uris: vec!["https://partner.example/bye".into()],
        origins: Vec::new(),
        scopes: ["openid", "profile", "email", "plan"].map(String::from).to_vec(),
        secrets: Vec::new(),
        jwks: Default::default(),
        id_token_alg: None,
        password_grant: false,
        lifetimes: Default::default(),
        resource: None,
        created_at: DateTime::UNIX_EPOCH,
        version: 3,
    }
}

impl World {
    /// The preset `openid`.
    pub async fn new() -> Self {
        Self::with(Profile::preset("openid").unwrap()).await
    }

    pub async fn with(profile: Profile) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("authorization.db");
        grantor_store::migrate(&path).await.expect("a database");
        let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let store = Store::open_sqlite(SqliteOptions::new(path), clock.clone(), Arc::new(OsEntropy)).await.unwrap();
        let key_file = folder.path().join("root.key");
        RootKeys::create(&key_file).unwrap();
        let root = Arc::new(RootKeys::load(&key_file, FileMode::MustBePrivate).unwrap());
        let tenant = tenant(profile);
        let shop = Arc::new(Shop::new(Arc::clone(&tenant), client()));
        let people = Arc::new(People::new(clock.clone()));
        let vault = Arc::new(Vault::default());
        let registry: Arc<dyn Registry> = shop.clone();
        let directory: Arc<dyn Directory> = people.clone();
        let tokens: Arc<dyn Tokens> = vault.clone();
        let copies = Arc::new(Copies::new(store.clone(), registry, Some(Arc::clone(&directory))));
        let service = Authorization::new(AuthorizationDeps {
            store: store.clone(),
            clock: clock.clone(),
            entropy: Arc::new(OsEntropy),
            root,
            copies,
            directory,
            tokens,
            banks: Arc::new(grantor_ports::NoBanks),
        });
        let routes = service.routes();
        Self { service, routes, tenant, store, clock, shop, people, vault, folder }
    }

    /// The event types written so far, oldest first, after checking that every state row is the
    /// fold of its events.
    pub async fn events(&self) -> Vec<String> {
        let log = self.store.read_log(Log::Events, Position::START, 10_000).await.unwrap();
        for event in &log {
            match event.aggregate_type {
                AggregateType::Session => self.check_fold::<publish::SessionCodec, Session>(event).await,
                AggregateType::Consent => self.check_fold::<publish::ConsentCodec, Consent>(event).await,
                other => panic!("{other:?} is not ours"),
            }
        }
        log.into_iter().map(|event| event.event_type).collect()
    }

    pub async fn facts(&self) -> Vec<String> {
        let log = self.store.read_log(Log::Facts, Position::START, 10_000).await.unwrap();
        log.into_iter().map(|event| event.event_type).collect()
    }

    async fn check_fold<C: Codec<Aggregate = A>, A: Aggregate>(&self, event: &Envelope) {
        let stream = self.store.stream(event.tenant, event.aggregate_id).await.unwrap();
        let events: Vec<A::Event> = stream.iter().map(|envelope| C::decode(envelope).unwrap()).collect();
        let row = self.store.load::<A>(event.tenant, event.aggregate_id).await.unwrap();
        assert_eq!(fold::<A>(&events), row.state.without_operational());
        assert_eq!(row.version as usize, events.len());
    }
}
