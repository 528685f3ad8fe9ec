use std::sync::Arc;

use async_trait::async_trait;
use grantor_eventsourcing::{Meta, Timestamp, Version};
use grantor_ids::{AccountId, ClientKey, SigningKeyId, TenantId, UserId};
use grantor_jose::KeySet;
use grantor_profile::{Lifetimes, Profile};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    AccountView, AdminError, Authority, Branding, Claims, ClientKind, ClientView, HistoryEntry, HistoryOf, MailServer,
    OpenAccount, StaffRole, TenantKind, TenantView, Terms, UserState, wire,
};

/// A place in a list. Opaque to callers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Where the last page ended.
    pub after: Option<String>,
    /// At most this many, 1 to 200.
    pub limit: u32,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageOf<T> {
    /// The items.
    pub items: Vec<T>,
    /// Pass as `after` to go on; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A tenant to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateTenant {
    /// Lower-case letters, digits and hyphens, 2 to 40.
    pub slug: String,
    /// For people.
    pub name: String,
    /// What it is for.
    pub kind: TenantKind,
    /// The issuer identifier; https, or http on loopback outside production mode.
    pub issuer: String,
    /// Base URL of the tenant's API; the issuer when absent.
    #[serde(default)]
    pub api: Option<String>,
    /// Where it is reached, beside `/t/{slug}`.
    #[serde(default)]
    pub authorities: Vec<Authority>,
    /// Its wire behaviour.
    pub profile: Profile,
    /// Its look.
    #[serde(default)]
    pub branding: Branding,
    /// Whom a partner writes to.
    #[serde(default)]
    pub contact: Option<String>,
    /// What developers accept.
    #[serde(default)]
    pub terms: Terms,
}

/// A change of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantChange {
    /// Another profile.
    Profile(Box<Profile>),
    /// Another profile, made from the one of this version: refused when it is another by now.
    ProfileAt {
        /// The whole new profile.
        profile: Box<Profile>,
        /// The version of the view it was made from.
        version: Version,
    },
    /// Name, look, contact, terms; absent members stay.
    Presentation {
        /// For people.
        name: Option<String>,
        /// Its look.
        branding: Option<Branding>,
        /// Whom a partner writes to.
        contact: Option<String>,
        /// What developers accept.
        terms: Option<Terms>,
    },
    /// A mail server of its own, or none.
    MailServer {
        /// Which.
        server: Option<MailServer>,
        /// A new password; the one that is there stays when absent.
        #[serde(serialize_with = "wire::optional_secret")]
        password: Option<SecretString>,
    },
    /// Somebody's role in the tenant's own staff, or none.
    Member {
        /// A user of the tenant's directory.
        user: UserId,
        /// `None`: no more.
        role: Option<StaffRole>,
        /// Whether the staff itself says so: it keeps an owner then.
        by_team: bool,
    },
    /// Refuse everything.
    Suspend,
    /// Answer again.
    Restore,
    /// Move a sandbox's clock forward by so many seconds.
    AdvanceClock {
        /// 1 or more.
        seconds: u64,
    },
}

/// A client to be.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// For people.
    pub name: String,
    /// What kind of program.
    pub kind: ClientKind,
    /// Its own page.
    #[serde(default)]
    pub website: Option<String>,
    /// Where its logo is.
    #[serde(default)]
    pub logo_url: Option<String>,
    /// Exact strings; the first is the default.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Exact strings.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<String>,
    /// Origins that may frame the tenant's pages, where the profile lets any.
    #[serde(default)]
    pub origins: Vec<String>,
    /// What it may ask for.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// The keys it signs with to say who it is, instead of a secret (RFC 7523).
    #[serde(default)]
    pub jwks: KeySet,
    /// `RS256`, `ES256` or `EdDSA`.
    #[serde(default)]
    pub id_token_alg: Option<String>,
    /// Whether it may use the password grant, where the tenant has that (C9).
    #[serde(default)]
    pub password_grant: bool,
    /// Of its tokens, where they differ from the tenant's.
    #[serde(default)]
    pub lifetimes: Lifetimes,
    /// The resource this client serves.
    #[serde(default)]
    pub resource: Option<String>,
}

/// A client's settings, changed; absent members stay.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClientChange {
    /// For people.
    pub name: Option<String>,
    /// Its own page.
    pub website: Option<String>,
    /// Where its logo is.
    pub logo_url: Option<String>,
    /// Exact strings; the first is the default.
    pub redirect_uris: Option<Vec<String>>,
    /// Exact strings.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Origins that may frame the tenant's pages, where the profile lets any.
    pub origins: Option<Vec<String>>,
    /// What it may ask for.
    pub scopes: Option<Vec<String>>,
    /// The keys it signs with; an empty set takes them away.
    pub jwks: Option<KeySet>,
    /// `RS256`, `ES256` or `EdDSA`.
    pub id_token_alg: Option<String>,
    /// Whether it may use the password grant; never the developer's word.
    pub password_grant: Option<bool>,
    /// Of its tokens; those that are absent stay.
    pub lifetimes: Lifetimes,
}

