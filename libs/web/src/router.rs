use std::collections::HashMap;

use actix_web::dev::{Path, ResourceDef};
use grantor_ports::AuthorityRole;
use grantor_profile::{Endpoint, Profile};

use crate::{Method, PathSpec, route::Place};

/// What a path and a method lead to.
pub(crate) enum Found {
    /// This route, with the parts of its pattern.
    Route(usize, Vec<(String, String)>),
    /// The path is known, the method is not: these are.
    Method(Vec<Method>),
    /// Nothing.
    Nothing,
}

/// One route as the router sees it.
pub(crate) struct Entry {
    pub(crate) at: PathSpec,
    pub(crate) methods: &'static [Method],
    pub(crate) place: Place,
    /// Also on the widget's authority.
    pub(crate) shared: bool,
}

impl Entry {
    fn is_on(&self, role: AuthorityRole, profile: Option<&Profile>) -> bool {
        self.place.role(profile) == role || (self.shared && role == AuthorityRole::Widget)
    }
}

/// Finds routes by path and method.
pub(crate) struct Router {
    entries: Vec<Entry>,
    fixed: HashMap<&'static str, Vec<usize>>,
    endpoints: HashMap<Endpoint, Vec<usize>>,
    patterns: Vec<(ResourceDef, usize)>,
    below: Vec<(Endpoint, ResourceDef, usize)>,
}

impl Router {
    pub(crate) fn new(entries: Vec<Entry>) -> Self {
        let (mut fixed, mut endpoints) = (HashMap::new(), HashMap::new());
        let (mut patterns, mut below) = (Vec::new(), Vec::new());
        for (index, entry) in entries.iter().enumerate() {
            match entry.at {
                PathSpec::Fixed(path) => fixed.entry(path).or_insert_with(Vec::new).push(index),
                PathSpec::Profile(endpoint) => endpoints.entry(endpoint).or_insert_with(Vec::new).push(index),
                PathSpec::Pattern(pattern) => patterns.push((ResourceDef::new(pattern), index)),
                PathSpec::Below(endpoint, pattern) => below.push((endpoint, ResourceDef::new(pattern), index)),
            }
        }
        Self { entries, fixed, endpoints, patterns, below }
    }

    /// `role` is what the authority serves; `None` when it serves everything (path tenants).
    pub(crate) fn find(
        &self,
        path: &str,
        method: &Method,
        role: Option<AuthorityRole>,
        profile: Option<&Profile>,
    ) -> Found {
        let mut here: Vec<(usize, Vec<(String, String)>)> = Vec::new();
        here.extend(self.fixed.get(path).into_iter().flatten().map(|index| (*index, Vec::new())));
        if let Some(endpoint) = profile.and_then(|profile| profile.endpoint_at(path)) {
            here.extend(self.endpoints.get(&endpoint).into_iter().flatten().map(|index| (*index, Vec::new())));
        }
        if here.is_empty() {
            here.extend(self.patterns.iter().filter_map(|(pattern, index)| Some((*index, parts(pattern, path)?))));
            if let Some(profile) = profile {
                here.extend(self.below.iter().filter_map(|(endpoint, pattern, index)| {
                    let mut ends = profile.routes().filter(|route| route.endpoint == *endpoint);
                    ends.find_map(|route| Some((*index, parts(pattern, path.strip_prefix(route.path)?)?)))
                }));
            }
        }
        here.retain(|(index, _)| role.is_none_or(|role| self.entries[*index].is_on(role, profile)));
        // Where one authority serves everything, the widget's pages come last.
        here.sort_by_key(|(index, _)| self.entries[*index].place.role(profile) == AuthorityRole::Widget);
        let asked = if method == Method::HEAD { &Method::GET } else { method };
        if let Some(at) = here.iter().position(|(index, _)| self.entries[*index].methods.contains(asked)) {
            let (index, params) = here.swap_remove(at);
            return Found::Route(index, params);
        }
        let mut methods: Vec<Method> =
            here.iter().flat_map(|(index, _)| self.entries[*index].methods.to_vec()).collect();
        methods.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        methods.dedup();
        if methods.is_empty() { Found::Nothing } else { Found::Method(methods) }
    }

    /// A route of this path, whatever the method; for preflight requests.
    pub(crate) fn any(&self, path: &str, role: Option<AuthorityRole>, profile: &Profile) -> Option<usize> {
        match self.find(path, &Method::POST, role, Some(profile)) {
            Found::Route(index, _) => Some(index),
            Found::Method(methods) => match self.find(path, methods.first()?, role, Some(profile)) {
                Found::Route(index, _) => Some(index),
                _ => None,
            },
            Found::Nothing => None,
        }
    }
}

/// The parts of a path that a pattern names, if it fits.
fn parts(pattern: &ResourceDef, path: &str) -> Option<Vec<(String, String)>> {
    let mut parts = Path::new(path);
    let fits = pattern.capture_match_info(&mut parts);
    fits.then(|| parts.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}
