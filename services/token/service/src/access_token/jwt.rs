//! The JWT of RFC 9068. Whoever checks it without asking us believes it until it expires, so
//! profiles may not let it live longer than an hour; we ourselves look at its grant.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use chrono::{DateTime, TimeDelta};
use grantor_eventsourcing::Timestamp;
use grantor_ids::{ClientKey, GrantId, UserId};
use grantor_jose::{Audience, PrivateKey, PublicKey, access_token as jose};
use grantor_oauth::{ScopeSet, Thumbprint};
use grantor_ports::{Entropy, EntropyExt, PortError};
use serde_json::{Map, Value, json};

use super::{Rowless, TokenClaims};

/// Private claims, for ourselves: the grant, the client inside Grantor, the tenant's mark, and how
/// many milliseconds a sandbox's own time was ahead of the wire's.
const GRANT: &str = "gnt";
const CLIENT: &str = "clk";
const MARK: &str = "mrk";
const AHEAD: &str = "ahd";
/// The key it is bound to (RFC 9449 6.1), for everybody.
const CONFIRMATION: &str = "cnf";

pub(super) fn mint(
    key: &PrivateKey,
    entropy: &dyn Entropy,
    issuer: &str,
    claims: &TokenClaims,
    ahead: TimeDelta,
) -> Result<String, PortError> {
    let mut more = Map::new();
    if let Some(grant) = claims.grant {
        more.insert(GRANT.to_owned(), grant.to_string().into());
    }
    more.insert(CLIENT.to_owned(), claims.client.to_string().into());
    more.insert(MARK.to_owned(), claims.tenant_mark.into());
    if !ahead.is_zero() {
        more.insert(AHEAD.to_owned(), ahead.num_milliseconds().into());
    }
    if let Some(key) = &claims.key {
        more.insert(CONFIRMATION.to_owned(), json!({ "jkt": key }));
    }
    let seconds = |at: Timestamp| (at - ahead).timestamp();
    let token = jose::AccessTokenJwt {
        iss: issuer.to_owned(),
        sub: claims.subject(),
        aud: Audience::One(claims.audience.clone()),
        exp: seconds(claims.expires_at),
        iat: seconds(claims.issued_at),
        jti: B64.encode(entropy.bytes::<16>()),
        client_id: claims.client_id.clone(),
        scope: (!claims.scope.is_empty()).then(|| claims.scope.to_string()),
        auth_time: claims.auth_time.map(seconds),
        more,
    };
    jose::sign(key, &token).map_err(|cause| {
        tracing::error!(%cause, "an access token could not be signed");
        PortError::Unavailable
    })
}

/// Whether a string says of itself that it is one; handles of some guides only look alike.
pub(super) fn looks_like_one(token: &str) -> bool {
    token.starts_with("eyJ") && jose::is_one(token)
}

/// What an access token of this issuer says; `None` for any other string.
pub(super) fn read(keys: &[Arc<PublicKey>], token: &str, issuer: &str) -> Option<Rowless> {
    let jwt = jose::verify_own(keys.iter().map(Arc::as_ref), token, issuer).ok()?;
    let Audience::One(audience) = jwt.aud else { return None };
    let text = |name: &str| jwt.more.get(name).and_then(Value::as_str);
    let grant = match text(GRANT) {
        Some(grant) => Some(grant.parse::<GrantId>().ok()?),
        None => None,
    };
    let ahead = TimeDelta::try_milliseconds(jwt.more.get(AHEAD).and_then(Value::as_i64).unwrap_or_default())?;
    let instant = |seconds: i64| DateTime::from_timestamp(seconds, 0)?.checked_add_signed(ahead);
    let claims = TokenClaims {
        grant,
        client: text(CLIENT)?.parse::<ClientKey>().ok()?,
        user: if jwt.sub == jwt.client_id { None } else { Some(jwt.sub.parse::<UserId>().ok()?) },
        client_id: jwt.client_id,
        scope: ScopeSet::from_spaced(jwt.scope.as_deref().unwrap_or_default()).ok()?,
        audience,
        issued_at: instant(jwt.iat)?,
        expires_at: instant(jwt.exp)?,
        auth_time: None,
        key: match jwt.more.get(CONFIRMATION) {
            // A confirmation that cannot be read confirms nobody.
            Some(confirmation) => Some(Thumbprint::parse(confirmation.get("jkt")?.as_str()?).ok()?),
            None => None,
        },
        tenant_mark: jwt.more.get(MARK).and_then(Value::as_u64)?,
    };
    Some(Rowless { id: B64.decode(&jwt.jti).ok()?.try_into().ok()?, claims })
}
