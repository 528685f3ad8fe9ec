//! The link to the widget (FN-11).

use grantor_crypto::{MacKey, constant_time_eq};
use grantor_ids::{FlowId, TenantId};
use grantor_jose::link_token::{self, LinkToken};
use grantor_ports::{AuthorityRole, PortError, TenantView};
use uuid::Uuid;

use crate::Authorization;

/// Names the tenant's key for links.
const LABEL: &str = "flow link";

/// Where the widget is, up to its query: on a host of its own, or below the tenant's path.
fn widget_address(tenant: &TenantView) -> String {
    let scheme = tenant.issuer.split("://").next().unwrap_or("https");
    match tenant.authorities.iter().find(|entry| entry.role == AuthorityRole::Widget) {
        Some(entry) => format!("{scheme}://{}/", entry.authority),
        None => format!("{}/widget", tenant.issuer.trim_end_matches('/')),
    }
}

/// Of this tenant's widget, and of nothing else.
fn audience(tenant: TenantId) -> String {
    format!("urn:grantor:widget:{}", tenant.uuid())
}

fn kid(key: &MacKey) -> String {
    key.hmac_sha256(b"kid")[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Authorization {
    /// The address that leads a browser to a flow, once.
    pub(crate) async fn flow_link(&self, tenant: &TenantView, id: FlowId, seconds: u32) -> Result<String, PortError> {
        let key = self.keys.mac_key(tenant.id, LABEL).await?;
        let now = self.clock.now(tenant.id).timestamp();
        let claims =
            LinkToken { aud: audience(tenant.id), sub: id.uuid().to_string(), iat: now, exp: now + i64::from(seconds) };
        let token = link_token::sign(&kid(&key), &claims, |message| key.hmac_sha256(message));
        Ok(format!("{}?token={token}", widget_address(tenant)))
    }

    /// The flow that a link leads to, while the link counts.
    pub(crate) async fn read_link(&self, tenant: TenantId, token: &str) -> Result<Option<FlowId>, PortError> {
        let now = self.clock.now(tenant).timestamp();
        Ok(self.genuine_link(tenant, token).await?.filter(|(_, ends)| now < *ends).map(|(flow, _)| flow))
    }

    /// The flow that a link of ours led to, whenever that was, and until when it did.
    pub(crate) async fn genuine_link(&self, tenant: TenantId, token: &str) -> Result<Option<(FlowId, i64)>, PortError> {
        let key = self.keys.mac_key(tenant, LABEL).await?;
        let same = |a: &[u8], b: &[u8]| constant_time_eq(a, b);
        let mac = |message: &[u8]| key.hmac_sha256(message);
        let claims = link_token::verify(&kid(&key), &audience(tenant), token, mac, same);
        Ok(claims.and_then(|claims| Some((FlowId::from_uuid(Uuid::try_parse(&claims.sub).ok()?), claims.exp))))
    }
}
