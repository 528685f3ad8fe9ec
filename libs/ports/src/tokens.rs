use std::{net::IpAddr, sync::Arc};

use async_trait::async_trait;
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::{AccountId, ClientKey, ConsentId, GrantId, SessionId, TenantId, UserId};
use grantor_oauth::{ClientAuthMethod, ErrorCode, Thumbprint};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{ClientView, PortError, wire};

/// All that a code is bound to (security.md C6).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IssueCode {
    /// The client, by its id inside Grantor.
    pub client: ClientKey,
    /// … and on the wire.
    pub client_id: String,
    /// Who consented.
    pub user: UserId,
    /// The account that access is given to, where the profile has accounts (knob 23).
    pub account: Option<AccountId>,
    /// In which session.
    pub session: SessionId,
    /// Under which consent.
    pub consent: ConsentId,
    /// Granted scope, in request order.
    pub scope: Vec<String>,
    /// The scope that the request named; `None` when it named none.
    pub asked_scope: Option<Vec<String>>,
    /// The `redirect_uri` of the request; `None` when the request had none.
    pub redirect_uri: Option<String>,
    /// PKCE S256 challenge (RFC 7636 4.2).
    pub code_challenge: Option<String>,
    /// Thumbprint of the key that the code is to be bound to (`dpop_jkt`, RFC 9449 10).
    #[serde(default)]
    pub dpop_jkt: Option<Thumbprint>,
    /// OpenID Connect `nonce`.
    pub nonce: Option<String>,
    /// When the user last proved who they are.
    pub auth_time: Timestamp,
    /// Whether `auth_time` must be in the id_token (`max_age`, or asked for as a claim).
    pub auth_time_requested: bool,
    /// Authentication context class reached.
    pub acr: Option<String>,
    /// Authentication methods used (RFC 8176).
    pub amr: Vec<String>,
    /// The `claims` parameter as it was sent (OIDC Core 5.5).
    pub claims: Option<String>,
}

/// Which grants to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantSelector {
    /// One.
    Grant(GrantId),
    /// All a user gave.
    User(UserId),
    /// All a user gave to one client.
    UserAndClient(UserId, ClientKey),
    /// What was given in one session and is not redeemed yet; not counted in the answer.
    Session(SessionId),
}

/// Why a grant ended; travels in `oauth.authorization.revoked`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    /// The client called the revocation endpoint.
    Api,
    /// The account holder took it back.
    AccountHolder,
    /// The platform let the account go.
    Platform,
    /// An operator did.
    Operator,
    /// A code was used twice (RFC 9700 4.2.4).
    CodeReplayed,
    /// An old refresh token was used (RFC 9700 4.14.2).
    RefreshReused,
    /// The user was locked, deactivated, erased, or changed their password.
    UserChanged,
    /// The user withdrew consent.
    ConsentWithdrawn,
}

/// A grant in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantSummary {
    /// Its id.
    pub id: GrantId,
    /// To whom.
    pub client_id: String,
    /// The account that access was given to, where there is one.
    pub account: Option<AccountId>,
    /// For what.
    pub scope: Vec<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// When tokens were last issued for it.
    pub used_at: Timestamp,
}

/// The last use of a client's secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretUse {
    /// Names the secret, as in [`crate::ClientSecretDigest`].
    pub id: String,
    /// When.
    pub at: Timestamp,
}

/// What a verified `id_token_hint` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdTokenHint {
    /// Its `sub`.
    pub user: UserId,
    /// Its `aud`.
    pub client_id: String,
    /// Its `sid`, when it has one.
    pub session: Option<SessionId>,
}

/// Who asks about a token (RFC 7662 2.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IntrospectionCaller {
    /// An authenticated client.
    Client(ClientKey),
    /// The resource server of this audience, to which it came as a bearer token.
    Resource(String),
    /// The same, to which it came with the scheme `DPoP`.
    Dpop(String, DpopCall),
}

/// A call of a resource, as far as a proof speaks of it (RFC 9449 4.3 and 7.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DpopCall {
    /// The values of its `DPoP` headers.
    pub proofs: Vec<String>,
    /// Its method, in upper case.
    pub method: String,
    /// The addresses that it may have been sent to.
    pub uris: Vec<String>,
}

