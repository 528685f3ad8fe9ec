//! One command, one file: load, decide, append, answer.

mod client_credentials;
mod exchange_code;
mod expire_grants;
mod inspect_token;
mod issue_code;
mod refresh;
mod revoke_grants;
mod revoke_token;
mod rotate_signing_key;

use std::sync::Arc;

use grantor_eventsourcing::{Meta, Timestamp};
use grantor_oauth::ScopeSet;
use grantor_ports::{ClientView, TenantView};

pub(crate) use exchange_code::CodeRequest;
pub(crate) use inspect_token::{Inspected, Visible};
pub(crate) use issue_code::claims_context;

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
}

impl Caller {
    fn access_ttl(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::seconds(i64::from(self.tenant.profile.access_tokens.ttl_seconds))
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
    pub refresh_token: Option<String>,
    pub id_token: Option<String>,
}
