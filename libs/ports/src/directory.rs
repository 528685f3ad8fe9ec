use std::net::IpAddr;

use async_trait::async_trait;
use grantor_eventsourcing::{Meta, Timestamp, Version};
use grantor_ids::{TenantId, UserId};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    AccountView, AdminError, FinishReset, FinishResetRefusal, PortError, Reset, ResetRefusal, ResetTicket, wire,
};

/// Claims by name (OIDC Core 5.1), and the tenant's own such as `plan`.
pub type Claims = serde_json::Map<String, serde_json::Value>;

/// Somebody says who they are.
#[derive(Debug, Serialize, Deserialize)]
pub struct PasswordAttempt {
    /// E-mail address or user name, as typed.
    pub username: String,
    /// As typed; never logged.
    #[serde(serialize_with = "wire::secret")]
    pub password: SecretString,
    /// Where it came from, for counting failures.
    pub address: Option<IpAddr>,
}

/// They are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Who.
    pub user: UserId,
    /// How (RFC 8176).
    pub amr: Vec<String>,
}

/// They are not, or not now. Unknown user and wrong password are one and the same (C24).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LoginRefusal {
    /// Unknown user, wrong password, deactivated user.
    #[error("wrong user name or password")]
    Wrong,
    /// The password is right, and the user is not verified. Said only to programs of clients that
    /// have authenticated; a page answers as for `Wrong`.
    #[error("the user is not verified")]
    Unverified,
    /// The password is right, and the user is locked. Said as `Unverified` is.
    #[error("the user is locked")]
    Locked,
    /// Too many failures; counted in the database over every grant and page (C26).
    #[error("too many attempts")]
    Throttled {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// No answer now.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Somebody new.
#[derive(Debug, Serialize, Deserialize)]
pub struct SignUp {
    /// Where the code goes.
    pub email: String,
    /// As typed; never logged.
    #[serde(serialize_with = "wire::secret")]
    pub password: SecretString,
    /// `name` claim.
    pub name: Option<String>,
    /// `locale` claim and the mail's language, such as `de`.
    pub locale: Option<String>,
    /// Where it came from, for counting.
    pub address: Option<IpAddr>,
}

/// Names a sign-up that waits for its code. Every address gets one (C24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUpTicket(pub String);

/// Why a sign-up did not start.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUpRefusal {
    /// Not an e-mail address.
    #[error("not an e-mail address")]
    Email,
    /// Too short, too long, or too well known.
    #[error("password not acceptable")]
    Password,
    /// The name is too long or has control characters.
    #[error("name not acceptable")]
    Name,
    /// Too many from this address.
    #[error("too many attempts")]
    Throttled {
        /// Seconds to wait.
        retry_after: u32,
    },
    /// No answer now.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Why a code was not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifyRefusal {
    /// Wrong code; tries are left.
    #[error("wrong code")]
    Wrong,
    /// Unknown, used or expired ticket, or no tries left: start again.
    #[error("expired")]
    Expired,
    /// No answer now.
    #[error(transparent)]
    Port(#[from] PortError),
}

/// Whether a user may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    /// Yes.
    Active,
    /// Not until unlocked.
    Locked,
    /// No more.
    Deactivated,
    /// Gone.
    Erased,
}

/// A user as the other services see it: no personal datum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserStatus {
    /// Who.
    pub user: UserId,
    /// Whether they may act.
    pub state: UserState,
    /// Grants and sessions from before this instant are dead (password change, lock, …).
    pub not_before: Option<Timestamp>,
    /// Version of the stream this status shows.
    pub version: Version,
}

/// A user for a page that they themselves look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// Their name, or else their address.
    pub display_name: String,
    /// Their address.
    pub email: Option<String>,
}

/// What a person told of themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalDetails {
    /// Standard claims (OIDC Core 5.1).
    pub claims: Claims,
    /// The tenant's own attributes.
    pub attributes: Claims,
}

/// Somebody is asked to join a tenant's own staff.
#[derive(Debug, Serialize, Deserialize)]
pub struct Invitation {
    /// Where the code goes.
    pub email: String,
    /// What they join with; never logged.
    #[serde(serialize_with = "wire::secret")]
    pub code: SecretString,
    /// The mail's language, such as `de`.
    pub locale: String,
}

/// The owner of users and passwords.
#[async_trait]
pub trait Directory: Send + Sync + 'static {
    /// Checks a password. Same answer and time for an unknown user and a wrong password.
    async fn check_password(
        &self,
        tenant: TenantId,
        attempt: PasswordAttempt,
        meta: &Meta,
    ) -> Result<Login, LoginRefusal>;
    /// Starts a sign-up: a new address gets a code by mail, a known one a notice.
    async fn begin_sign_up(
        &self,
        tenant: TenantId,
        sign_up: SignUp,
        meta: &Meta,
    ) -> Result<SignUpTicket, SignUpRefusal>;
    /// Sends the code again, at most a few times.
    async fn resend_code(&self, tenant: TenantId, ticket: &SignUpTicket) -> Result<(), VerifyRefusal>;
    /// Ends a sign-up: the user exists from here on, with a verified address.
    async fn finish_sign_up(
        &self,
        tenant: TenantId,
        ticket: &SignUpTicket,
        code: &str,
        meta: &Meta,
    ) -> Result<Login, VerifyRefusal>;
    /// Starts a reset of a forgotten password. Every address has the same answer after the same
    /// work; that of a user who may log in gets a code by mail, any other a notice.
    async fn begin_reset(&self, tenant: TenantId, reset: Reset, meta: &Meta) -> Result<ResetTicket, ResetRefusal>;
    /// Sends the mail of a reset again, at most a few times.
    async fn resend_reset(&self, tenant: TenantId, ticket: &ResetTicket) -> Result<(), VerifyRefusal>;
    /// Ends a reset: the password is the new one, and what was granted before is dead (C11).
    /// Nobody is logged in by it.
    async fn finish_reset(&self, tenant: TenantId, reset: FinishReset, meta: &Meta) -> Result<(), FinishResetRefusal>;
    /// All claims of a user; `None` when there is no such user or they were erased.
    async fn claims(&self, tenant: TenantId, user: UserId) -> Result<Option<Claims>, PortError>;
    /// Adds what a signed-in user told of themselves.
    async fn tell(
        &self,
        tenant: TenantId,
        user: UserId,
        details: PersonalDetails,
        meta: &Meta,
    ) -> Result<(), AdminError>;
    /// Sends somebody the code of an invitation.
    async fn invite(&self, tenant: TenantId, invitation: Invitation, meta: &Meta) -> Result<(), AdminError>;
    /// For greeting a signed-in user; `None` as for `claims`.
    async fn person(&self, tenant: TenantId, user: UserId) -> Result<Option<Person>, PortError>;
    /// Whether a user may act; `None` when there is no such user.
    async fn status(&self, tenant: TenantId, user: UserId) -> Result<Option<UserStatus>, PortError>;
    /// The accounts that a user may act for; their own, which is opened at first need, comes
    /// first.
    async fn accounts_of(&self, tenant: TenantId, user: UserId, meta: &Meta) -> Result<Vec<AccountView>, PortError>;
}
