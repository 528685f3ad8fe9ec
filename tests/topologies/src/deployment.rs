use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Command,
};

use grantor_tests_clients::binary;
use grantor_tests_ports::free_address;
use tempfile::TempDir;

use crate::{Authority, Ingress, Process, Servers};

/// How a deployment is cut into processes, and what it runs on: files, unless servers are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// One process.
    Whole,
    /// One process on PostgreSQL.
    WholeOnPostgres,
    /// Each service its own, behind an ingress.
    Split,
    /// The same, and the processes show each other certificates.
    SplitWithTls,
    /// Each service its own, behind an ingress, on PostgreSQL and Apache Kafka.
    SplitOnServers,
}

/// What each process of a split deployment runs.
const SPLIT: [&str; 7] = ["registry", "directory", "authorization", "token", "console", "webhooks", "demo-api"];

/// A running deployment with data of its own.
pub struct Deployment {
    /// The first operator's token.
    pub operator_token: String,
    /// Base URL of the admin API.
    pub admin: String,
    /// Where tenants are reached: an identity address, an API address, and one that is no tenant's own.
    pub tenants: [SocketAddr; 3],
    parts: Vec<Part>,
    ingress: Option<Ingress>,
    folder: TempDir,
    // Last: the processes end before their databases go.
    servers: Option<Servers>,
}

/// One process.
struct Part {
    service: &'static str,
    process: Process,
    admin: SocketAddr,
    listen: Vec<SocketAddr>,
    config: PathBuf,
}

impl Deployment {
    /// Starts one of this shape, with more in every process' configuration file.
    ///
    /// # Panics
    /// With what was printed, when a process does not become ready.
    pub async fn start(shape: Shape, settings: &str) -> Self {
        let servers = match shape {
            Shape::Whole | Shape::Split | Shape::SplitWithTls => None,
            Shape::WholeOnPostgres => Some(Servers::databases().await),
            Shape::SplitOnServers => Some(Servers::with_broker().await),
        };
        let settings = &format!("{settings}\n{}", servers.as_ref().map(Servers::settings).unwrap_or_default());
        let folder = TempDir::new().expect("a folder");
        let common = folder.path().join("init.toml");
        fs::write(&common, settings).expect("a file");
        let said = run("init", folder.path(), &common);
        if servers.as_ref().is_some_and(Servers::has_broker) {
            run("topics", folder.path(), &common);
        }
        let token = said.lines().map(str::trim).find(|line| line.len() > 30 && !line.contains(' '));
        let operator_token = token.unwrap_or_else(|| panic!("no token in: {said}")).to_owned();
        let mut deployment = Self {
            operator_token,
            admin: String::new(),
            tenants: [free_address(), free_address(), free_address()],
            parts: Vec::new(),
            ingress: None,
            folder,
            servers,
        };
        match shape {
            Shape::Whole | Shape::WholeOnPostgres => deployment.start_whole(settings),
            Shape::Split | Shape::SplitOnServers => deployment.start_split(settings),
            Shape::SplitWithTls => {
                let tls = Authority::in_folder(deployment.folder.path()).settings();
                deployment.start_split(&format!("{settings}\n[internal]\n{tls}"));
            }
        }
        deployment
    }

    fn start_whole(&mut self, settings: &str) {
        let admin = free_address();
        let listen = self.tenants.to_vec();
        self.part("", admin, listen, settings.to_owned());
        self.admin = format!("http://{admin}");
    }

    fn start_split(&mut self, settings: &str) {
        let places: Vec<_> = SPLIT.iter().map(|name| (*name, free_address(), free_address(), free_address())).collect();
        let scheme = if settings.contains("authority =") { "https" } else { "http" };
        let (more, tls) = settings.split_once("\n[internal]\n").unwrap_or((settings, ""));
        let peers: String = places.iter().map(|(name, _, _, at)| format!("{name} = \"{scheme}://{at}\"\n")).collect();
        for (name, listen, admin, internal) in &places {
            let settings = format!(
                "trusted_proxies = [\"127.0.0.1\"]\n{more}\n[internal]\nlisten = \"{internal}\"\n\
                 deadline_ms = 10000\n{tls}[internal.peers]\n{peers}"
            );
            self.part(name, *admin, vec![*listen], settings);
        }
        let at = |name: &str| self.parts.iter().find(|part| part.service == name).expect("a part");
        self.admin = format!("http://{}", at("console").admin);
        let services =
            ["registry", "directory", "authorization", "token", "demo-api"].map(|name| (name, at(name).listen[0]));
        let ingress = Ingress::start(self.folder.path(), &self.tenants, &services, at("registry").admin);
        self.ingress = Some(ingress);
    }

