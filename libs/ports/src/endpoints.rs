use std::net::IpAddr;

use async_trait::async_trait;
use grantor_ids::TenantId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AuthorityRole, PortError};

/// A request to an endpoint of a tenant, made by one of the tenant's own pages. It may carry what a
/// visitor typed, so it does not print.
#[derive(Clone, Serialize, Deserialize)]
pub struct EndpointCall {
    /// What stands before the tenant's paths where it is visited; empty on a host of its own.
    pub base: String,
    /// On which of the tenant's hosts.
    pub role: AuthorityRole,
    /// Its method.
    pub method: String,
    /// Its path without the base, and its query.
    pub path: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// The visitor's address: every limit counts as if they had called themselves.
    pub peer: Option<IpAddr>,
    /// Whether the visitor's connection is encrypted.
    pub https: bool,
    /// Joins the events and log lines of the visit.
    pub id: Uuid,
}

impl std::fmt::Debug for EndpointCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EndpointCall(..)")
    }
}

/// What an endpoint answered; it may hold a token, so it does not print.
#[derive(Clone, Serialize, Deserialize)]
pub struct EndpointAnswer {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for EndpointAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EndpointAnswer(..)")
    }
}

/// The tenants' endpoints of a process.
#[async_trait]
pub trait Endpoints: Send + Sync + 'static {
    /// Calls one; `None` when the process serves none at this path, and then nothing was done.
    async fn call(&self, tenant: TenantId, call: EndpointCall) -> Result<Option<EndpointAnswer>, PortError>;
}
