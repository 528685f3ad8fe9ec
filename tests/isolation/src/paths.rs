use grantor_ports::AuthorityRole;
use grantor_profile::Profile;
use grantor_testkit::PartnerTenant;
use grantor_web::{AdminRoute, PathSpec, Route};

/// The path of a tenant's route, with this text in place of every part that varies.
///
/// # Panics
/// When the profile has no path for the endpoint.
pub fn tenant_path(route: &Route, profile: &Profile, part: &str) -> String {
    match route.at {
        PathSpec::Fixed(path) => path.to_owned(),
        PathSpec::Pattern(pattern) => filled(pattern, |_| part.to_owned()),
        PathSpec::Profile(endpoint) => profile.path_of(endpoint).expect("the profile has a path for it").to_owned(),
        PathSpec::Below(endpoint, pattern) => {
            let base = profile.path_of(endpoint).expect("the profile has a path for it");
            format!("{base}{}", filled(pattern, |_| part.to_owned()))
        }
    }
}

/// A preset with every endpoint that a profile can have, so that every route has a path.
///
/// # Panics
/// When there is no such preset.
pub fn whole(preset: &str) -> Profile {
    let mut profile = Profile::preset(preset).expect("a preset");
    if profile.users_api.is_none() {
        profile.users_api = Profile::preset("finapi").expect("a preset").users_api;
    }
    grantor_testkit::acknowledged(profile)
}

/// The path of an operator's route, with its parts by their names.
///
/// # Panics
/// When it is a tenant's.
pub fn admin_path(route: &AdminRoute, part: impl Fn(&str) -> String) -> String {
    match route.at {
        PathSpec::Fixed(path) => path.to_owned(),
        PathSpec::Pattern(pattern) => filled(pattern, part),
        PathSpec::Profile(_) | PathSpec::Below(..) => panic!("operators have no profile"),
    }
}

fn filled(pattern: &str, part: impl Fn(&str) -> String) -> String {
    let pieces = pattern.split('/').map(|piece| match piece.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
        Some(name) => part(name),
        None => piece.to_owned(),
    });
    pieces.collect::<Vec<_>>().join("/")
}

/// Whether a tenant of this profile has the route at all: its endpoint has a path, and its host is
/// there.
pub fn is_served(route: &Route, profile: &Profile) -> bool {
    let has_path = match route.at {
        PathSpec::Profile(endpoint) | PathSpec::Below(endpoint, _) => profile.path_of(endpoint).is_some(),
        PathSpec::Fixed(_) | PathSpec::Pattern(_) => true,
    };
    has_path && (route.role != AuthorityRole::Widget || profile.hosts.widget)
}

/// The base URL of the host that serves a route.
pub fn base_of<'t>(route: &Route, tenant: &'t PartnerTenant) -> &'t str {
    match route.role {
        AuthorityRole::Identity => &tenant.issuer,
        AuthorityRole::Api => &tenant.api,
        AuthorityRole::Widget => &tenant.widget,
    }
}
