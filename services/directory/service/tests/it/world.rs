//! A directory with everything around it, on a file of its own.

use std::{net::IpAddr, path::PathBuf, sync::Arc};

use async_trait::async_trait;
use chrono::DateTime;
use grantor_bus::{OwnLog, Subscription, Unruly};
use grantor_crypto::{PasswordHasher, RootKeys};
use grantor_directory::{Directory, DirectoryDeps, LOG};
use grantor_eventsourcing::{Actor, Meta};
use grantor_ids::{TenantId, UserId};
use grantor_ports::{
    AuthorityRole, Branding, Claims, ClientView, CreateUser, Directory as _, DirectoryAdmin, FixedClock, Login,
    LoginRefusal, Mail, MailError, Mailer, OsEntropy, PasswordAttempt, PortError, Registry, SignUp, SignUpRefusal,
    SignUpTicket, TenantKind, TenantState, TenantView, Terms,
};
use grantor_profile::Profile;
use grantor_store::{Log, SqliteOptions, Store};
use grantor_telemetry::Metrics;
use parking_lot::Mutex;
use tempfile::TempDir;
use uuid::Uuid;

pub const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
pub const OTHER: TenantId = TenantId::from_uuid(Uuid::from_u128(2));
pub static META: Meta = Meta::by(Actor::Anonymous);
pub const EMAIL: &str = "Ada.Marker@example.org";
pub const PASSWORD: &str = "correct horse battery marker";

/// Keeps what is sent; refuses to answer as often as it is told to.
#[derive(Default)]
pub struct PostBox {
    pub mails: Mutex<Vec<Mail>>,
    pub failures: Mutex<Vec<MailError>>,
}

#[async_trait]
impl Mailer for PostBox {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        if let Some(failure) = self.failures.lock().pop() {
            return Err(failure);
        }
        self.mails.lock().push(mail.clone());
        Ok(())
    }
}

struct Tenants;

#[async_trait]
impl Registry for Tenants {
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
        Ok(Some(Arc::new(TenantView {
            id: tenant,
            slug: "bank".into(),
            name: "Example Bank".into(),
            kind: TenantKind::Development,
            state: TenantState::Active,
            issuer: "https://bank.example".into(),
            api: "https://api.bank.example".into(),
            authorities: Vec::new(),
            profile: Arc::new(Profile::strict()),
            branding: Branding::default(),
            contact: None,
            mail_server: None,
            team: std::collections::BTreeMap::new(),
            clock_ahead_ms: 0,
            terms: Terms::default(),
            version: 1,
        })))
    }
    async fn client(&self, _: TenantId, _: &str) -> Result<Option<Arc<ClientView>>, PortError> {
        Ok(None)
    }
}

pub struct World {
    folder: TempDir,
    keys: Arc<RootKeys>,
    pub clock: Arc<FixedClock>,
    pub post: Arc<PostBox>,
    pub store: Store,
    pub directory: Arc<Directory>,
}