/// An operator's word on a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientCommand {
    /// Pending → approved.
    Approve,
    /// Pending → rejected.
    Reject {
        /// For the developer.
        reason: String,
    },
    /// Approved → suspended.
    Suspend {
        /// For the developer.
        reason: String,
    },
    /// Suspended → approved.
    Restore,
    /// Gone for ever.
    Delete,
}

/// A secret, shown once.
#[derive(Debug, Serialize, Deserialize)]
pub struct NewClientSecret {
    /// Names it in lists.
    pub id: String,
    /// The secret itself.
    #[serde(serialize_with = "wire::secret")]
    pub secret: SecretString,
}

/// How many tenants there are, and how many clients wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RegistryFigures {
    /// Tenants that answer.
    pub active: u64,
    /// Tenants that refuse everything.
    pub suspended: u64,
    /// Clients that wait for a decision, of all tenants.
    pub waiting: u64,
}

/// How many clients a tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TenantFigures {
    /// All of them.
    pub clients: u64,
    /// Those that wait for a decision.
    pub waiting: u64,
}

/// Tenants and clients, commanded.
#[async_trait]
pub trait RegistryAdmin: Send + Sync + 'static {
    /// Makes a tenant.
    async fn create_tenant(&self, tenant: CreateTenant, meta: &Meta) -> Result<Arc<TenantView>, AdminError>;
    /// Changes one.
    async fn change_tenant(
        &self,
        tenant: TenantId,
        change: TenantChange,
        meta: &Meta,
    ) -> Result<Arc<TenantView>, AdminError>;
    /// All tenants by slug.
    async fn tenants(&self, page: Page) -> Result<PageOf<TenantView>, AdminError>;
    /// Tenants with words, in slug or name, that begin as the words here do; in the order of the word
    /// that the first one found.
    async fn find_tenants(&self, words: &str, page: Page) -> Result<PageOf<TenantView>, AdminError>;
    /// Clients of all tenants that wait for a decision, those that were registered first first.
    async fn waiting_clients(&self, page: Page) -> Result<PageOf<ClientView>, AdminError>;
    /// What happened to a tenant and to its clients, newest first.
    async fn history(&self, tenant: TenantId, of: HistoryOf, page: Page) -> Result<PageOf<HistoryEntry>, AdminError>;
    /// How many there are.
    async fn figures(&self) -> Result<RegistryFigures, AdminError>;
    /// How many clients one tenant has.
    async fn tenant_figures(&self, tenant: TenantId) -> Result<TenantFigures, AdminError>;
    /// Makes an approved client; answers its secret when it is confidential.
    async fn create_client(
        &self,
        tenant: TenantId,
        client: NewClient,
        meta: &Meta,
    ) -> Result<(Arc<ClientView>, Option<NewClientSecret>), AdminError>;
    /// Changes a client's settings.
    async fn change_client(
        &self,
        tenant: TenantId,
        client_id: &str,
        change: ClientChange,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, AdminError>;
    /// Approves, rejects, suspends, restores, deletes.
    async fn command_client(
        &self,
        tenant: TenantId,
        client_id: &str,
        command: ClientCommand,
        meta: &Meta,
    ) -> Result<Arc<ClientView>, AdminError>;
    /// A second live secret; the older one goes on for a day.
    async fn rotate_client_secret(
        &self,
        tenant: TenantId,
        client_id: &str,
        meta: &Meta,
    ) -> Result<NewClientSecret, AdminError>;
    /// A tenant's clients, newest first, of one state (`pending`, …) if given.
    async fn clients(
        &self,
        tenant: TenantId,
        state: Option<&str>,
        page: Page,
    ) -> Result<PageOf<ClientView>, AdminError>;
}

/// A user to be.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// Unique within the tenant, whatever the case of its letters.
    pub email: String,
    /// Trusted as said by the operator.
    #[serde(default)]
    pub email_verified: bool,
    /// The user cannot log in by password without one.
    #[serde(default, serialize_with = "wire::optional_secret")]
    pub password: Option<SecretString>,
    /// Standard claims (OIDC Core 5.1) but `sub`, `email`, `email_verified`, `updated_at`.
    #[serde(default)]
    pub claims: Claims,
    /// The tenant's own attributes, such as `plan`.
    #[serde(default)]
    pub attributes: Claims,
}

