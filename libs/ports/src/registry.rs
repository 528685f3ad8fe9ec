use std::{collections::BTreeMap, sync::Arc};

use async_trait::async_trait;
use chrono::TimeDelta;
use grantor_eventsourcing::{Timestamp, Version};
use grantor_ids::{ClientKey, TenantId, UserId};
use grantor_jose::KeySet;
use grantor_profile::{Lifetimes, Profile};
use serde::{Deserialize, Serialize};

use crate::{Clock, MailPassword, MailServer, PortError};

/// What a tenant is for. The only tenant property that may label a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantKind {
    /// Real users.
    Production,
    /// Built against: exact loopback http redirect URIs are allowed to confidential clients.
    Development,
    /// As development, with a clock of its own that operators can advance.
    Sandbox,
}

impl TenantKind {
    /// The word used in documents and metric labels.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Development => "development",
            Self::Sandbox => "sandbox",
        }
    }

    /// Whether nothing at such a tenant is real: its pages say so.
    pub const fn is_for_tests(self) -> bool {
        matches!(self, Self::Development | Self::Sandbox)
    }
}

/// Whether a tenant answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// It does.
    Active,
    /// Every page and endpoint refuses.
    Suspended,
}

/// What an authority (host, or host and port) of a tenant serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthorityRole {
    /// Login, consent, tokens, metadata: the issuer's host.
    Identity,
    /// The tenant's own API.
    Api,
    /// Pages that partners show in a frame of their own site.
    Widget,
}

/// One network authority of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// What it serves.
    pub role: AuthorityRole,
    /// Lower-case `host` or `host:port`, as in a `Host` header.
    pub authority: String,
}

/// How a tenant's pages look.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Branding {
    /// `#rrggbb`.
    pub colour: Option<String>,
    /// One to three letters; from the name when absent.
    pub monogram: Option<String>,
}

/// The terms a developer accepts before a client is created.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// Printed beside the text, such as `2026-01`.
    pub version: String,
    /// The text, plain, paragraphs split by blank lines.
    pub text: String,
}

/// What a member of a tenant's own staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffRole {
    /// See.
    Viewer,
    /// See, and judge clients.
    Reviewer,
    /// All that, and say who else belongs to the staff.
    Owner,
}

impl StaffRole {
    /// The word used in documents and forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Reviewer => "reviewer",
            Self::Owner => "owner",
        }
    }
}

/// A tenant as every service sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TenantView {
    /// Its id.
    pub id: TenantId,
    /// The word in `/t/{slug}`.
    pub slug: String,
    /// For people.
    pub name: String,
    /// What it is for.
    pub kind: TenantKind,
    /// Whether it answers.
    pub state: TenantState,
    /// The issuer identifier, a stored value (RFC 8414 2); never built from a request.
    pub issuer: String,
    /// Base URL of the tenant's own API, the default audience of its access tokens.
    pub api: String,
    /// Where it is reached, beside `/t/{slug}`.
    pub authorities: Vec<Authority>,
    /// Its wire behaviour.
    pub profile: Arc<Profile>,
    /// Its look.
    pub branding: Branding,
    /// Whom a partner writes to, such as `partnership@example.com`.
    pub contact: Option<String>,
    /// What developers accept.
    pub terms: Terms,
    /// Its own mail server, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_server: Option<MailServer>,
    /// Its own staff.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub team: BTreeMap<UserId, StaffRole>,
    /// How far its own time is ahead of real time, in milliseconds: more than 0 only for a
    /// sandbox whose clock was advanced.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub clock_ahead_ms: i64,
    /// Version of the stream this view shows; a newer one replaces an older one.
    pub version: Version,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

impl TenantView {
    /// Lets a clock know this tenant's own time. Whoever reads a view does so before it asks what
    /// time it is there.
    pub fn tell(&self, clock: &dyn Clock) {
        if self.clock_ahead_ms != 0 {
            clock.learn(self.id, TimeDelta::milliseconds(self.clock_ahead_ms));
        }
    }
}

