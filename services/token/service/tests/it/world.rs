//! A token service with everything around it, on a file of its own.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use chrono::DateTime;
use grantor_copies::Copies;
use grantor_crypto::{FileMode, RootKeys, sha256};
use grantor_eventsourcing::{Actor, Meta, Timestamp};
use grantor_ids::{ClientKey, ConsentId, SessionId, TenantId, UserId};
use grantor_ports::{
    AuthorityRole, Branding, Claims, ClientKind, ClientSecretDigest, ClientState, ClientView, Clock, Directory,
    FinishReset, FinishResetRefusal, FixedClock, IssueCode, Login, LoginRefusal, OsEntropy, PasswordAttempt, Person,
    PortError, Registry, Reset, ResetRefusal, ResetTicket, SignUp, SignUpRefusal, SignUpTicket, TenantKind,
    TenantState, TenantView, Terms, Tokens, UserState, UserStatus, VerifyRefusal,
};
use grantor_profile::{PRESETS, Profile};
use grantor_store::{SqliteOptions, Store};
use grantor_telemetry::Metrics;
use grantor_token::{Token, TokenDeps};
use grantor_web::{Answer, Call, CallBuilder};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

pub const OPEN: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
pub const LEGACY: TenantId = TenantId::from_uuid(Uuid::from_u128(2));
pub const USER: UserId = UserId::from_uuid(Uuid::from_u128(3));
pub const SESSION: SessionId = SessionId::from_uuid(Uuid::from_u128(4));
pub const META: Meta = Meta::by(Actor::Anonymous);
pub const CALLBACK: &str = "https://client.example/callback";
pub const SECRET: &str = "a-generated-secret-of-256-bits-marker-000001";
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
pub const EMAIL: &str = "ada.marker@example.org";

/// The registry and the directory, as far as this service asks them.
#[derive(Default)]
pub struct Owners {
    pub tenants: Mutex<HashMap<TenantId, Arc<TenantView>>>,
    pub clients: Mutex<HashMap<(TenantId, String), Arc<ClientView>>>,
    pub statuses: Mutex<HashMap<UserId, UserStatus>>,
    pub silent: AtomicBool,
}

#[async_trait]
impl Registry for Owners {
    async fn mail_password(&self, _: TenantId) -> Result<Option<grantor_ports::MailPassword>, PortError> {
        Ok(None)
    }
    async fn tenant_by_authority(&self, _: &str) -> Result<Option<(Arc<TenantView>, AuthorityRole)>, PortError> {
        Ok(None)
    }
    async fn tenant_by_slug(&self, _: &str) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok(None)
    }
    async fn tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok(self.tenants.lock().get(&tenant).cloned())
    }
    async fn client(&self, tenant: TenantId, client_id: &str) -> Result<Option<Arc<ClientView>>, PortError> {
        Ok(self.clients.lock().get(&(tenant, client_id.to_owned())).cloned())
    }
}

