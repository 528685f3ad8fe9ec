//! The owners of tenants, clients and users, as far as copies ask them.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
};

use async_trait::async_trait;
use chrono::DateTime;
use grantor_bus::Consumer;
use grantor_copies::{Copies, Snapshot};
use grantor_eventsourcing::{Actor, AggregateType, Envelope, Meta, Position, Timestamp, Version};
use grantor_ids::{ClientKey, EventId, TenantId, UserId};
use grantor_ports::{
    Authority, AuthorityRole, Branding, Claims, ClientKind, ClientState, ClientView, Clock, Directory, FinishReset,
    FinishResetRefusal, FixedClock, Login, LoginRefusal, OsEntropy, PasswordAttempt, Person, PortError, Registry,
    Reset, ResetRefusal, ResetTicket, SignUp, SignUpRefusal, SignUpTicket, TenantKind, TenantState, TenantView, Terms,
    UserState, UserStatus, VerifyRefusal,
};
use grantor_profile::Profile;
use grantor_store::{SqliteOptions, Store};
use parking_lot::Mutex;
use serde::Serialize;
use tempfile::TempDir;
use uuid::Uuid;

pub const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
pub const USER: UserId = UserId::from_uuid(Uuid::from_u128(2));

/// What the owners know, how often they were asked, and whether they answer.
#[derive(Default)]
pub struct Owners {
    pub tenants: Mutex<HashMap<TenantId, Arc<TenantView>>>,
    pub clients: Mutex<HashMap<String, Arc<ClientView>>>,
    pub users: Mutex<HashMap<UserId, UserStatus>>,
    pub asked: AtomicU32,
    pub silent: AtomicBool,
    pub hanging: AtomicBool,
}

impl Owners {
    async fn answer<T>(&self, read: impl FnOnce(&Self) -> T + Send) -> Result<T, PortError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.hanging.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        // Others get their turn, as they do over a network.
        tokio::task::yield_now().await;
        if self.silent.load(Ordering::SeqCst) { Err(PortError::Unavailable) } else { Ok(read(self)) }
    }

    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    fn tenant_where(&self, wanted: impl Fn(&TenantView) -> bool) -> Option<Arc<TenantView>> {
        self.tenants.lock().values().find(|view| wanted(view)).cloned()
    }
}

#[async_trait]
impl Registry for Owners {
    async fn mail_password(&self, _: TenantId) -> Result<Option<grantor_ports::MailPassword>, PortError> {
        Ok(None)
    }
    async fn tenant_by_authority(&self, name: &str) -> Result<Option<(Arc<TenantView>, AuthorityRole)>, PortError> {
        self.answer(|owners| {
            let view = owners.tenant_where(|view| view.authorities.iter().any(|at| at.authority == name))?;
            let role = view.authorities.iter().find(|at| at.authority == name)?.role;
            Some((view, role))
        })
        .await
    }
    async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Arc<TenantView>>, PortError> {
        self.answer(|owners| owners.tenant_where(|view| view.slug == slug)).await
    }
    async fn tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        self.answer(|owners| owners.tenants.lock().get(&tenant).cloned()).await
    }
    async fn client(&self, _: TenantId, client_id: &str) -> Result<Option<Arc<ClientView>>, PortError> {
        self.answer(|owners| owners.clients.lock().get(client_id).cloned()).await
    }
}