/// How far a client is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ClientState {
    /// Being written; not submitted.
    Draft,
    /// Waits for the operator.
    Pending,
    /// May be used.
    Approved,
    /// The operator said no.
    Rejected {
        /// For the developer.
        reason: String,
    },
    /// The operator stopped it.
    Suspended {
        /// For the developer.
        reason: String,
    },
}

/// What kind of program a client is (RFC 6749 2.1, RFC 8252).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// Runs on a server and keeps a secret.
    Confidential,
    /// Runs in a browser; keeps none.
    Public,
    /// Runs on a person's device; keeps none, may use loopback and private-scheme redirects.
    Native,
}

impl ClientKind {
    /// Whether it authenticates with a secret.
    pub const fn is_confidential(self) -> bool {
        matches!(self, Self::Confidential)
    }
}

/// SHA-256 of a generated client secret; no secret itself (security.md C22).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientSecretDigest {
    /// Names the secret in lists; random, says nothing of it.
    pub id: String,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// After this it is worth nothing; `None` while it is the newest.
    pub expires_at: Option<Timestamp>,
}

/// A client as every service sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClientView {
    /// Its id inside Grantor.
    pub key: ClientKey,
    /// Whose it is.
    pub tenant: TenantId,
    /// The `client_id` on the wire.
    pub client_id: String,
    /// How far it is.
    #[serde(flatten)]
    pub state: ClientState,
    /// What kind of program.
    pub kind: ClientKind,
    /// For people.
    pub name: String,
    /// Its own page.
    pub website: Option<String>,
    /// Where its logo is; not fetched.
    pub logo_url: Option<String>,
    /// The developer, a user of the tenant's directory; `None` when an operator made it.
    pub contact: Option<UserId>,
    /// Exact strings (C1); the first is the default.
    pub redirect_uris: Vec<String>,
    /// Exact strings (OpenID RP-Initiated Logout 1.0, 3.1).
    pub post_logout_redirect_uris: Vec<String>,
    /// Origins that may show the tenant's pages in a frame, where the profile lets any.
    #[serde(default)]
    pub origins: Vec<String>,
    /// What it may ask for.
    pub scopes: Vec<String>,
    /// Live secrets, newest first; at most two.
    pub secrets: Vec<ClientSecretDigest>,
    /// The keys it signs with to say who it is (RFC 7523); with one of them no secret counts.
    #[serde(default, skip_serializing_if = "KeySet::is_empty")]
    pub jwks: KeySet,
    /// `id_token_signed_response_alg`; the profile's default when absent.
    pub id_token_alg: Option<String>,
    /// An operator lets it use the password grant, where the tenant has that (C9).
    #[serde(default)]
    pub password_grant: bool,
    /// Of its tokens, where they differ from the tenant's.
    #[serde(default)]
    pub lifetimes: Lifetimes,
    /// The resource this client serves: it may introspect tokens of that audience.
    pub resource: Option<String>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Version of the stream this view shows.
    pub version: Version,
}

impl ClientView {
    /// Whether it may be used now.
    pub const fn is_approved(&self) -> bool {
        matches!(self.state, ClientState::Approved)
    }
}

/// Read-through to the owner of tenants and clients.
#[async_trait]
pub trait Registry: Send + Sync + 'static {
    /// The tenant with this authority (`host` or `host:port`, lower case), and what it serves there.
    async fn tenant_by_authority(&self, authority: &str)
    -> Result<Option<(Arc<TenantView>, AuthorityRole)>, PortError>;
    /// The tenant at `/t/{slug}`.
    async fn tenant_by_slug(&self, slug: &str) -> Result<Option<Arc<TenantView>>, PortError>;
    /// The tenant with this id.
    async fn tenant(&self, tenant: TenantId) -> Result<Option<Arc<TenantView>>, PortError>;
    /// The client with this `client_id`.
    async fn client(&self, tenant: TenantId, client_id: &str) -> Result<Option<Arc<ClientView>>, PortError>;
    /// The password of the tenant's own mail server; for who sends its mails.
    async fn mail_password(&self, tenant: TenantId) -> Result<Option<MailPassword>, PortError>;
}
