use grantor_oauth::GrantType;
use grantor_pages::{EndpointName, OAuthReference, ScopeLine};
use grantor_profile::{Endpoint, RefreshIssue};
use grantor_web::{Call, page};

use super::{examples::Examples, open_frame};
use crate::{
    Registry,
    http::{Outcome, lang, locale},
};

/// `GET /developers/oauth`: endpoints, scopes, lifetimes.
pub(in crate::http) async fn show(registry: &Registry, call: &Call) -> Outcome {
    let (frame, _) = open_frame(registry, call).await?;
    let profile = &call.tenant.profile;
    let examples = Examples::of(call, None, None);
    let named = [
        (EndpointName::Authorize, Endpoint::Authorize),
        (EndpointName::PushedAuthorization, Endpoint::PushedAuthorization),
        (EndpointName::FlowStart, Endpoint::FlowStart),
        (EndpointName::Token, Endpoint::Token),
        (EndpointName::Revoke, Endpoint::Revoke),
        (EndpointName::Introspect, Endpoint::Introspect),
        (EndpointName::Userinfo, Endpoint::Userinfo),
        (EndpointName::Jwks, Endpoint::Jwks),
    ];
    let known = named.into_iter().filter(|(name, _)| *name != EndpointName::Userinfo || profile.oidc.enabled);
    let mut endpoints: Vec<_> =
        known.filter_map(|(name, endpoint)| Some((name, examples.address(endpoint)?))).collect();
    let issuer = call.tenant.issuer.clone();
    endpoints.push((EndpointName::Metadata, metadata(&issuer)));
    endpoints.push((EndpointName::Api, call.tenant.api.clone()));
    let code = profile.token_request.grants.contains(&GrantType::AuthorizationCode);
    let refreshes = profile.refresh_tokens.issue != RefreshIssue::Never;
    let scope = |entry: &grantor_profile::ScopeEntry| ScopeLine {
        name: entry.name.clone(),
        description: entry.description.get(locale(lang(call))).to_owned(),
    };
    let model = OAuthReference {
        frame,
        issuer,
        endpoints,
        grants: profile.token_request.grants.iter().map(|grant| grant.as_str().to_owned()).collect(),
        client_auth: profile.token_request.client_auth.iter().map(|method| method.as_str().to_owned()).collect(),
        scopes: profile.scopes.catalogue.iter().map(scope).collect(),
        code_seconds: code.then_some(profile.codes.ttl_seconds),
        access_seconds: profile.access_tokens.ttl_seconds,
        refresh_seconds: refreshes.then_some(profile.refresh_tokens.idle_seconds),
    };
    Ok(page(200, &model))
}

/// RFC 8414 3.1: the well-known part comes between host and path.
fn metadata(issuer: &str) -> String {
    const WELL_KNOWN: &str = "/.well-known/oauth-authorization-server";
    let host = issuer.find("://").and_then(|at| issuer[at + 3..].find('/').map(|slash| at + 3 + slash));
    match host {
        Some(end) => format!("{}{WELL_KNOWN}{}", &issuer[..end], issuer[end..].trim_end_matches('/')),
        None => format!("{issuer}{WELL_KNOWN}"),
    }
}
