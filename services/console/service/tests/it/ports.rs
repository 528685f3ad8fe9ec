//! The other services, as the console meets them: they know one tenant, one client and one
//! user, and write down every command with who gave it.

use std::sync::Arc;

use async_trait::async_trait;
use grantor_eventsourcing::{Actor, Meta, Timestamp};
use grantor_ids::{AccountId, ClientKey, FlowId, SigningKeyId, TenantId, UserId};
use grantor_ports::*;
use grantor_profile::Profile;
use parking_lot::Mutex;
use secrecy::SecretString;
use uuid::Uuid;

pub const TENANT: TenantId = TenantId::from_uuid(Uuid::from_u128(1));
pub const CLIENT: ClientKey = ClientKey::from_uuid(Uuid::from_u128(2));
pub const USER: UserId = UserId::from_uuid(Uuid::from_u128(3));
pub const EMAIL: &str = "jane@example.com";

#[derive(Default)]
pub struct Others {
    said: Mutex<Vec<(Actor, String)>>,
}

impl Others {
    fn note(&self, meta: &Meta, command: impl Into<String>) {
        assert!(meta.correlation.is_some(), "every command belongs to a request");
        self.said.lock().push((meta.actor, command.into()));
    }

    /// What was commanded since the last time.
    pub fn commands(&self) -> Vec<String> {
        std::mem::take(&mut *self.said.lock()).into_iter().map(|(_, command)| command).collect()
    }

    /// Who commanded since the last time.
    pub fn actors(&self) -> Vec<Actor> {
        std::mem::take(&mut *self.said.lock()).into_iter().map(|(actor, _)| actor).collect()
    }
}

pub fn tenant() -> Arc<TenantView> {
    Arc::new(TenantView {
        id: TENANT,
        slug: "bank".into(),
        name: "Bank".into(),
        kind: TenantKind::Development,
        state: TenantState::Active,
        issuer: "https://id.bank.example".into(),
        api: "https://api.bank.example".into(),
        authorities: vec![Authority { role: AuthorityRole::Identity, authority: "id.bank.example".into() }],
        profile: Arc::new(Profile::strict()),
        branding: Branding::default(),
        contact: None,
        mail_server: None,
        team: std::collections::BTreeMap::new(),
        clock_ahead_ms: 0,
        terms: Terms::default(),
        version: 1,
    })
}

pub fn client() -> Arc<ClientView> {
    Arc::new(ClientView {
        key: CLIENT,
        tenant: TENANT,
        client_id: "partner".into(),
        state: ClientState::Suspended { reason: "late".into() },
        kind: ClientKind::Confidential,
        name: "Partner".into(),
        website: None,
        logo_url: None,
        contact: Some(USER),
        redirect_uris: vec!["https://partner.example/cb".into()],
        post_logout_redirect_uris: Vec::new(),
        origins: Vec::new(),
        scopes: vec!["openid".into()],
        secrets: vec![ClientSecretDigest {
            id: "s1".into(),
            sha256: "d1ge57".into(),
            created_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
        }],
        jwks: Default::default(),
        id_token_alg: None,
        password_grant: false,
        lifetimes: Default::default(),
        resource: None,
        created_at: Timestamp::UNIX_EPOCH,
        version: 3,
    })
}

fn user() -> UserView {
    let mut claims = Claims::new();
    claims.insert("email".into(), EMAIL.into());
    UserView { id: USER, state: UserState::Active, claims, created_at: Timestamp::UNIX_EPOCH }
}

#[async_trait]
impl Registry for Others {
    async fn mail_password(&self, _: TenantId) -> Result<Option<grantor_ports::MailPassword>, PortError> {
        Ok(None)
    }
    async fn tenant_by_authority(&self, _: &str) -> Result<Option<(Arc<TenantView>, AuthorityRole)>, PortError> {
        Ok(None)
    }
    async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Arc<TenantView>>, PortError> {
        match slug {
            "bank" => Ok(Some(tenant())),
            "away" => Err(PortError::Unavailable),
            _ => Ok(None),
        }
    }
    async fn tenant(&self, id: TenantId) -> Result<Option<Arc<TenantView>>, PortError> {
        Ok((id == TENANT).then(tenant))
    }
    async fn client(&self, _: TenantId, client_id: &str) -> Result<Option<Arc<ClientView>>, PortError> {
        Ok((client_id == "partner").then(client))
    }
}

