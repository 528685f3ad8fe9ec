//! `grantor demo`: the whole platform in one process, seeded once.

mod credentials;
mod greeting;
mod seed;

use std::{net::SocketAddr, path::Path};

use grantor_host::{Bound, Config, Mode, Options, Role, Roles, StartError};
use secrecy::SecretString;

use crate::{birth, cli::Place, demo::credentials::Credentials, failure::Failure, serve::Prepared};

/// Where the demo listens: a block of ports on loopback.
#[derive(Debug, Clone, Copy)]
pub struct Ports(u16);

impl Ports {
    fn at(self, offset: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.0 + offset))
    }
    /// Those that a demo was made with.
    fn of(credentials: &Credentials) -> Option<Self> {
        let admin: SocketAddr = credentials.admin.strip_prefix("http://")?.parse().ok()?;
        admin.port().checked_sub(9).map(Self)
    }
    /// Tenants by path and by host name.
    pub fn main(self) -> SocketAddr {
        self.at(0)
    }
    /// Financefeast's identity host.
    pub fn identity(self) -> SocketAddr {
        self.at(1)
    }
    /// Financefeast's API host.
    pub fn api(self) -> SocketAddr {
        self.at(2)
    }
    /// The OpenID tenant.
    pub fn openid(self) -> SocketAddr {
        self.at(3)
    }
    /// The finAPI tenant, which has one host.
    pub fn access(self) -> SocketAddr {
        self.at(4)
    }
    /// The finX tenant's identity host.
    pub fn finx(self) -> SocketAddr {
        self.at(5)
    }
    /// … and its widget.
    pub fn widget(self) -> SocketAddr {
        self.at(6)
    }
    /// Finexer's identity host.
    pub fn finexer(self) -> SocketAddr {
        self.at(7)
    }
    /// Finexer's API host.
    pub fn finexer_api(self) -> SocketAddr {
        self.at(8)
    }
    /// The textbook tenant.
    pub fn generic(self) -> SocketAddr {
        self.at(11)
    }
    /// Every listener of a tenant.
    fn tenants(self) -> [SocketAddr; 10] {
        [
            self.main(),
            self.identity(),
            self.api(),
            self.openid(),
            self.access(),
            self.finx(),
            self.widget(),
            self.finexer(),
            self.finexer_api(),
            self.generic(),
        ]
    }
    /// Operators.
    pub fn admin(self) -> SocketAddr {
        self.at(9)
    }
    /// Where the demo clients would listen for their callbacks.
    pub fn callback(self) -> SocketAddr {
        self.at(10)
    }
}

/// The demo's operator token, if the folder is a demo's.
pub fn operator_token(data: &Path) -> Option<String> {
    Credentials::read(data).ok().flatten().map(|credentials| credentials.operator_token)
}

/// Whether a folder holds a demo's data.
pub fn holds_demo(data: &Path) -> bool {
    data.join("demo.json").exists()
}

/// A new demo can be on other ports.
fn elsewhere(cause: StartError, place: &Place) -> Failure {
    match cause {
        StartError::Listen { .. } => Failure::Usage(format!(
            "{cause}\nStop what listens there, or make a demo on other ports: grantor demo --data {} --port N \
             (make run PORT=N)",
            place.data.display()
        )),
        other => other.into(),
    }
}

/// `grantor demo`.
pub async fn demo(place: &Place, port: u16) -> Result<(), Failure> {
    let config = birth::config(place)?;
    if config.mode == Mode::Production {
        return Err(StartError::Setting { setting: "mode", problem: "production mode has no demo".into() }.into());
    }
    if port > u16::MAX - 11 {
        return Err(Failure::Usage(format!("--port {port}: the demo needs the eleven ports after it too")));
    }
    let folder = birth::folder(place, &config);
    if let Err(StartError::InUse { .. }) = folder.hold() {
        let seeded = Credentials::read(&place.data)?.filter(|credentials| credentials.seeded);
        greeting::already_running(folder.running().as_ref(), seeded.as_ref());
        return Ok(());
    }
    let _telemetry = crate::serve::telemetry(&Config {
        telemetry: grantor_host::TelemetrySettings {
            log: config.telemetry.log.clone().or_else(|| Some(std::env::var("GRANTOR_LOG").unwrap_or("warn".into()))),
            log_format: config.telemetry.log_format.clone(),
            otlp_endpoint: config.telemetry.otlp_endpoint.clone(),
        },
        ..Config::default()
    })?;
    let ports = Ports(port);
    let listen = ports.tenants();
    // A folder whose seeding was cut short says so, and is seeded to its end.
    let mut credentials = Credentials::read(&place.data)?;
    if let Some(Ports(made)) = credentials.as_ref().and_then(Ports::of).filter(|made| made.0 != port) {
        return Err(Failure::Usage(format!(
            "{} holds a demo on the ports from {made} on, and issuers do not move: start it with --port {made}, or \
             make another one in another folder with --data",
            place.data.display()
        )));
    }
    if !folder.is_initialised() {
        // Nothing is made for ports that somebody else has.
        drop(Bound::bind(&listen, ports.admin()).map_err(|cause| elsewhere(cause, place))?);
        // A broker that cannot be reached leaves no folder behind either.
        config.make_topics().await?;
        let keep = |token: &SecretString| {
            credentials = Some(Credentials::new(token, ports, &place.data)?);
            Ok(())
        };
        birth::give_birth(&folder, birth::databases(&config)?, keep).await?;
    }
    let credentials = credentials.ok_or_else(|| {
        Failure::Usage(format!("{} holds no demo: run it with `grantor serve`", place.data.display()))
    })?;
    let options = Options::of(&config, &folder, Roles::default().and(Role::DemoApi))?;
    let prepared = Prepared::new(&config, &folder, &listen, ports.admin(), options).await?;
    // Only a demo that is complete, and that has said what there is, answers (and is ready).
    let credentials = seed::seed(&prepared.platform, credentials, &place.data).await?;
    greeting::welcome(&credentials, &prepared.at);
    prepared.answer()?.until_told().await;
    Ok(())
}
