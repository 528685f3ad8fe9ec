//! The route table of a tenant.

use serde::Serialize;

use crate::{Profile, UsersHost};

/// A protocol endpoint or page with a path of the profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpoint {
    /// RFC 6749 3.1.
    Authorize,
    /// RFC 9126 2.
    PushedAuthorization,
    /// RFC 6749 3.2.
    Token,
    /// RFC 7009 and the guide's own revocation.
    Revoke,
    /// RFC 7662.
    Introspect,
    /// OpenID Connect Core 5.3.
    Userinfo,
    /// The key set.
    Jwks,
    /// The log-out page.
    EndSession,
    /// The page where developers register a client.
    CreateClient,
    /// The JSON start of a flow (widget link).
    FlowStart,
    /// The same for flows whose access is ongoing.
    FlowStartOngoing,
    /// The directory API for clients.
    Users,
    /// A client's own settings.
    ClientConfiguration,
}

impl Endpoint {
    /// The member of `paths` that holds its path.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::PushedAuthorization => "pushed_authorization",
            Self::Token => "token",
            Self::Revoke => "revoke",
            Self::Introspect => "introspect",
            Self::Userinfo => "userinfo",
            Self::Jwks => "jwks",
            Self::EndSession => "end_session",
            Self::CreateClient => "create_client",
            Self::FlowStart => "flow_start",
            Self::FlowStartOngoing => "flow_start_ongoing",
            Self::Users => "users",
            Self::ClientConfiguration => "client_configuration",
        }
    }
}

/// One path of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route<'a> {
    /// What it serves.
    pub endpoint: Endpoint,
    /// The path below the tenant's base.
    pub path: &'a str,
    /// Whether documents show this one (false for aliases).
    pub canonical: bool,
}

impl Profile {
    /// Every path of the profile, aliases included. The well-known documents are not in it.
    pub fn routes(&self) -> impl Iterator<Item = Route<'_>> {
        let paths = &self.paths;
        let sets = [
            (Endpoint::Authorize, paths.authorize.as_ref()),
            (Endpoint::PushedAuthorization, paths.pushed_authorization.as_ref()),
            (Endpoint::Token, Some(&paths.token)),
            (Endpoint::Revoke, Some(&paths.revoke)),
            (Endpoint::Introspect, Some(&paths.introspect)),
            (Endpoint::Userinfo, Some(&paths.userinfo)),
            (Endpoint::Jwks, Some(&paths.jwks)),
            (Endpoint::EndSession, Some(&paths.end_session)),
            (Endpoint::CreateClient, Some(&paths.create_client)),
            (Endpoint::FlowStart, paths.flow_start.as_ref()),
            (Endpoint::FlowStartOngoing, paths.flow_start_ongoing.as_ref()),
        ];
        let route = |endpoint, path, canonical| Route { endpoint, path, canonical };
        let users = self.users_api.iter().flat_map(move |api| {
            let aliases = api.aliases.iter().map(move |path| route(Endpoint::Users, path.as_str(), false));
            let configuration = api.configuration.iter().flat_map(move |set| {
                set.all().map(move |path| route(Endpoint::ClientConfiguration, path, path == set.path))
            });
            std::iter::once(route(Endpoint::Users, api.path.as_str(), true)).chain(aliases).chain(configuration)
        });
        let named = sets.into_iter().flat_map(|(endpoint, set)| {
            let all = set.into_iter().flat_map(|set| set.all().map(|path| (path, path == set.path)));
            all.map(move |(path, canonical)| Route { endpoint, path, canonical })
        });
        named.chain(users)
    }

    /// On which of the tenant's hosts clients manage users (knob 1).
    pub fn users_host(&self) -> UsersHost {
        self.users_api.as_ref().map(|api| api.host).unwrap_or_default()
    }

    /// What a path serves.
    pub fn endpoint_at(&self, path: &str) -> Option<Endpoint> {
        self.routes().find(|route| route.path == path).map(|route| route.endpoint)
    }

    /// The path that documents show for an endpoint.
    pub fn path_of(&self, endpoint: Endpoint) -> Option<&str> {
        self.routes().find(|route| route.endpoint == endpoint && route.canonical).map(|route| route.path)
    }
}