#[async_trait]
impl RegistryAdmin for Others {
    async fn create_tenant(&self, made: CreateTenant, meta: &Meta) -> Result<Arc<TenantView>, AdminError> {
        let strict = made.profile == Profile::strict();
        self.note(meta, format!("create_tenant {} {:?} {:?} strict={strict}", made.slug, made.kind, made.authorities));
        Ok(tenant())
    }
    async fn change_tenant(
        &self,
        _: TenantId,
        change: TenantChange,
        meta: &Meta,
    ) -> Result<Arc<TenantView>, AdminError> {
        self.note(
            meta,
            match change {
                TenantChange::Profile(_) => "profile".to_owned(),
                TenantChange::ProfileAt { version, .. } => format!("profile at {version}"),
                TenantChange::AdvanceClock { seconds } => format!("advance {seconds}"),
                TenantChange::Presentation { name, contact, .. } => format!("presentation {name:?} {contact:?}"),
                TenantChange::MailServer { server, password } => {
                    format!("mail server {:?} {}", server.map(|server| server.host), password.is_some())
                }
                TenantChange::Member { user, role, .. } => format!("member {user} {role:?}"),
                TenantChange::Suspend => "suspend".to_owned(),
                TenantChange::Restore => "restore".to_owned(),
            },
        );
        Ok(tenant())
    }
    async fn tenants(&self, page: Page) -> Result<PageOf<TenantView>, AdminError> {
        let next = page.after.is_none().then(|| "more".to_owned());
        Ok(PageOf { items: vec![(*tenant()).clone()], next })
    }
    async fn find_tenants(&self, _: &str, _: Page) -> Result<PageOf<TenantView>, AdminError> {
        Ok(PageOf { items: vec![(*tenant()).clone()], next: None })
    }
    async fn waiting_clients(&self, _: Page) -> Result<PageOf<ClientView>, AdminError> {
        Ok(PageOf { items: vec![(*client()).clone()], next: None })
    }
    async fn history(&self, _: TenantId, _: HistoryOf, _: Page) -> Result<PageOf<HistoryEntry>, AdminError> {
        Ok(PageOf { items: vec![happened("oauth.client.approved")], next: None })
    }
    async fn tenant_figures(&self, _: TenantId) -> Result<TenantFigures, AdminError> {
        Ok(TenantFigures { clients: 3, waiting: 1 })
    }
    async fn figures(&self) -> Result<RegistryFigures, AdminError> {
        Ok(RegistryFigures { active: 3, suspended: 1, waiting: 2 })
    }
    async fn create_client(
        &self,
        _: TenantId,
        made: NewClient,
        meta: &Meta,
    ) -> Result<(Arc<ClientView>, Option<NewClientSecret>), AdminError> {
        self.note(meta, format!("create_client {} {:?}", made.name, made.redirect_uris));
        Ok((client(), Some(NewClientSecret { id: "s2".into(), secret: SecretString::from("only-once") })))
    }
    async fn change_client(
        &self,
        _: TenantId,
        client_id: &str,
        change: ClientChange,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, AdminError> {
        self.note(meta, format!("change {client_id} {:?} {:?}", change.name, change.scopes));
        Ok(client())
    }
    async fn command_client(
        &self,
        _: TenantId,
        client_id: &str,
        command: ClientCommand,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, AdminError> {
        if client_id != "partner" {
            return Err(AdminError::NotFound("client"));
        }
        if command == ClientCommand::Approve {
            return Err(AdminError::Conflict("the client is not pending".into()));
        }
        self.note(meta, format!("{command:?}"));
        Ok(client())
    }
    async fn rotate_client_secret(&self, _: TenantId, _: &str, meta: &Meta) -> Result<NewClientSecret, AdminError> {
        self.note(meta, "rotate");
        Ok(NewClientSecret { id: "s3".into(), secret: SecretString::from("only-once-more") })
    }
    async fn clients(&self, _: TenantId, state: Option<&str>, page: Page) -> Result<PageOf<ClientView>, AdminError> {
        assert!(matches!((state, page.limit), (Some("pending"), 7) | (None, 25)), "{state:?} {page:?}");
        Ok(PageOf { items: vec![(*client()).clone()], next: None })
    }
}

#[async_trait]
impl DirectoryAdmin for Others {
    async fn create_user(&self, _: TenantId, made: CreateUser, meta: &Meta) -> Result<UserView, AdminError> {
        self.note(meta, format!("create_user {} password={}", made.email, made.password.is_some()));
        Ok(user())
    }
    async fn change_user(
        &self,
        _: TenantId,
        _: UserId,
        change: UserChange,
        meta: &Meta,
    ) -> Result<UserView, AdminError> {
        self.note(meta, format!("change_user {:?} {:?}", change.email_verified, change.claims));
        Ok(user())
    }
    async fn command_user(
        &self,
        _: TenantId,
        _: UserId,
        command: UserCommand,
        meta: &Meta,
    ) -> Result<UserView, AdminError> {
        self.note(meta, format!("{command:?}"));
        Ok(user())
    }
    async fn user(&self, _: TenantId, id: UserId) -> Result<Option<UserView>, AdminError> {
        Ok((id == USER).then(user))
    }
    async fn user_by_email(&self, _: TenantId, email: &str) -> Result<Option<UserView>, AdminError> {
        Ok((email == EMAIL).then(user))
    }
    async fn open_account(&self, _: TenantId, wanted: OpenAccount, meta: &Meta) -> Result<AccountView, AdminError> {
        self.note(meta, format!("open_account {}", wanted.name));
        Ok(account())
    }
    async fn account(&self, _: TenantId, id: AccountId) -> Result<Option<AccountView>, AdminError> {
        Ok((id == ACCOUNT).then(account))
    }
    async fn link_account(
        &self,
        _: TenantId,
        _: AccountId,
        user: UserId,
        meta: &Meta,
    ) -> Result<AccountView, AdminError> {
        self.note(meta, format!("link_account {user}"));
        Ok(account())
    }
    async fn unlink_account(
        &self,
        _: TenantId,
        _: AccountId,
        user: UserId,
        meta: &Meta,
    ) -> Result<AccountView, AdminError> {
        self.note(meta, format!("unlink_account {user}"));
        Ok(account())
    }
    async fn count_users(&self, _: TenantId) -> Result<u64, AdminError> {
        Ok(2)
    }
    async fn user_history(&self, _: TenantId, _: UserId) -> Result<Vec<HistoryEntry>, AdminError> {
        Ok(vec![happened("identity.user.locked")])
    }
    async fn users(&self, _: TenantId, _: Page) -> Result<PageOf<UserView>, AdminError> {
        Ok(PageOf { items: vec![user()], next: None })
    }
}

#[async_trait]
impl Flows for Others {
    async fn flow(&self, _: TenantId, id: FlowId) -> Result<Option<FlowView>, PortError> {
        Ok((id.uuid().get_version_num() == 4).then(|| FlowView {
            id,
            client_id: "partner".into(),
            kind: "one_time".into(),
            state: "open".into(),
            reason: None,
            language: "de".into(),
            sync_period: 90,
            expires_at: Timestamp::UNIX_EPOCH,
        }))
    }
    async fn shared_accounts(&self, _: TenantId, _: FlowId) -> Result<Option<SharedAccounts>, PortError> {
        Err(PortError::Unavailable)
    }
}

#[async_trait]
impl TokenAdmin for Others {
    async fn signing_keys(&self, _: TenantId) -> Result<Vec<SigningKeyView>, AdminError> {
        Ok(vec![key("ES256")])
    }
    async fn signing_key_histories(&self, _: TenantId) -> Result<Vec<(SigningKeyId, Vec<HistoryEntry>)>, AdminError> {
        Ok(Vec::new())
    }
    async fn rotate_signing_key(&self, _: TenantId, alg: &str, meta: &Meta) -> Result<SigningKeyView, AdminError> {
        self.note(meta, format!("rotate_key {alg}"));
        Ok(key(alg))
    }
    async fn revoke_client_grants(&self, _: TenantId, client: ClientKey, meta: &Meta) -> Result<(), AdminError> {
        assert_eq!(client, CLIENT);
        self.note(meta, "revoke grants");
        Ok(())
    }
}

fn key(alg: &str) -> SigningKeyView {
    SigningKeyView {
        id: SigningKeyId::from_uuid(Uuid::from_u128(4)),
        kid: "k1".into(),
        alg: alg.into(),
        state: "pending".into(),
        created_at: Timestamp::UNIX_EPOCH,
    }
}

/// The account of these tests.
pub const ACCOUNT: AccountId = AccountId::from_uuid(Uuid::from_u128(5));

fn account() -> AccountView {
    AccountView {
        id: ACCOUNT,
        kind: AccountKind::Business,
        name: Some("A business".into()),
        users: vec![USER],
        opened_at: Timestamp::UNIX_EPOCH,
    }
}

fn happened(event: &str) -> HistoryEntry {
    HistoryEntry {
        id: grantor_ids::EventId::from_uuid(Uuid::from_u128(6)),
        event: event.into(),
        at: Timestamp::UNIX_EPOCH,
        actor: Actor::User(USER),
        version: 2,
        client_id: Some("partner".into()),
        changes: vec![HistoryChange {
            pointer: "/status".into(),
            before: Some("pending".into()),
            after: Some("approved".into()),
        }],
    }
}
