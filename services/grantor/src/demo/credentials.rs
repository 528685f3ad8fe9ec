use std::{fs, io::Write as _, os::unix::fs::OpenOptionsExt, path::Path};

use grantor_ports::{EntropyExt, OsEntropy};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::Ports;
use crate::failure::Failure;

/// What the demo's people and programs log in with: random, made once, kept in
/// `demo.json` (mode 0600), printed at every start.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Credentials {
    /// Of the first operator.
    pub operator_token: String,
    /// Base URL of the admin listener.
    pub admin: String,
    /// An end user, at every tenant.
    pub user: Login,
    /// A partner's developer, at every tenant.
    pub developer: Login,
    /// The tenants and their demo clients.
    pub tenants: Tenants,
    /// Whether seeding has come to its end.
    #[serde(default)]
    pub seeded: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Login {
    pub username: String,
    pub password: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Tenants {
    pub financefeast: Tenant,
    pub openid: Tenant,
    #[serde(default)]
    pub finapi: Tenant,
    #[serde(default)]
    pub finx: Tenant,
    /// Not in a demo that was made before there was one; so are those below.
    #[serde(default)]
    pub finexer: Tenant,
    #[serde(default)]
    pub generic: Tenant,
}

/// A tenant's URLs and its approved demo client.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Tenant {
    pub issuer: String,
    pub api: String,
    pub client_id: String,
    pub client_secret: String,
    pub redirect_uri: String,
}

impl Credentials {
    pub fn new(token: &SecretString, ports: Ports, data: &Path) -> Result<Self, Failure> {
        let http = |address: std::net::SocketAddr| format!("http://{address}");
        let redirect_uri = format!("{}/oauth/callback", http(ports.callback()));
        let tenant = |issuer: String, api: String| Tenant {
            issuer,
            api,
            redirect_uri: redirect_uri.clone(),
            ..Tenant::default()
        };
        let credentials = Self {
            operator_token: token.expose_secret().to_owned(),
            admin: http(ports.admin()),
            user: Login { username: "ada@example.com".into(), password: password() },
            developer: Login { username: "dev@example.com".into(), password: password() },
            tenants: Tenants {
                financefeast: tenant(http(ports.identity()), http(ports.api())),
                openid: tenant(http(ports.openid()), http(ports.openid())),
                finapi: tenant(http(ports.access()), http(ports.access())),
                finx: tenant(http(ports.finx()), format!("http://api.finx.localhost:{}", ports.main().port())),
                finexer: tenant(http(ports.finexer()), http(ports.finexer_api())),
                generic: tenant(http(ports.generic()), http(ports.generic())),
            },
            seeded: false,
        };
        credentials.write(data)?;
        Ok(credentials)
    }

    pub fn read(data: &Path) -> Result<Option<Self>, Failure> {
        let path = data.join("demo.json");
        if !path.exists() {
            return Ok(None);
        }
        let text = fs::read(&path).map_err(Failure::file(path.display()))?;
        let read = serde_json::from_slice(&text);
        read.map(Some).map_err(|cause| Failure::Usage(format!("{} is damaged: {cause}", path.display())))
    }

    /// Replaces the file in one step, readable by its owner alone.
    pub fn write(&self, data: &Path) -> Result<(), Failure> {
        let (path, fresh) = (data.join("demo.json"), data.join("demo.json.new"));
        let text = serde_json::to_string_pretty(self).map_err(|cause| Failure::Usage(cause.to_string()))?;
        let written = || {
            let mut file = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        written().map_err(Failure::file(path.display()))
    }
}

/// 100 random bits in groups that can be typed.
fn password() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789x";
    let bytes: [u8; 20] = OsEntropy.bytes();
    let letters: Vec<char> = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect();
    letters.chunks(5).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}
