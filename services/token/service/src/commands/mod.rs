//! One command, one file: load, decide, append, answer.

mod client_credentials;
mod disconnect_account;
mod exchange_code;
mod expire_grants;
mod inspect_token;
mod issue_code;
mod live_grants;
mod password;
mod refresh;
mod reuse;
mod revoke_grants;
mod revoke_token;
mod rotate_signing_key;

use std::sync::Arc;

use chrono::TimeDelta;
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::AccountId;
use grantor_oauth::{ScopeSet, Thumbprint};
use grantor_ports::{ClientView, TenantView};
use grantor_profile::Lifetimes;
use grantor_store::RowChange;

use crate::dpop::Proven;

pub(crate) use exchange_code::CodeRequest;
pub(crate) use expire_grants::EXPIRE;
pub(crate) use inspect_token::{Inspected, Visible};
pub(crate) use issue_code::claims_context;
pub(crate) use password::PasswordRequest;

/// Row kind: SHA-256 of a code → its grant.
const CODE: &str = "code";
/// Row kind: id of a browser session that was signed out of → nothing; codes of it are worth
/// nothing (C6).
const ENDED_SESSION: &str = "ended_session";
/// How often a lost race is tried again, each in a new transaction.
const TRIES: u32 = 3;

/// The client that authenticated, and the circumstances.
pub(crate) struct Caller {
    pub tenant: Arc<TenantView>,
    pub client: Arc<ClientView>,
    /// By the tenant's clock.
    pub now: Timestamp,
    pub meta: Meta,
    /// The key that the request proves; tokens are bound to it.
    pub proven: Option<Proven>,
}

impl Caller {
    /// The key that new tokens are bound to.
    fn key(&self) -> Option<Thumbprint> {
        self.proven.as_ref().map(|proven| proven.key.clone())
    }

    /// What makes the proof count once; belongs to the commit that issues.
    fn proof_row(&self) -> Option<RowChange> {
        self.proven.as_ref().map(|proven| proven.row(self.tenant.id))
    }

    /// When a user's access token ends that is made now.
    fn user_token_end(&self) -> Timestamp {
        end_of(self.now, lifetimes(&self.tenant, &self.client).user_access)
    }

    /// When the client's own access token ends that is made now.
    fn client_token_end(&self) -> Timestamp {
        end_of(self.now, lifetimes(&self.tenant, &self.client).client_access)
    }
}

/// What was issued.
pub(crate) struct Issued {
    pub access_token: String,
    pub issued_at: Timestamp,
    pub expires_at: Timestamp,
    pub scope: ScopeSet,
    /// What was asked for, where the request named it.
    pub asked: Option<ScopeSet>,
    /// The account that access was given to, where there is one.
    pub account: Option<AccountId>,
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
    /// Whether the access token is bound to a key.
    pub bound: bool,
}

/// The lifetimes of a client's access tokens: its own, or else the tenant's. That of refresh
/// tokens is absent where the tenant's two bounds hold.
fn lifetimes(tenant: &TenantView, client: &ClientView) -> Lifetimes {
    let ttl = Some(tenant.profile.access_tokens.ttl_seconds);
    client.lifetimes.or(Lifetimes { user_access: ttl, client_access: ttl, refresh: None })
}

/// So many seconds from an instant; 0 is never.
fn end_of(from: Timestamp, seconds: Option<u32>) -> Timestamp {
    match seconds {
        None | Some(0) => Timestamp::MAX_UTC,
        Some(seconds) => from + TimeDelta::seconds(i64::from(seconds)),
    }
}

/// For how long a refresh token may be unused, and how old a family may get; `None` is for ever.
fn refresh_bounds(tenant: &TenantView, client: Option<&ClientView>) -> (Option<TimeDelta>, Option<TimeDelta>) {
    let (knobs, seconds) = (&tenant.profile.refresh_tokens, |seconds: u32| TimeDelta::seconds(i64::from(seconds)));
    match client.and_then(|client| client.lifetimes.refresh) {
        Some(0) => (None, None),
        Some(own) => (Some(seconds(own)), knobs.absolute_seconds.map(seconds)),
        None => (knobs.idle_seconds.map(seconds), knobs.absolute_seconds.map(seconds)),
    }
}
