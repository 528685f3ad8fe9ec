use std::collections::BTreeSet;

use grantor_remote::Role;

use crate::StartError;

/// The services that one process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roles(BTreeSet<Role>);

/// Whom each service asks while somebody waits. Its process has to run them, or know where they
/// are.
const ASKS: [(Role, &[Role]); 7] = [
    (Role::Registry, &[Role::Authorization, Role::Directory, Role::Token, Role::Webhooks]),
    (Role::Directory, &[Role::Registry, Role::Token]),
    (Role::Authorization, &[Role::Registry, Role::Directory, Role::Token]),
    (Role::Token, &[Role::Registry, Role::Directory]),
    (Role::Console, &[Role::Registry, Role::Directory, Role::Authorization, Role::Token, Role::Webhooks]),
    (Role::Webhooks, &[Role::Registry, Role::Directory, Role::Token]),
    (Role::DemoApi, &[Role::Registry, Role::Authorization, Role::Token]),
];

impl Default for Roles {
    /// All but the demo's resource server.
    fn default() -> Self {
        Self(Role::ALL.into_iter().filter(|role| *role != Role::DemoApi).collect())
    }
}

impl Roles {
    /// These; all when none is named.
    pub fn parse(names: &[String]) -> Result<Self, StartError> {
        if names.is_empty() {
            return Ok(Self::default());
        }
        let roles: Result<_, _> = names.iter().map(|name| name.parse()).collect();
        roles.map(Self).map_err(|unknown| StartError::setting("serve", unknown.to_string()))
    }

    /// With one more.
    pub fn and(mut self, role: Role) -> Self {
        self.0.insert(role);
        self
    }

    /// Whether this process runs a service.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether it runs everything that has data: no other process is needed.
    pub fn is_whole(&self) -> bool {
        Role::ALL.into_iter().all(|role| role == Role::DemoApi || self.has(role))
    }

    /// Its services, in order.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }

    /// The names of those that own a database.
    pub fn databases(&self) -> Vec<&'static str> {
        self.iter().filter(|role| *role != Role::DemoApi).map(Role::name).collect()
    }

    /// Whether any of them has pages or endpoints of tenants.
    pub fn face_tenants(&self) -> bool {
        self.iter().any(|role| role != Role::Console)
    }

    /// Whom they ask of other processes. `mails`: they go to the console's mailbox.
    pub(crate) fn strangers(&self, mails: bool) -> Vec<Role> {
        let asked = ASKS.iter().filter(|(role, _)| self.has(*role)).flat_map(|(_, asked)| *asked).copied();
        let mailbox = (mails && (self.has(Role::Directory) || self.has(Role::Authorization))).then_some(Role::Console);
        let mut strangers: Vec<_> = asked.chain(mailbox).filter(|role| !self.has(*role)).collect();
        strangers.sort();
        strangers.dedup();
        strangers
    }
}
