//! The one policy function for every grant type and every use of a token.

use grantor_eventsourcing::Timestamp;
use serde::{Deserialize, Serialize};

/// What is about to be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Making a code.
    IssueCode,
    /// `grant_type=authorization_code`.
    AuthorizationCode,
    /// `grant_type=refresh_token`.
    RefreshToken,
    /// `grant_type=client_credentials`.
    ClientCredentials,
    /// `grant_type=password`.
    Password,
    /// An access or refresh token is shown: introspection, userinfo.
    Token,
}

impl Use {
    /// Every use, for the matrix.
    pub const ALL: [Self; 6] = [
        Self::IssueCode,
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::Password,
        Self::Token,
    ];
}

/// What is known of the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientStanding {
    /// The operator lets it act.
    pub approved: bool,
    /// It keeps a secret.
    pub confidential: bool,
    /// An operator lets it use the password grant.
    pub password_grant: bool,
}

/// What is known of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserStanding {
    /// They may act.
    Active,
    /// They may act, and have more than a password to prove who they are.
    SecondFactor,
    /// Not now.
    Locked,
    /// No more: deactivated or erased.
    Gone,
    /// The directory does not answer and our copy is old; the last that was known was good.
    Unheard,
}

/// Where the mass revocations of a tenant and of a user stood: counters, so that no clock fault
/// can bring back what was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Marks {
    /// The tenant's counter.
    #[serde(default)]
    pub tenant: u64,
    /// The user's counter; 0 where there is no user.
    #[serde(default)]
    pub user: u64,
}

/// What a grant or token has to be newer than.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NotBefore {
    /// Least marks: of the mass revocations that concern this user and client.
    pub marks: Marks,
    /// The directory's word: what was made before this instant is dead.
    pub instant: Option<Timestamp>,
}

/// All that the policy looks at.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    /// The tenant answers.
    pub tenant_active: bool,
    /// The client.
    pub client: ClientStanding,
    /// Too many failures were counted for whoever asks.
    pub locked_out: bool,
    /// The user, where there is one.
    pub user: Option<UserStanding>,
    /// When what is used was made, and where the marks stood then; `None` for something new.
    pub made: Option<(Timestamp, Marks)>,
    /// What it has to be newer than.
    pub not_before: NotBefore,
    /// The scope is within what the client may have now.
    pub scope_allowed: bool,
}

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denial {
    /// The tenant is suspended.
    #[error("the tenant is suspended")]
    Tenant,
    /// Too many failures.
    #[error("too many failures")]
    LockedOut,
    /// The client is not approved.
    #[error("the client is not approved")]
    Client,
    /// This grant type is not for public clients (RFC 6749 4.4, security.md C9).
    #[error("not for public clients")]
    PublicClient,
    /// Nobody let this client use the password grant (security.md C9).
    #[error("the password grant is not allowed for this client")]
    NotLetIn,
    /// A password is not enough for this user (security.md C9).
    #[error("the user has a second factor")]
    SecondFactor,
    /// Revoked with all others of its user, client or tenant.
    #[error("revoked")]
    Revoked,
    /// The user is locked.
    #[error("the user is locked")]
    UserLocked,
    /// The user is deactivated or erased, or there has to be one and is none.
    #[error("the user is gone")]
    UserGone,
    /// Nobody knows whether the user may act: try again.
    #[error("the user's status is not known")]
    UserUnheard,
    /// The client may not have this scope any more.
    #[error("the scope is not allowed")]
    Scope,
}

/// Whether something may be issued or used. The order is that of the answers: what says
/// something about the tenant and the client comes before what says something about the user.
pub fn permit(what: Use, standing: &Standing) -> Result<(), Denial> {
    let needs_user = matches!(what, Use::IssueCode | Use::AuthorizationCode | Use::RefreshToken | Use::Password);
    if !standing.tenant_active {
        return Err(Denial::Tenant);
    }
    // Whoever shows a token guesses nothing that was counted.
    if standing.locked_out && what != Use::Token {
        return Err(Denial::LockedOut);
    }
    if !standing.client.approved {
        return Err(Denial::Client);
    }
    if matches!(what, Use::ClientCredentials | Use::Password) && !standing.client.confidential {
        return Err(Denial::PublicClient);
    }
    if what == Use::Password && !standing.client.password_grant {
        return Err(Denial::NotLetIn);
    }
    if let Some((at, marks)) = standing.made {
        let least = standing.not_before.marks;
        let by_mark = marks.tenant < least.tenant || marks.user < least.user;
        if by_mark || standing.not_before.instant.is_some_and(|instant| at < instant) {
            return Err(Denial::Revoked);
        }
    }
    match standing.user {
        None if needs_user => return Err(Denial::UserGone),
        Some(UserStanding::Gone) => return Err(Denial::UserGone),
        Some(UserStanding::Locked) => return Err(Denial::UserLocked),
        // What lasts longest waits for an answer; the rest goes on (architecture, section 2).
        Some(UserStanding::Unheard) if matches!(what, Use::RefreshToken | Use::Password) => {
            return Err(Denial::UserUnheard);
        }
        Some(UserStanding::SecondFactor) if what == Use::Password => return Err(Denial::SecondFactor),
        None | Some(UserStanding::Active | UserStanding::SecondFactor | UserStanding::Unheard) => {}
    }
    if !standing.scope_allowed && what != Use::Token {
        return Err(Denial::Scope);
    }
    Ok(())
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