#[async_trait]
impl Directory for Owners {
    async fn check_password(&self, _: TenantId, _: PasswordAttempt, _: &Meta) -> Result<Login, LoginRefusal> {
        Err(LoginRefusal::Wrong)
    }
    async fn begin_sign_up(&self, _: TenantId, _: SignUp, _: &Meta) -> Result<SignUpTicket, SignUpRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn resend_code(&self, _: TenantId, _: &SignUpTicket) -> Result<(), VerifyRefusal> {
        Err(VerifyRefusal::Expired)
    }
    async fn finish_sign_up(&self, _: TenantId, _: &SignUpTicket, _: &str, _: &Meta) -> Result<Login, VerifyRefusal> {
        Err(VerifyRefusal::Expired)
    }
    async fn begin_reset(&self, _: TenantId, _: Reset, _: &Meta) -> Result<ResetTicket, ResetRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn resend_reset(&self, _: TenantId, _: &ResetTicket) -> Result<(), VerifyRefusal> {
        Err(VerifyRefusal::Expired)
    }
    async fn finish_reset(&self, _: TenantId, _: FinishReset, _: &Meta) -> Result<(), FinishResetRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn claims(&self, _: TenantId, _: UserId) -> Result<Option<Claims>, PortError> {
        Ok(None)
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
    async fn person(&self, _: TenantId, _: UserId) -> Result<Option<Person>, PortError> {
        Ok(None)
    }
    async fn status(&self, _: TenantId, user: UserId) -> Result<Option<UserStatus>, PortError> {
        self.answer(|owners| owners.users.lock().get(&user).cloned()).await
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

/// One service's copies, and the owners behind them.
pub struct World {
    pub copies: Copies,
    pub owners: Arc<Owners>,
    pub clock: Arc<FixedClock>,
    store: Store,
    _folder: TempDir,
}

pub async fn world() -> World {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("copies.sqlite");
    grantor_store::migrate(&path).await.expect("migrations");
    let clock = Arc::new(FixedClock::at(instant()));
    let options = SqliteOptions::new(path);
    let store = Store::open_sqlite(options, Arc::clone(&clock) as _, Arc::new(OsEntropy)).await.expect("a store");
    let owners = Arc::new(Owners::default());
    let (registry, directory) = (Arc::clone(&owners) as Arc<dyn Registry>, Arc::clone(&owners) as Arc<dyn Directory>);
    World { copies: Copies::new(store.clone(), registry, Some(directory)), owners, clock, store, _folder: folder }
}

fn instant() -> Timestamp {
    DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")
}

impl World {
    /// A state record arrives, as the bus would bring it.
    pub async fn hear(&self, event_type: &'static str, key: String, version: Version, view: Option<&impl Serialize>) {
        self.hear_of(TENANT, event_type, key, version, view).await;
    }

    /// The same, of another tenant.
    pub async fn hear_of(
        &self,
        tenant: TenantId,
        event_type: &'static str,
        key: String,
        version: Version,
        view: Option<&impl Serialize>,
    ) {
        let encoded = Snapshot::encode(event_type, key, version, view);
        let event = Envelope {
            position: Position::row(1),
            event_id: EventId::from_uuid(Uuid::from_u128(9)),
            event_type: event_type.to_owned(),
            schema_version: 1,
            tenant,
            aggregate_type: AggregateType::Client,
            aggregate_id: Uuid::from_u128(9),
            version: 0,
            occurred_at: self.clock.real(),
            recorded_at: self.clock.real(),
            meta: Meta::by(Actor::System),
            payload: encoded.payload,
        };
        let consumer = self.copies.consumer();
        assert!(consumer.wants(event_type));
        let write = consumer.handle(&event).await.expect("a state record");
        self.store.commit(write).await.expect("written");
    }

    /// Everything the directory had to say has been heard.
    pub fn caught_up(&self) {
        self.copies.consumer().caught_up("directory.facts", grantor_ports::Clock::real(&*self.clock));
    }
}

pub fn tenant(version: Version, slug: &str) -> TenantView {
    TenantView {
        id: TENANT,
        slug: slug.into(),
        name: "One".into(),
        kind: TenantKind::Development,
        state: TenantState::Active,
        issuer: "https://one.example".into(),
        api: "https://api.one.example".into(),
        authorities: vec![Authority { role: AuthorityRole::Identity, authority: format!("{slug}.example") }],
        profile: Arc::new(Profile::preset("strict").expect("a preset")),
        branding: Branding::default(),
        contact: None,
        mail_server: None,
        team: std::collections::BTreeMap::new(),
        clock_ahead_ms: 0,
        terms: Terms::default(),
        version,
    }
}

pub fn client(version: Version, state: ClientState) -> ClientView {
    ClientView {
        key: ClientKey::from_uuid(Uuid::from_u128(3)),
        tenant: TENANT,
        client_id: "app".into(),
        state,
        kind: ClientKind::Confidential,
        name: "App".into(),
        website: None,
        logo_url: None,
        contact: None,
        redirect_uris: vec!["https://app.example/callback".into()],
        post_logout_redirect_uris: Vec::new(),
        origins: Vec::new(),
        scopes: vec!["openid".into()],
        secrets: Vec::new(),
        jwks: Default::default(),
        id_token_alg: None,
        password_grant: false,
        lifetimes: Default::default(),
        resource: None,
        created_at: instant(),
        version,
    }
}

pub fn user(version: Version, state: UserState) -> UserStatus {
    UserStatus { user: USER, state, not_before: None, version }
}
