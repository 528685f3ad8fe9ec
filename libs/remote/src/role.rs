use std::{fmt, str::FromStr};

/// A service, as one of the roles that a process can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Tenants and clients.
    Registry,
    /// Users.
    Directory,
    /// Login, consent, sessions.
    Authorization,
    /// Codes, tokens, grants.
    Token,
    /// Operators and the admin API.
    Console,
    /// Calls of partners' endpoints.
    Webhooks,
    /// The demo's resource server.
    DemoApi,
}

/// No service has this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownRole(pub String);

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Registry,
        Self::Directory,
        Self::Authorization,
        Self::Token,
        Self::Console,
        Self::Webhooks,
        Self::DemoApi,
    ];

    /// Its name, also that of its database and of its event log.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "registry",
            Self::Directory => "directory",
            Self::Authorization => "authorization",
            Self::Token => "token",
            Self::Console => "console",
            Self::Webhooks => "webhooks",
            Self::DemoApi => "demo-api",
        }
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.name() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for UnknownRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Role::ALL.map(Role::name).join(", ");
        write!(f, "`{}` is no service; there are {known}", self.0)
    }
}

impl std::error::Error for UnknownRole {}
