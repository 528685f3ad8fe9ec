use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use grantor_crypto::InternalKeys;
use grantor_egress::PeerTls;
use grantor_remote::{Deadlines, Role};
use serde::Deserialize;

use crate::{Config, DataFolder, Internal, Roles, StartError};

/// `[internal]`: how processes of one deployment reach each other. Not needed when one process
/// runs everything.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InternalSettings {
    /// Where this process answers the others.
    pub listen: Option<SocketAddr>,
    /// The file of the keys by which they know each other. Default: `internal.key` in the data
    /// folder.
    pub key: Option<PathBuf>,
    /// Certificates. Needed in production mode beyond loopback.
    pub tls: Option<InternalTls>,
    /// Milliseconds that a person's request waits for another service. Default: 1000.
    pub deadline_ms: Option<u64>,
    /// Milliseconds that a token request waits for a user's status when the copy of it is old.
    /// Default: 200, and never more than `deadline_ms`.
    pub status_deadline_ms: Option<u64>,
    /// Base URLs by service, such as `token = "http://127.0.0.1:9004"`. Those of services that
    /// this process runs itself are ignored, so that all processes can have the same file.
    pub peers: BTreeMap<String, String>,
}

/// Files in PEM form. Both sides show a certificate, and trust one authority alone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InternalTls {
    /// This process' certificate chain, leaf first; for servers and clients both.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
    /// The authority that signs the certificates of all processes, and nothing else.
    pub authority: PathBuf,
}

impl InternalSettings {
    /// Beyond one machine, calls are encrypted.
    pub(crate) fn check_production(&self) -> Result<(), StartError> {
        if self.tls.is_none() && self.listen.is_some_and(|at| !at.ip().is_loopback()) {
            let problem = "production mode answers other processes beyond loopback only with `internal.tls`";
            return Err(StartError::setting("internal.listen", problem));
        }
        let local = |at: &String| ["http://127.", "http://[::1]", "https://"].iter().any(|known| at.starts_with(known));
        match self.peers.iter().find(|(_, at)| !local(at)) {
            Some((name, at)) => {
                let problem = format!("{name}: production mode calls {at} only over https");
                Err(StartError::setting("internal.peers", problem))
            }
            None => Ok(()),
        }
    }

    fn peers(&self) -> Result<BTreeMap<Role, String>, StartError> {
        let known = |(name, at): (&String, &String)| name.parse().map(|role: Role| (role, at.clone()));
        let peers: Result<_, _> = self.peers.iter().map(known).collect();
        peers.map_err(|unknown| StartError::setting("internal.peers", unknown.to_string()))
    }

    fn deadlines(&self) -> Deadlines {
        let usual = Deadlines::default();
        let person = self.deadline_ms.map_or(usual.person, Duration::from_millis);
        let status = self.status_deadline_ms.map_or(usual.status, Duration::from_millis);
        // Operators' commands keep their distance to what people wait for.
        Deadlines { person, operator: person * 5, status: status.min(person) }
    }
}

impl Config {
    /// What a process with these roles needs to reach others, and to be reached; nothing when it
    /// runs everything and no address for others is set.
    pub(crate) fn internal(&self, folder: &DataFolder, roles: &Roles) -> Result<Option<Internal>, StartError> {
        let settings = &self.internal;
        if roles.is_whole() && settings.listen.is_none() {
            return Ok(None);
        }
        if settings.listen.is_none() && !roles.databases().is_empty() {
            let problem = "is missing: other processes must reach the services of this one";
            return Err(StartError::setting("internal.listen", problem));
        }
        let peers = settings.peers()?;
        let path = settings.key.clone().unwrap_or_else(|| folder.internal_key());
        let keys = InternalKeys::load(&path).map_err(|cause| {
            let problem = format!("{}: {cause}. `grantor internal-key` makes one", path.display());
            StartError::setting("internal.key", problem)
        })?;
        let tls = settings.tls.as_ref().map(InternalTls::read).transpose()?;
        Ok(Some(Internal { keys, peers, tls, deadlines: settings.deadlines() }))
    }
}

impl InternalTls {
    fn read(&self) -> Result<PeerTls, StartError> {
        let read = |path: &Path, setting| {
            fs::read(path).map_err(|cause| StartError::setting(setting, format!("{}: {cause}", path.display())))
        };
        let mut identity = read(&self.certificate, "internal.tls.certificate")?;
        identity.extend(read(&self.key, "internal.tls.key")?);
        Ok(PeerTls { identity, authority: read(&self.authority, "internal.tls.authority")? })
    }
}