#[async_trait]
impl Directory for Owners {
    async fn check_password(&self, _: TenantId, _: PasswordAttempt, _: &Meta) -> Result<Login, LoginRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn begin_sign_up(&self, _: TenantId, _: SignUp, _: &Meta) -> Result<SignUpTicket, SignUpRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn resend_code(&self, _: TenantId, _: &SignUpTicket) -> Result<(), VerifyRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn finish_sign_up(&self, _: TenantId, _: &SignUpTicket, _: &str, _: &Meta) -> Result<Login, VerifyRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn begin_reset(&self, _: TenantId, _: Reset, _: &Meta) -> Result<ResetTicket, ResetRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn resend_reset(&self, _: TenantId, _: &ResetTicket) -> Result<(), VerifyRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn finish_reset(&self, _: TenantId, _: FinishReset, _: &Meta) -> Result<(), FinishResetRefusal> {
        Err(PortError::Unavailable.into())
    }
    async fn claims(&self, _: TenantId, _: UserId) -> Result<Option<Claims>, PortError> {
        if self.silent.load(Ordering::SeqCst) {
            return Err(PortError::Unavailable);
        }
        let claims = json!({
            "sub": "somebody else", "email": EMAIL, "email_verified": true, "name": "Ada", "plan": {"name": "basic"}
        });
        Ok(claims.as_object().cloned())
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
        Err(PortError::Unavailable)
    }
    async fn status(&self, _: TenantId, user: UserId) -> Result<Option<UserStatus>, PortError> {
        if self.silent.load(Ordering::SeqCst) {
            return Err(PortError::Unavailable);
        }
        Ok(self.statuses.lock().get(&user).cloned())
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

pub struct World {
    folder: TempDir,
    pub clock: Arc<FixedClock>,
    pub owners: Arc<Owners>,
    pub store: Store,
    pub token: Arc<Token>,
}

pub fn preset(summary: &str) -> Profile {
    let found = PRESETS.iter().find(|preset| preset.summary.contains(summary)).unwrap();
    Profile::preset(found.name).unwrap()
}

pub fn tenant(id: TenantId, profile: Profile) -> Arc<TenantView> {
    let n = id.uuid().as_u128();
    Arc::new(TenantView {
        id,
        slug: format!("tenant-{n}"),
        name: "Example Bank".into(),
        kind: TenantKind::Development,
        state: TenantState::Active,
        issuer: format!("https://identity-{n}.example"),
        api: format!("https://api-{n}.example"),
        authorities: Vec::new(),
        profile: Arc::new(profile),
        branding: Branding::default(),
        contact: None,
        mail_server: None,
        team: std::collections::BTreeMap::new(),
        clock_ahead_ms: 0,
        terms: Terms::default(),
        version: 1,
    })
}

pub fn digest(secret: &str, expires_at: Option<Timestamp>) -> ClientSecretDigest {
    let sha256 = sha256(secret).iter().map(|byte| format!("{byte:02x}")).collect();
    ClientSecretDigest { id: "s".into(), sha256, created_at: Timestamp::default(), expires_at }
}

/// An approved confidential client that may have everything of its tenant.
pub fn client(tenant: &TenantView, client_id: &str) -> ClientView {
    let tail = client_id.bytes().fold(0_u128, |sum, byte| sum * 256 + u128::from(byte));
    ClientView {
        key: ClientKey::from_uuid(Uuid::from_u128(tail)),
        tenant: tenant.id,
        client_id: client_id.into(),
        state: ClientState::Approved,
        kind: ClientKind::Confidential,
        name: "Example".into(),
        website: None,
        logo_url: None,
        contact: None,
        redirect_uris: vec![CALLBACK.into()],
        post_logout_redirect_uris: Vec::new(),
        origins: Vec::new(),
        scopes: tenant.profile.scopes.all().iter().map(|scope| scope.as_str().to_owned()).collect(),
        secrets: vec![digest(SECRET, None)],
        jwks: Default::default(),
        id_token_alg: Some("ES256".into()),
        password_grant: false,
        lifetimes: Default::default(),
        resource: None,
        created_at: Timestamp::default(),
        version: 1,
    }
}

impl World {
    /// Two tenants with the same client ids, and users of the same id.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same with another profile of the open tenant.
    pub async fn with(change: impl FnOnce(&mut Profile)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root_keys = Arc::new(RootKeys::create(&folder.path().join("root.key")).unwrap());
        let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        let path = folder.path().join("token.db");
        grantor_store::migrate(&path).await.expect("a database");
        let entropy = Arc::new(OsEntropy);
        let dyn_clock: Arc<dyn Clock> = clock.clone();
        let store =
            Store::open_sqlite(SqliteOptions::new(path), Arc::clone(&dyn_clock), entropy.clone()).await.unwrap();
        let owners = Arc::new(Owners::default());
        let copies = Arc::new(Copies::new(store.clone(), owners.clone(), Some(owners.clone())));
        let token = Token::new(TokenDeps {
            store: store.clone(),
            clock: dyn_clock,
            entropy,
            root_keys,
            copies,
            directory: owners.clone(),
            metrics: Metrics::new().token(),
        });
        let mut open = preset("every OIDC library");
        change(&mut open);
        for view in [tenant(OPEN, open), tenant(LEGACY, preset("ten-day"))] {
            for name in ["one", "two"] {
                let made = Arc::new(client(&view, name));
                owners.clients.lock().insert((view.id, name.into()), made);
            }
            owners.tenants.lock().insert(view.id, view);
        }
        Self { folder, clock, owners, store, token }
    }

    /// A second process of the service, on the same database.
    pub fn beside(&self) -> Arc<Token> {
        let root_key = self.folder.path().join("root.key");
        Token::new(TokenDeps {
            store: self.store.clone(),
            clock: self.clock.clone(),
            entropy: Arc::new(OsEntropy),
            root_keys: Arc::new(RootKeys::load(&root_key, FileMode::MustBePrivate).unwrap()),
            copies: Arc::new(Copies::new(self.store.clone(), self.owners.clone(), Some(self.owners.clone()))),
            directory: self.owners.clone(),
            metrics: Metrics::new().token(),
        })
    }

    pub fn tenant(&self, id: TenantId) -> Arc<TenantView> {
        Arc::clone(&self.owners.tenants.lock()[&id])
    }

    pub fn client(&self, tenant: TenantId, client_id: &str) -> Arc<ClientView> {
        Arc::clone(&self.owners.clients.lock()[&(tenant, client_id.to_owned())])
    }

    /// Changes a client at its owner. Whoever holds a copy hears of it by the next look-up.
    pub async fn change_client(&self, tenant: TenantId, client_id: &str, change: impl FnOnce(&mut ClientView)) {
        let mut view = self.client(tenant, client_id).as_ref().clone();
        change(&mut view);
        view.version += 1;
        self.owners.clients.lock().insert((tenant, client_id.into()), Arc::new(view.clone()));
        let copies = vec![grantor_store::CopyChange {
            tenant,
            kind: "client",
            key: client_id.into(),
            version: view.version,
            data: Some(serde_json::to_vec(&view).unwrap()),
        }];
        self.store.commit(grantor_store::Write { copies, ..Default::default() }).await.unwrap();
    }

    /// Changes a tenant, at its owner and in the copy.
    pub async fn change_tenant(&self, view: TenantView) {
        let copies = vec![grantor_store::CopyChange {
            tenant: view.id,
            kind: "tenant",
            key: String::new(),
            version: view.version,
            data: Some(serde_json::to_vec(&view).unwrap()),
        }];
        self.owners.tenants.lock().insert(view.id, Arc::new(view));
        self.store.commit(grantor_store::Write { copies, ..Default::default() }).await.unwrap();
    }

    /// Makes the owner say this of the user.
    pub fn user_is(&self, state: UserState, not_before: Option<Timestamp>) {
        self.owners.statuses.lock().insert(USER, UserStatus { user: USER, state, not_before, version: 2 });
    }

    pub fn silence_directory(&self) {
        self.owners.silent.store(true, Ordering::SeqCst);
    }

    pub async fn call(&self, route: &str, call: Call) -> Answer {
        let routes = self.token.routes();
        let found = routes.iter().find(|known| known.name == route).unwrap();
        (found.handler)(call).await
    }

    /// Posts a form to a route of a tenant.
    pub async fn post(&self, tenant: TenantId, route: &str, form: &str) -> Reply {
        let call = CallBuilder::new(self.tenant(tenant), "/").form(form.to_owned());
        let call = call.peer(IpAddr::from([192, 0, 2, 1])).build();
        self.call(route, call).await.into()
    }

    /// The same by a client that says its secret in the form.
    pub async fn post_as(&self, tenant: TenantId, client: &str, route: &str, form: &str) -> Reply {
        self.post(tenant, route, &format!("{form}&client_id={client}&client_secret={SECRET}")).await
    }

    pub fn request(&self, tenant: TenantId, client_id: &str, scope: &str) -> IssueCode {
        IssueCode {
            client: self.client(tenant, client_id).key,
            client_id: client_id.into(),
            user: USER,
            session: SESSION,
            consent: ConsentId::from_uuid(Uuid::from_u128(5)),
            scope: scope.split(' ').map(str::to_owned).collect(),
            account: None,
            asked_scope: None,
            redirect_uri: Some(CALLBACK.into()),
            code_challenge: None,
            dpop_jkt: None,
            nonce: Some("a nonce".into()),
            auth_time: self.clock.now(tenant),
            auth_time_requested: false,
            acr: None,
            amr: vec!["pwd".into()],
            claims: None,
        }
    }

    pub async fn code(&self, tenant: TenantId, scope: &str) -> String {
        let request = self.request(tenant, "one", scope);
        self.token.issue_code(tenant, request, &META).await.unwrap()
    }

    pub async fn exchange(&self, tenant: TenantId, code: &str) -> Reply {
        let form = format!("grant_type=authorization_code&code={code}&redirect_uri={CALLBACK}");
        self.post_as(tenant, "one", "token", &form).await
    }

    /// Code and exchange.
    pub async fn tokens(&self, tenant: TenantId, scope: &str) -> Reply {
        let code = self.code(tenant, scope).await;
        let reply = self.exchange(tenant, &code).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply
    }

    pub async fn refresh(&self, tenant: TenantId, refresh_token: &str) -> Reply {
        self.post_as(tenant, "one", "token", &format!("grant_type=refresh_token&refresh_token={refresh_token}")).await
    }

    pub async fn is_active(&self, tenant: TenantId, token: &str) -> bool {
        let reply = self.post_as(tenant, "one", "introspect", &format!("token={token}")).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json["active"].as_bool().unwrap()
    }
}

/// An answer, read.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub json: Value,
    pub body: String,
    pub headers: Vec<(String, String)>,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        let names = ["cache-control", "pragma", "content-type", "www-authenticate", "retry-after"];
        let read =
            |name: &str| answer.header_values(name).into_iter().map(|v| (name.to_owned(), v.to_owned())).collect();
        Self {
            status: answer.status(),
            json: serde_json::from_slice(answer.body()).unwrap_or_default(),
            body: String::from_utf8_lossy(answer.body()).into_owned(),
            headers: names.iter().flat_map(|name| -> Vec<(String, String)> { read(name) }).collect(),
        }
    }
}

impl Reply {
    pub fn text(&self, member: &str) -> &str {
        self.json[member].as_str().unwrap_or_else(|| panic!("{member} in {self:?}"))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn is_error(&self, status: u16, error: &str) {
        assert_eq!((self.status, &self.json["error"]), (status, &json!(error)), "{self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"));
    }
}

impl World {
    /// Makes the keys that the first token would make.
    pub async fn token_warm(&self) {
        self.tokens(OPEN, "openid").await;
    }
}

impl World {
    /// The types of all events so far.
    pub async fn events(&self) -> Vec<String> {
        let log = self.store.read_log(grantor_store::Log::Events, Default::default(), 1000).await.unwrap();
        log.into_iter().map(|event| event.event_type).collect()
    }
}
