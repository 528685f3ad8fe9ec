use async_trait::async_trait;
use grantor_eventsourcing::Timestamp;
use grantor_ids::{SessionId, TenantId, UserId};
use serde::{Deserialize, Serialize};

use crate::PortError;

/// A live browser session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionView {
    /// Its id.
    pub id: SessionId,
    /// Who is signed in.
    pub user: UserId,
    /// When they last proved it.
    pub auth_time: Timestamp,
    /// Bound to the session; every form posted within it carries it.
    pub csrf: String,
}

/// `__Host-grantor-<tag>` on https; without the prefix on http, which exists on loopback only.
/// The tag is the end of the tenant's id, its random part: cookies ignore ports.
pub fn session_cookie_name(tenant: TenantId, https: bool) -> String {
    let id = tenant.uuid().simple().to_string();
    let prefix = if https { "__Host-" } else { "" };
    format!("{prefix}grantor-{}", &id[id.len() - 12..])
}

/// Who owns this session.
#[async_trait]
pub trait Sessions: Send + Sync + 'static {
    /// The session behind the value of the tenant's session cookie, if it is live.
    async fn session(&self, tenant: TenantId, cookie: &str) -> Result<Option<SessionView>, PortError>;
    /// The name of the tenant's session cookie on an https or (loopback) http origin (C25).
    fn cookie_name(&self, tenant: TenantId, https: bool) -> String {
        session_cookie_name(tenant, https)
    }
}
