//! Hosts and paths: knobs 1 to 4.

use serde::{Deserialize, Serialize};

/// Knob 1: which hosts a tenant has beside its identity host, which is the issuer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hosts {
    /// Where the tenant's API lives.
    pub api: ApiHost,
    /// Whether a widget host exists (framed or top-level flow pages).
    pub widget: bool,
}

/// Knob 1: identity host and API host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApiHost {
    /// The API has an authority of its own.
    Split,
    /// The API shares the issuer's authority.
    Issuer,
}

/// A path and other paths that serve the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PathSet {
    /// The path that documents show; begins with `/`.
    pub path: String,
    /// Others that are served alike, never by a redirect (that would lose a query or a body).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
}

impl PathSet {
    /// The path and its aliases.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.path.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
}

/// The tenant's paths. The RFCs' endpoints exist for every tenant beside its guide's own;
/// the two well-known documents have fixed paths and are not listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// Knob 2: authorize; absent where no flow starts there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize: Option<PathSet>,
    /// Knob 2: where clients push their authorization requests (RFC 9126); absent where none are taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed_authorization: Option<PathSet>,
    /// Knob 3: token.
    pub token: PathSet,
    /// Knob 4: revoke.
    pub revoke: PathSet,
    /// Introspection (RFC 7662).
    pub introspect: PathSet,
    /// OpenID Connect Core 5.3.
    pub userinfo: PathSet,
    /// The key set.
    pub jwks: PathSet,
    /// Log-out page (OpenID Connect RP-Initiated Logout).
    pub end_session: PathSet,
    /// The page where developers register a client.
    pub create_client: PathSet,
    /// Knob 2: where a flow is started by a JSON request instead of a link (widget link).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_start: Option<PathSet>,
    /// Knob 2: the same for flows whose access is ongoing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_start_ongoing: Option<PathSet>,
}
