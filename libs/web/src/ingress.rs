//! Which endpoint a path is, for a proxy that has to choose a process.

use std::sync::Arc;

use grantor_ports::Registry;
use grantor_profile::{Endpoint, Profile};
use serde_json::json;

use crate::{AdminRoute, Answer, Method, PathSpec, Request, admin_handler, problem, resolve::resolve};

/// A route that says which endpoint of its tenant a path is: the proxy in front of several
/// processes asks with `x-grantor-authority` and `x-grantor-path`, and gets the endpoint's name
/// in `grantor-endpoint`, `none` when the profile has no such path. Paths are a tenant's own, so
/// nobody but the owner of tenants knows.
pub fn endpoint_of_path(registry: Arc<dyn Registry>) -> AdminRoute {
    const GET: &[Method] = &[Method::GET];
    let handler = admin_handler(move |request: Request| {
        let registry = Arc::clone(&registry);
        async move {
            let header = |name| request.header(name).unwrap_or_default();
            let authority = header("x-grantor-authority").to_ascii_lowercase();
            match resolve(registry.as_ref(), &authority, header("x-grantor-path")).await {
                Ok(found) => {
                    let endpoint = found.and_then(|found| at_or_below(&found.tenant.profile, &found.path));
                    let name = endpoint.map_or("none", |endpoint| endpoint.as_str());
                    Answer::json(200, &json!({ "endpoint": name })).header("grantor-endpoint", name).no_store()
                }
                Err(_) => problem(503, "unavailable", "Unavailable", "Tenants cannot be read now.", None),
            }
        }
    });
    AdminRoute { name: "endpoint_of_path", at: PathSpec::Fixed("/endpoint"), methods: GET, handler }
}

/// The endpoint at a path, or the one that it is below.
fn at_or_below(profile: &Profile, path: &str) -> Option<Endpoint> {
    let below = |of: &str| path.strip_prefix(of).is_some_and(|rest| rest.starts_with('/'));
    let found = || profile.routes().filter(|route| below(route.path)).max_by_key(|route| route.path.len());
    profile.endpoint_at(path).or_else(|| found().map(|route| route.endpoint))
}
