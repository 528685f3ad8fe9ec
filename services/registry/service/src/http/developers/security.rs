use grantor_oauth::GrantType;
use grantor_pages::SecurityGuide;
use grantor_profile::{Dpop, Endpoint, PkceRule, RefreshIssue, Rotation};
use grantor_web::{Call, page};

use super::{examples::Examples, open_frame};
use crate::{Registry, http::Outcome};

/// `GET /developers/security`: what a client has to take care of, with this tenant's numbers.
pub(in crate::http) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let (frame, _) = open_frame(registry, call).await?;
    let profile = &call.tenant.profile;
    let code = profile.token_request.grants.contains(&GrantType::AuthorizationCode);
    let refreshes = profile.refresh_tokens.issue != RefreshIssue::Never;
    let model = SecurityGuide {
        frame,
        links: profile.paths.authorize.is_some(),
        pkce_required: profile.authorize.pkce == PkceRule::Required,
        code_seconds: code.then_some(profile.codes.ttl_seconds),
        access_seconds: profile.access_tokens.ttl_seconds,
        refresh_rotates: refreshes.then(|| profile.refresh_tokens.rotation != Rotation::Off),
        proofs_required: match profile.access_tokens.dpop {
            Dpop::Off => None,
            spoken => Some(spoken == Dpop::Required),
        },
        revoke_url: Examples::of(call, None, None).address(Endpoint::Revoke).unwrap_or_default(),
    };
    Ok(page(200, &model))
}