/// A user's data, changed; absent members stay, `null` claims are removed.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UserChange {
    /// A new address.
    pub email: Option<String>,
    /// Trusted as said by the operator.
    pub email_verified: Option<bool>,
    /// A new password: all grants and sessions from before are dead.
    #[serde(serialize_with = "wire::optional_secret")]
    pub password: Option<SecretString>,
    /// Standard claims.
    pub claims: Claims,
    /// The tenant's own attributes.
    pub attributes: Claims,
}

/// An operator's word on a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserCommand {
    /// No login, no token, until unlocked.
    Lock,
    /// Again.
    Unlock,
    /// No more.
    Deactivate,
    /// Their key is destroyed: nothing personal can be read again, in any copy.
    Erase,
}

/// A user as operators see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserView {
    /// Who.
    pub id: UserId,
    /// Whether they may act.
    pub state: UserState,
    /// Their claims and attributes; empty once erased.
    pub claims: Claims,
    /// Since when.
    pub created_at: Timestamp,
}

/// Users, commanded.
#[async_trait]
pub trait DirectoryAdmin: Send + Sync + 'static {
    /// Makes a user.
    async fn create_user(&self, tenant: TenantId, user: CreateUser, meta: &Meta) -> Result<UserView, AdminError>;
    /// Changes one.
    async fn change_user(
        &self,
        tenant: TenantId,
        user: UserId,
        change: UserChange,
        meta: &Meta,
    ) -> Result<UserView, AdminError>;
    /// Locks, unlocks, deactivates, erases.
    async fn command_user(
        &self,
        tenant: TenantId,
        user: UserId,
        command: UserCommand,
        meta: &Meta,
    ) -> Result<UserView, AdminError>;
    /// One user.
    async fn user(&self, tenant: TenantId, user: UserId) -> Result<Option<UserView>, AdminError>;
    /// The user with this address.
    async fn user_by_email(&self, tenant: TenantId, email: &str) -> Result<Option<UserView>, AdminError>;
    /// Opens a business account for its first user.
    async fn open_account(
        &self,
        tenant: TenantId,
        account: OpenAccount,
        meta: &Meta,
    ) -> Result<AccountView, AdminError>;
    /// One account.
    async fn account(&self, tenant: TenantId, account: AccountId) -> Result<Option<AccountView>, AdminError>;
    /// Lets a user act for a business account.
    async fn link_account(
        &self,
        tenant: TenantId,
        account: AccountId,
        user: UserId,
        meta: &Meta,
    ) -> Result<AccountView, AdminError>;
    /// Takes a user from a business account; the last one stays.
    async fn unlink_account(
        &self,
        tenant: TenantId,
        account: AccountId,
        user: UserId,
        meta: &Meta,
    ) -> Result<AccountView, AdminError>;
    /// What happened to a user, newest first: the newest 200.
    async fn user_history(&self, tenant: TenantId, user: UserId) -> Result<Vec<HistoryEntry>, AdminError>;
    /// How many users a tenant has, erased ones included.
    async fn count_users(&self, tenant: TenantId) -> Result<u64, AdminError>;
    /// A tenant's users, newest first.
    async fn users(&self, tenant: TenantId, page: Page) -> Result<PageOf<UserView>, AdminError>;
}

/// A signing key in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SigningKeyView {
    /// Its id inside Grantor.
    pub id: SigningKeyId,
    /// RFC 7638 thumbprint, the `kid` on the wire.
    pub kid: String,
    /// `RS256`, `ES256` or `EdDSA`.
    pub alg: String,
    /// `pending`, `active`, `retiring` or `retired`.
    pub state: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// Keys and grants, commanded.
#[async_trait]
pub trait TokenAdmin: Send + Sync + 'static {
    /// A tenant's signing keys.
    async fn signing_keys(&self, tenant: TenantId) -> Result<Vec<SigningKeyView>, AdminError>;
    /// What happened to each of them, newest first.
    async fn signing_key_histories(
        &self,
        tenant: TenantId,
    ) -> Result<Vec<(SigningKeyId, Vec<HistoryEntry>)>, AdminError>;
    /// Brings a next key in: published at once, used once every cache of the JWKS knows it.
    async fn rotate_signing_key(&self, tenant: TenantId, alg: &str, meta: &Meta) -> Result<SigningKeyView, AdminError>;
    /// Ends every grant of a client.
    async fn revoke_client_grants(&self, tenant: TenantId, client: ClientKey, meta: &Meta) -> Result<(), AdminError>;
}
