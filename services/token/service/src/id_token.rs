//! ID tokens (OpenID Connect Core 2).

use std::sync::Arc;

use chrono::TimeDelta;
use grantor_eventsourcing::{Meta, Timestamp};
use grantor_ids::TenantId;
use grantor_jose::{Alg, PrivateKey, id_token};
use grantor_ports::{Claims, ClientView, PortError, TenantView};
use grantor_profile::{ClaimWanted, Profile};
use grantor_token_domain::grant::Approval;

use crate::Token;

/// Claims that the protocol itself sets: no directory can.
const RESERVED: [&str; 14] =
    ["iss", "sub", "aud", "exp", "iat", "nbf", "jti", "auth_time", "nonce", "acr", "amr", "azp", "at_hash", "sid"];

/// What an ID token is made from.
pub(crate) struct IdTokenParts<'a> {
    pub tenant: &'a TenantView,
    pub client_id: &'a str,
    pub approval: &'a Approval,
    pub nonce: Option<String>,
    /// Directory claims that were asked for in it.
    pub more: Claims,
    pub access_token: &'a str,
    /// Now, and when the person logged in, as the wire says it.
    pub now: Timestamp,
    pub auth_time: Timestamp,
}

impl IdTokenParts<'_> {
    /// Signs it.
    pub fn sign(self, key: &PrivateKey) -> Result<String, PortError> {
        let (approval, oidc) = (self.approval, &self.tenant.profile.oidc);
        let lifetime = i64::from(oidc.id_token_ttl_seconds);
        let subject = approval.user.to_string();
        let mut token =
            id_token::IdToken::new(&self.tenant.issuer, &subject, self.client_id, self.now.timestamp(), lifetime)
                .with_access_token(key.alg(), self.access_token);
        token.auth_time = Some(self.auth_time.timestamp());
        token.nonce = self.nonce;
        token.acr.clone_from(&approval.acr);
        token.amr.clone_from(&approval.amr);
        token.sid = approval.session.map(|session| session.to_string());
        token.more = self.more;
        id_token::sign(key, &token).map_err(|cause| {
            tracing::error!(%cause, "an ID token could not be signed");
            PortError::Unavailable
        })
    }
}

/// The claims of a user that were asked for, as far as they are there and satisfy the demand.
pub(crate) fn choose(claims: &Claims, wanted: &[ClaimWanted]) -> Claims {
    let fits = |wanted: &&ClaimWanted| !RESERVED.contains(&wanted.name.as_str());
    let find = |wanted: &ClaimWanted| {
        let value = claims.get(&wanted.name).filter(|value| !value.is_null() && wanted.demand.accepts(value))?;
        Some((wanted.name.clone(), value.clone()))
    };
    wanted.iter().filter(fits).filter_map(find).collect()
}

/// Puts the one instant among a user's claims (Core 5.1) on the wire's clock, which a sandbox's
/// own time is ahead of.
pub(crate) fn on_the_wire(claims: &mut Claims, ahead: TimeDelta) {
    if let Some(updated_at) = claims.get_mut("updated_at")
        && let Some(seconds) = updated_at.as_i64()
    {
        *updated_at = seconds.saturating_sub(ahead.num_seconds()).into();
    }
}

/// The algorithm of a client's ID tokens: its own choice, if the tenant offers it.
pub(crate) fn alg_of(profile: &Profile, client: &ClientView) -> Alg {
    let offered: Vec<Alg> = profile.oidc.signing_algs.iter().filter_map(|alg| alg.as_str().parse().ok()).collect();
    let own = client.id_token_alg.as_deref().and_then(|name| name.parse().ok()).filter(|alg| offered.contains(alg));
    own.or_else(|| offered.first().copied()).unwrap_or(Alg::RS256)
}

impl Token {
    /// The key that signs a client's ID tokens; made at first need.
    pub(crate) async fn signer(
        &self,
        tenant: &TenantView,
        client: &ClientView,
        meta: &Meta,
    ) -> Result<Arc<PrivateKey>, PortError> {
        self.signer_of(tenant.id, alg_of(&tenant.profile, client), meta).await
    }

    async fn signer_of(&self, tenant: TenantId, alg: Alg, meta: &Meta) -> Result<Arc<PrivateKey>, PortError> {
        self.signing.signer(tenant, alg, meta).await
    }
}
