//! What the generator has to know of a server.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// One server: the platform or the bare one.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Site {
    /// Where it listens.
    pub address: SocketAddr,
    /// Path of the token endpoint.
    pub token: String,
    /// Path of the introspection endpoint.
    pub introspect: String,
    /// Who exchanges codes without an ID token, and who with one.
    pub clients: Clients,
}

/// The two clients of a run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Clients {
    /// Asks for `profile email`: no ID token.
    pub plain: Client,
    /// Asks for `openid profile email`: an ID token signed with ES256.
    pub openid: Client,
}

/// A client and the codes that wait for it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// Its redirect URI.
    pub redirect_uri: String,
    /// File with a code in each line.
    pub codes: std::path::PathBuf,
}

/// What the platform's store has done so far.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Written {
    /// Commits of the token service's database.
    pub commits: u64,
    /// Commands in them.
    pub commands: u64,
    /// Statements sent to it; counted on PostgreSQL only.
    pub statements: u64,
}

/// What all of one process has done so far.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// Processor time in seconds, of all threads.
    pub cpu: f64,
    /// Of the store.
    pub written: Written,
}
