//! One endpoint, one file: parse, call one command, render.

mod introspect;
mod jwks;
mod metadata;
mod platform;
mod revoke;
mod token;
mod userinfo;

use std::sync::Arc;

use grantor_eventsourcing::Actor;
use grantor_oauth::ClientCredentials;
use grantor_profile::Endpoint;
use grantor_web::{Answer, Call, CorsClass, Handler, Method, PathSpec, Route, handler, incoming};

use crate::{NAME, Token, commands::Caller, refused::Refused};

/// Every endpoint of the service.
pub(crate) fn routes(token: &Arc<Token>) -> Vec<Route> {
    const GET: &[Method] = &[Method::GET];
    const POST: &[Method] = &[Method::POST];
    const DELETE: &[Method] = &[Method::DELETE];
    const BOTH: &[Method] = &[Method::GET, Method::POST];
    let route = |name, methods, at, handler| Route::new(NAME, name, methods, at, handler);
    let profile = PathSpec::Profile;
    vec![
        route("token", POST, profile(Endpoint::Token), on(token, token::post)).cors(CorsClass::Token),
        route("revoke", POST, profile(Endpoint::Revoke), on(token, revoke::post)).cors(CorsClass::Token),
        route("introspect", POST, profile(Endpoint::Introspect), on(token, introspect::post)),
        route("userinfo", BOTH, profile(Endpoint::Userinfo), on(token, userinfo::answer)).cors(CorsClass::Token),
        route(
            "platform_accounts",
            GET,
            PathSpec::Pattern("/platforms/{client_id}/accounts"),
            on(token, platform::accounts),
        ),
        route(
            "platform_account",
            DELETE,
            PathSpec::Pattern("/platforms/{client_id}/accounts/{account}"),
            on(token, platform::disconnect),
        ),
        route("jwks", GET, profile(Endpoint::Jwks), on(token, jwks::get)).cors(CorsClass::Metadata),
        route(
            "openid_configuration",
            GET,
            PathSpec::Fixed("/.well-known/openid-configuration"),
            on(token, metadata::openid),
        )
        .cors(CorsClass::Metadata),
        route(
            "oauth_authorization_server",
            GET,
            PathSpec::Fixed("/.well-known/oauth-authorization-server"),
            on(token, metadata::oauth),
        )
        .cors(CorsClass::Metadata),
    ]
}

fn on<F, A>(token: &Arc<Token>, function: F) -> Handler
where
    F: Fn(Arc<Token>, Call) -> A + Copy + Send + Sync + 'static,
    A: Future<Output = Answer> + Send + 'static,
{
    let token = Arc::clone(token);
    handler(move |call| function(Arc::clone(&token), call))
}

impl Token {
    /// Authenticates the client of a call.
    async fn caller(&self, call: &Call, credentials: &ClientCredentials) -> Result<Caller, Refused> {
        let client = self.authenticate(&call.tenant, call.peer, credentials).await?;
        let meta = call.meta(Actor::Client(client.key));
        let (tenant, now) = (Arc::clone(&call.tenant), self.clock.now(call.tenant.id));
        Ok(Caller { tenant, now, client, meta, proven: None })
    }
}
