use std::{io, net::SocketAddr, num::NonZero, time::Instant};

use grantor_host::{
    Bound, Config, DataFolder, Held, Listeners, Mode, Options, Platform, Roles, Running, Server, StartError,
};
use grantor_ports::Drilled;
use grantor_telemetry::{Guard, TelemetryConfig};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{birth, cli::Place, demo, failure::Failure};

const LISTEN: &str = "127.0.0.1:8080";
const ADMIN_LISTEN: &str = "127.0.0.1:8089";

/// `grantor serve`. Never creates keys.
pub async fn serve(place: &Place, services: &[String]) -> Result<(), Failure> {
    let started = Instant::now();
    let roles = Roles::parse(services)?;
    let config = birth::config(place)?;
    let folder = birth::folder(place, &config);
    if config.mode == Mode::Production && demo::holds_demo(&place.data) {
        let problem = format!("production mode refuses the demo data in {}", place.data.display());
        return Err(StartError::Setting { setting: "mode", problem }.into());
    }
    let _telemetry = telemetry(&config)?;
    let listen = config.listen.clone().unwrap_or_else(|| vec![address(LISTEN)]);
    let admin = config.admin_listen.unwrap_or_else(|| address(ADMIN_LISTEN));
    let options = Options { drill: drill()?, ..Options::of(&config, &folder, roles)? };
    let running = Prepared::new(&config, &folder, &listen, admin, options).await?.answer()?;
    tracing::info!(
        listen = ?running.at.listen, admin = running.at.admin, version = env!("CARGO_PKG_VERSION"),
        duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX), "ready"
    );
    running.until_told().await;
    Ok(())
}

/// A platform whose sockets are bound but do not answer yet: who connects now waits.
pub struct Prepared {
    pub platform: Platform,
    pub at: Running,
    listeners: Listeners,
    held: Held,
}

/// A platform whose listeners answer.
pub struct Process {
    at: Running,
    server: Server,
    told: Told,
    _platform: Platform,
    _held: Held,
}

impl Prepared {
    /// Binds, migrates (after a copy), opens. Nothing is left half-started.
    pub async fn new(
        config: &Config,
        folder: &DataFolder,
        listen: &[SocketAddr],
        admin: SocketAddr,
        options: Options,
    ) -> Result<Self, Failure> {
        if !folder.is_initialised() {
            return Err(StartError::NotInitialised(folder.path().to_owned()).into());
        }
        let held = folder.hold_as(&options.roles)?;
        let keys = folder.root_keys(options.production)?;
        let faces = options.roles.face_tenants();
        let bound = Bound::bind(if faces { listen } else { &[] }, admin)?.and_internal(config.internal.listen)?;
        let scheme = if config.tls.is_some() { "https" } else { "http" };
        let at = Running {
            pid: std::process::id(),
            admin: bound.admin().map(|at| format!("http://{at}")).unwrap_or_default(),
            listen: bound.tenants().iter().map(|at| format!("{scheme}://{at}")).collect(),
        };
        // A database that others may have open is migrated by `grantor migrate` alone.
        if options.postgres.is_none()
            && let Some(copy) = folder.migrate_as(options.clock.real(), &options.roles).await?
        {
            tracing::info!(copy = %copy.display(), "migrated, after a copy");
        }
        let platform = Platform::open(folder, keys, options).await?;
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let listeners = Listeners {
            bound,
            tls: config.tls.clone(),
            internal_tls: config.internal.tls.clone(),
            workers: config.workers.unwrap_or(cores),
        };
        Ok(Self { platform, at, listeners, held })
    }

    /// Answers from now on. Whoever sees that it does may tell it to end: it listens for that first.
    pub fn answer(self) -> Result<Process, Failure> {
        let Self { platform, at, listeners, held } = self;
        let told = Told::listen().map_err(Failure::Signals)?;
        // First, so that whoever has had an answer finds where it came from.
        held.announce(&at)?;
        let server = Server::start(listeners, &platform)?;
        Ok(Process { at, server, told, _platform: platform, _held: held })
    }
}

impl Process {
    /// Answers until SIGTERM or Ctrl-C, then lets running requests end.
    pub async fn until_told(mut self) {
        tokio::select! {
            _ = self.told.interrupt.recv() => {}
            _ = self.told.terminate.recv() => {}
        }
        tracing::info!("stopping");
        self.server.stop().await;
    }
}

/// The signals that end a process in good order.
struct Told {
    interrupt: Signal,
    terminate: Signal,
}

impl Told {
    /// From now on they end nothing by themselves.
    fn listen() -> io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }
}

/// Logs and traces as the configuration says.
pub fn telemetry(config: &Config) -> Result<Guard, Failure> {
    let settings = TelemetryConfig {
        format: config.log_format()?,
        filter: config.telemetry.log.clone().unwrap_or_else(|| "info".to_owned()),
        otlp_endpoint: config.telemetry.otlp_endpoint.clone(),
        ..TelemetryConfig::default()
    };
    grantor_telemetry::init(&settings)
        .map_err(|cause| StartError::Setting { setting: "telemetry", problem: cause.to_string() }.into())
}

/// What `GRANTOR_DRILL` asks for, in builds that are not for release.
fn drill() -> Result<Drilled, StartError> {
    match std::env::var("GRANTOR_DRILL") {
        Ok(word) if cfg!(debug_assertions) => grantor_host::drill(&word),
        _ => Ok(Drilled::default()),
    }
}

fn address(text: &'static str) -> SocketAddr {
    text.parse().expect("our own constants are addresses")
}