    fn part(&mut self, service: &'static str, admin: SocketAddr, listen: Vec<SocketAddr>, settings: String) {
        let listening: Vec<String> = listen.iter().map(|at| format!("\"{at}\"")).collect();
        let text = format!("listen = [{}]\nadmin_listen = \"{admin}\"\n{settings}", listening.join(", "));
        let config = self.folder.path().join(format!("grantor-{service}.toml"));
        fs::write(&config, text).expect("a file");
        let process = spawn(self.folder.path(), &config, service);
        self.parts.push(Part { service, process, admin, listen, config });
        let part = self.parts.last_mut().expect("the one just made");
        part.process.wait_until_ready(admin, "/ready").unwrap_or_else(|reason| panic!("{service}: {reason}"));
    }

    /// The process of a service.
    ///
    /// # Panics
    /// When there is none.
    pub fn process(&mut self, service: &str) -> &mut Process {
        &mut self.parts.iter_mut().find(|part| part.service == service).expect("a part").process
    }

    /// Ends the process of a service, and starts it again.
    ///
    /// # Panics
    /// When it does not become ready.
    pub fn restart(&mut self, service: &str) {
        self.process(service).kill();
        let folder = self.folder.path().to_owned();
        let part = self.parts.iter_mut().find(|part| part.service == service).expect("a part");
        part.process = spawn(&folder, &part.config, part.service);
        part.process.wait_until_ready(part.admin, "/ready").unwrap_or_else(|reason| panic!("{service}: {reason}"));
    }

    /// What it has on servers.
    ///
    /// # Panics
    /// When its shape has none.
    pub fn servers(&self) -> &Servers {
        self.servers.as_ref().expect("servers")
    }

    /// What nginx said of its configuration.
    pub fn checked(&self) -> &str {
        self.ingress.as_ref().map_or("", |ingress| &ingress.checked)
    }

    /// Where the process of a service listens for tenants.
    pub fn address(&self, service: &str) -> SocketAddr {
        self.parts.iter().find(|part| part.service == service).expect("a part").listen[0]
    }

    /// Base URL of the admin listener of a service's process.
    pub fn admin_of(&self, service: &str) -> String {
        format!("http://{}", self.parts.iter().find(|part| part.service == service).expect("a part").admin)
    }

    /// The configuration file of a service's process.
    pub fn config(&self, service: &str) -> &Path {
        &self.parts.iter().find(|part| part.service == service).expect("a part").config
    }

    /// All that its processes have printed.
    pub fn printed(&self) -> String {
        let parts = self.parts.iter().map(|part| format!("--- {}\n{}", part.service, part.process.printed()));
        parts.chain(self.ingress.iter().map(|ingress| format!("--- nginx\n{}", ingress.process.printed()))).collect()
    }
}

impl Drop for Deployment {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("{}", self.printed());
        }
    }
}

fn spawn(folder: &Path, config: &Path, service: &str) -> Process {
    let mut command = Command::new(binary());
    command.arg("serve").arg("--data").arg(folder.join("data")).arg("--config").arg(config);
    if service.is_empty() {
        command.args(SPLIT);
    } else {
        command.arg(service);
    }
    Process::spawn(&mut command, &folder.join(format!("{service}.log")))
}

/// Runs a command to its end; what it said.
fn run(command: &str, folder: &Path, config: &Path) -> String {
    let mut grantor = Command::new(binary());
    grantor.arg(command).arg("--data").arg(folder.join("data")).arg("--config").arg(config);
    let done = grantor.output().expect("the binary starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{command}: {said}{}", String::from_utf8_lossy(&done.stderr));
    said
}
