//! `GET` of the key set (RFC 7517 5).

use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_jose::{Alg, JwkSet};
use grantor_profile::{AccessTokenFormat, Profile};
use grantor_web::{Answer, Call};

use crate::{Token, refused::Refused, signing::MAX_AGE};

pub(super) async fn get(token: Arc<Token>, call: Call) -> Answer {
    let algs = algs(&call.tenant.profile);
    match token.signing.published(call.tenant.id, &algs, &call.meta(Actor::System)).await {
        Ok(keys) => {
            let cache = format!("public, max-age={MAX_AGE}");
            Answer::json(200, &JwkSet { keys }).header("cache-control", &cache)
        }
        Err(_) => Refused::Unavailable.answer(&call.tenant.profile),
    }
}

/// The algorithms the tenant signs with.
fn algs(profile: &Profile) -> Vec<Alg> {
    let jwt = matches!(profile.access_tokens.format, AccessTokenFormat::Jwt {});
    if !profile.oidc.enabled && !jwt {
        return Vec::new();
    }
    profile.oidc.signing_algs.iter().filter_map(|alg| alg.as_str().parse().ok()).collect()
}