/// An introspection answer (RFC 7662 2.2).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Introspection {
    /// Unknown, expired, revoked, or none of the caller's business.
    Inactive,
    /// Live.
    Active {
        /// The grant it hangs from; `None` for a client's own token.
        grant: Option<GrantId>,
        /// Whose token.
        client_id: String,
        /// On whose behalf; the client's own id for a client's own token.
        sub: String,
        /// The user, when there is one.
        user: Option<UserId>,
        /// The session or flow of the widget in which it was approved; `None` where there was none.
        #[serde(default)]
        session: Option<SessionId>,
        /// For what.
        scope: Vec<String>,
        /// At which resource.
        aud: String,
        /// From when.
        iat: Timestamp,
        /// Until when.
        exp: Timestamp,
    },
    /// Live, but not in the hands of whoever showed it, as far as is proved: bound to a key, and shown
    /// as a bearer token or with a proof that is none; or the other way round. For resource servers.
    Unproven {
        /// What to answer (RFC 9449 7.1).
        error: ErrorCode,
        /// Why, for the client.
        why: String,
    },
}

/// A client says who it is, at an endpoint of another service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ClientProof {
    /// On the wire.
    pub client_id: String,
    /// How it says so.
    pub method: ClientAuthMethod,
    /// Its secret or what it signed, as sent; never logged.
    #[serde(serialize_with = "wire::optional_secret")]
    pub secret: Option<SecretString>,
    /// Where it came from, for counting failures.
    pub address: Option<IpAddr>,
}

/// It is not, or not now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientRefusal {
    /// Unknown client, wrong secret or signature, or not approved.
    #[error("client authentication failed")]
    Wrong,
    /// Too many failures; counted over every endpoint (C26).
    #[error("too many attempts")]
    Throttled {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// No answer now.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// A key is not proved, or not now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyRefusal {
    /// What is wrong with the proof, for who sent it.
    #[error("{0}")]
    Proof(String),
    /// No answer now.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// The owner of grants, codes and tokens.
#[async_trait]
pub trait Tokens: Send + Sync + 'static {
    /// The approved client behind a secret or a signature; failures count with those of the token
    /// endpoint.
    async fn authenticate_client(&self, tenant: TenantId, proof: ClientProof)
    -> Result<Arc<ClientView>, ClientRefusal>;
    /// The thumbprint of the key that a call proves (RFC 9449 4.3); the proof counts once.
    async fn prove_key(&self, tenant: TenantId, call: DpopCall) -> Result<String, KeyRefusal>;
    /// Opens a grant and answers its code, in the shape of the tenant's profile.
    async fn issue_code(&self, tenant: TenantId, request: IssueCode, meta: &Meta) -> Result<String, PortError>;
    /// Ends grants; answers how many were live. Durable before it answers.
    async fn revoke(
        &self,
        tenant: TenantId,
        which: GrantSelector,
        reason: RevokeReason,
        meta: &Meta,
    ) -> Result<u32, PortError>;
    /// The live grants a user gave.
    async fn grants_of(&self, tenant: TenantId, user: UserId) -> Result<Vec<GrantSummary>, PortError>;
    /// The live grants of an account, whoever gave them.
    async fn grants_of_account(&self, tenant: TenantId, account: AccountId) -> Result<Vec<GrantSummary>, PortError>;
    /// The live grants to a client, newest first.
    async fn grants_to(&self, tenant: TenantId, client_id: &str) -> Result<Vec<GrantSummary>, PortError>;
    /// When each of a client's secrets was last used, by its id, to within a minute.
    async fn secret_uses(&self, tenant: TenantId, client: ClientKey) -> Result<Vec<SecretUse>, PortError>;
    /// What a token is worth to this caller, as of now.
    async fn introspect(
        &self,
        tenant: TenantId,
        token: &str,
        caller: IntrospectionCaller,
    ) -> Result<Introspection, PortError>;
    /// Reads an `id_token_hint`: signature and issuer must be right, it may have expired
    /// (OIDC Core 3.1.2.1). `None` when it is not one of ours.
    async fn read_id_token_hint(&self, tenant: TenantId, hint: &str) -> Result<Option<IdTokenHint>, PortError>;
}