impl World {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = Arc::new(RootKeys::create(&folder.path().join("root.key")).unwrap());
        let clock = Arc::new(FixedClock::at(DateTime::from_timestamp(1_800_000_000, 0).unwrap()));
        grantor_store::migrate(&folder.path().join("directory.db")).await.expect("a database");
        let post = Arc::new(PostBox::default());
        let (store, directory) = open(&folder, &keys, &clock, &post, PasswordHasher::with_limits(2, 256)).await;
        Self { folder, keys, clock, post, store, directory }
    }

    /// The same file in a new process.
    pub async fn restart(self) -> Self {
        let Self { folder, keys, clock, post, store, directory } = self;
        drop((store, directory));
        let (store, directory) = open(&folder, &keys, &clock, &post, PasswordHasher::with_limits(2, 256)).await;
        Self { folder, keys, clock, post, store, directory }
    }

    /// Another service object over the same file, with room for so many passwords.
    pub async fn with_hasher(&self, hasher: PasswordHasher) -> Arc<Directory> {
        open(&self.folder, &self.keys, &self.clock, &self.post, hasher).await.1
    }

    /// Runs the list projection, over a bus that duplicates and delays.
    pub fn follow(&self) -> tokio::task::JoinHandle<()> {
        let (consumer, source) = self.directory.consumers().remove(0);
        let own = OwnLog::new(source, self.store.clone(), Log::Events);
        assert_eq!(source, LOG);
        let source = Arc::new(Unruly::new(Arc::new(own), std::time::Duration::from_millis(2)));
        tokio::spawn(
            Subscription {
                consumer,
                source,
                store: self.store.clone(),
                metrics: grantor_telemetry::Metrics::new().bus(LOG),
            }
            .run(),
        )
    }

    pub async fn user(&self, email: &str, password: Option<&str>) -> UserId {
        self.user_of(TENANT, email, password).await
    }

    pub async fn user_of(&self, tenant: TenantId, email: &str, password: Option<&str>) -> UserId {
        self.directory.create_user(tenant, new_user(email, password), &META).await.unwrap().id
    }

    pub async fn login(&self, email: &str, password: &str, from: &str) -> Result<Login, LoginRefusal> {
        self.directory.check_password(TENANT, attempt(email, password, from), &META).await
    }

    pub async fn begin(&self, email: &str) -> Result<SignUpTicket, SignUpRefusal> {
        self.directory.begin_sign_up(TENANT, sign_up(email), &META).await
    }

    /// Sends what is due and answers it, oldest first.
    pub async fn mails(&self) -> Vec<Mail> {
        while self.directory.deliver_mail().await.unwrap() > 0 {}
        std::mem::take(&mut *self.post.mails.lock())
    }

    /// Somebody else's connection to the same file.
    pub async fn connection(&self) -> sea_orm::DatabaseConnection {
        let url = format!("sqlite://{}", self.folder.path().join("directory.db").display());
        sea_orm::Database::connect(url).await.unwrap()
    }

    /// Where in the service's files these bytes stand.
    pub fn files_with(&self, marker: &str) -> Vec<PathBuf> {
        let holds = |bytes: &[u8]| {
            let lower = bytes.to_ascii_lowercase();
            lower.windows(marker.len()).any(|window| window == marker.to_ascii_lowercase().as_bytes())
        };
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|path| holds(&std::fs::read(path).unwrap())).collect()
    }

    /// All bytes of the service's files.
    pub fn all_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        files.flat_map(|path| std::fs::read(path).unwrap()).collect()
    }
}

async fn open(
    folder: &TempDir,
    keys: &Arc<RootKeys>,
    clock: &Arc<FixedClock>,
    post: &Arc<PostBox>,
    hasher: PasswordHasher,
) -> (Store, Arc<Directory>) {
    let options = SqliteOptions::new(folder.path().join("directory.db"));
    let store = Store::open_sqlite(options, clock.clone(), Arc::new(OsEntropy)).await.unwrap();
    let directory = Directory::new(DirectoryDeps {
        store: store.clone(),
        clock: clock.clone(),
        entropy: Arc::new(OsEntropy),
        keys: keys.clone(),
        mailer: post.clone(),
        tenants: Arc::new(Tenants),
        tokens: Arc::new(grantor_tests_nobody::NoTokens),
        hasher,
        metrics: Metrics::new(),
    });
    (store, directory)
}

pub fn new_user(email: &str, password: Option<&str>) -> CreateUser {
    CreateUser {
        email: email.into(),
        email_verified: true,
        password: password.map(Into::into),
        claims: Claims::new(),
        attributes: Claims::new(),
    }
}

pub fn attempt(email: &str, password: &str, from: &str) -> PasswordAttempt {
    let address: Option<IpAddr> = from.parse().ok();
    PasswordAttempt { username: email.into(), password: password.into(), address }
}

pub fn sign_up(email: &str) -> SignUp {
    SignUp {
        email: email.into(),
        password: PASSWORD.into(),
        name: Some("Ada Markername".into()),
        locale: Some("en-GB".into()),
        address: "192.0.2.1".parse().ok(),
    }
}

/// The code in a mail.
pub fn code(mail: &Mail) -> String {
    let digits = |word: &&str| word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit());
    mail.body.split_whitespace().find(digits).expect("a code").to_owned()
}

pub fn object(value: serde_json::Value) -> Claims {
    value.as_object().unwrap().clone()
}
