use std::{
    fs::{self, DirBuilder},
    net::SocketAddr,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
    time::{Duration, Instant},
};

use grantor_tests_clients::binary;
use grantor_tests_ports::free_ports;
use grantor_tests_postgres::Cluster;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Bus, Gateway, Hooks, Partner, process::Process};

/// What runs: a name, and the service. Two processes share the token service's database.
const MEMBERS: [(&str, &str); 7] = [
    ("registry", "registry"),
    ("directory", "directory"),
    ("authorization", "authorization"),
    ("token", "token"),
    ("token-2", "token"),
    ("console", "console"),
    ("webhooks", "webhooks"),
];
/// Those with a database.
pub(crate) const DATABASES: [&str; 6] = ["registry", "directory", "authorization", "token", "console", "webhooks"];

/// The demo's data on files or on a PostgreSQL of its own, with each service in a process of its own,
/// until dropped; and a receiver beside it that webhooks call.
pub struct Fleet {
    members: Vec<Member>,
    demo: Value,
    hooks: Option<Hooks>,
    folder: TempDir,
    // Last: the processes end before their broker and their database do.
    bus: Option<Bus>,
    cluster: Option<Cluster>,
}

/// One process.
struct Member {
    name: &'static str,
    service: &'static str,
    process: Process,
    listen: SocketAddr,
    admin: SocketAddr,
}

impl Fleet {
    /// Seeds the demo and starts everybody. `durable`: the database writes through, as in
    /// production.
    ///
    /// # Panics
    /// With what was printed, when something does not become ready.
    pub async fn start(durable: bool) -> Self {
        Self::start_on(Some(Self::databases(durable)), None).await
    }

    /// The same on files, with one process of each service: a file has one that writes.
    ///
    /// # Panics
    /// With what was printed, when something does not become ready.
    pub async fn on_files() -> Self {
        Self::start_on(None, None).await
    }

    /// The same with Apache Kafka between the services. What was seeded without it is told first.
    ///
    /// # Panics
    /// With what was printed, when something does not become ready.
    pub async fn with_kafka(durable: bool) -> Self {
        let (bus, cluster) = tokio::join!(Bus::start(), async {
            tokio::task::spawn_blocking(move || Self::databases(durable)).await.expect("databases")
        });
        Self::start_on(Some(cluster), Some(bus)).await
    }

    fn databases(durable: bool) -> Cluster {
        let cluster = Cluster::private(durable);
        for name in DATABASES {
            cluster.sql("postgres", &format!("CREATE DATABASE grantor_{name}"));
        }
        cluster
    }

    async fn start_on(cluster: Option<Cluster>, bus: Option<Bus>) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut fleet = Self { members: Vec::new(), demo: Value::Null, hooks: None, folder, bus, cluster };
        let admin = fleet.seed().await;
        let servers = fleet.servers();
        fleet.make_topics(&servers);
        let on_files = fleet.cluster.is_none();
        let first = free_ports(3 * MEMBERS.len() as u16);
        let at = |port| SocketAddr::from(([127, 0, 0, 1], port));
        let places: Vec<[SocketAddr; 3]> =
            (first..).step_by(3).take(MEMBERS.len()).map(|first| [first, first + 1, first + 2].map(at)).collect();
        let peers: String = MEMBERS
            .iter()
            .zip(&places)
            .filter(|((name, service), _)| name == service)
            .map(|((_, service), [_, _, internal])| format!("{service} = \"http://{internal}\"\n"))
            .collect();
        for ((name, service), [listen, other, internal]) in MEMBERS.into_iter().zip(places) {
            if on_files && name != service {
                continue;
            }
            // The operator is known at the address that the demo's document names.
            let admin = if service == "console" { admin } else { other };
            let data = fleet.data();
            let text = format!(
                "listen = [\"{listen}\"]\nadmin_listen = \"{admin}\"\nroot_key = \"{root}\"\nworkers = 2\n{servers}\
                 [telemetry]\nlog = \"warn\"\nlog_format = \"json\"\n\
                 [internal]\nlisten = \"{internal}\"\nkey = \"{key}\"\ndeadline_ms = 5000\n\
                 status_deadline_ms = 2000\n[internal.peers]\n{peers}",
                root = data.join("root.key").display(),
                key = data.join("internal.key").display(),
            );
            let own = fleet.folder.path().join(name);
            DirBuilder::new().mode(0o700).create(&own).expect("a folder");
            fs::write(own.join("grantor.toml"), text).expect("a file");
            let process = serve(&own, fleet.data_of(name), service, None);
            fleet.members.push(Member { name, service, process, listen, admin });
        }
        for member in &mut fleet.members {
            member.process.ready(member.admin).await;
        }
        fleet.hooks = Some(Hooks::made_by(&fleet.partner()).await);
        fleet
    }

    /// Makes the demo's data, in one process that ends again. Answers the operators' address.
    async fn seed(&mut self) -> SocketAddr {
        let config = self.folder.path().join("demo.toml");
        fs::write(&config, self.database_settings()).expect("a file");
        // As many as a demo takes.
        let port = free_ports(12);
        let admin = SocketAddr::from(([127, 0, 0, 1], port + 9));
        let mut command = Command::new(binary());
        command.args(["demo", "--port", &port.to_string(), "--data"]).arg(self.data()).arg("--config").arg(config);
        let mut demo = Process::spawn(&mut command, &self.folder.path().join("demo.log"));
        demo.ready(admin).await;
        demo.terminate();
        let text = fs::read(self.data().join("demo.json")).expect("the demo's document");
        self.demo = serde_json::from_slice(&text).expect("JSON");
        admin
    }

    /// `[database]` and, with a broker, `[bus]`.
    fn servers(&self) -> String {
        format!("{}{}", self.database_settings(), self.bus.as_ref().map(Bus::settings).unwrap_or_default())
    }

    fn make_topics(&self, servers: &str) {
        if self.bus.is_some() {
            let config = self.folder.path().join("topics.toml");
            fs::write(&config, servers).expect("a file");
            let made = Command::new(binary()).args(["topics", "--config"]).arg(config).output().expect("the binary");
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
    }

    /// The broker.
    ///
    /// # Panics
    /// When there is none.
    pub fn bus(&self) -> &Bus {
        self.bus.as_ref().expect("a fleet with Kafka")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The data folder of a process: where the files are, else one of its own.
    fn data_of(&self, name: &str) -> PathBuf {
        if self.cluster.is_some() { self.folder.path().join(name) } else { self.data() }
    }

    /// The databases' server.
    ///
    /// # Panics
    /// When they are files.
    pub(crate) fn cluster(&self) -> &Cluster {
        self.cluster.as_ref().expect("a fleet on PostgreSQL")
    }

    /// Whether its databases are files.
    pub const fn is_on_files(&self) -> bool {
        self.cluster.is_none()
    }

    fn database_settings(&self) -> String {
        let Some(cluster) = &self.cluster else { return String::new() };
        let url = cluster.url();
        let (user, password) = (url.username(), url.password().unwrap_or_default());
        let at = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(5432));
        format!("[database]\nurl = \"postgres://{user}:{password}@{at}/grantor_{{service}}\"\nconnections = 4\n")
    }

    /// The document of credentials.
    pub fn demo(&self) -> &Value {
        &self.demo
    }

    /// The strict tenant's client, and the operator.
    pub(crate) fn partner(&self) -> Partner {
        Partner::at(&self.demo, "openid", self.gateway())
    }

    /// Who is called by webhooks.
    pub(crate) fn hooks(&self) -> &Hooks {
        self.hooks.as_ref().expect("a fleet that has started")
    }

    pub(crate) fn hooks_mut(&mut self) -> &mut Hooks {
        self.hooks.as_mut().expect("a fleet that has started")
    }

    /// The way to all tenants' endpoints.
    pub fn gateway(&self) -> Gateway {
        let tokens = self.members.iter().filter(|member| member.service == "token").map(|member| member.listen);
        Gateway::split(self.at("registry"), self.at("authorization"), tokens.collect())
    }

    /// The same, with one of the token service's processes alone.
    pub fn gateway_by(&self, token: &str) -> Gateway {
        Gateway::split(self.at("registry"), self.at("authorization"), vec![self.at(token)])
    }

    fn at(&self, name: &str) -> SocketAddr {
        self.members.iter().find(|member| member.name == name).expect("a member").listen
    }

    /// The names of the processes.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.members.iter().map(|member| member.name)
    }

    fn member(&mut self, name: &str) -> &mut Member {
        self.members.iter_mut().find(|member| member.name == name).expect("a member")
    }

    /// SIGKILL to a process.
    pub fn kill(&mut self, name: &str) {
        self.member(name).process.kill();
    }

    /// Starts a process that was killed; how long it took to be ready.
    ///
    /// # Panics
    /// With what was printed, when it does not become ready.
    pub async fn start_again(&mut self, name: &str) -> Duration {
        let own = self.folder.path().join(name);
        let (started, data) = (Instant::now(), self.data_of(name));
        let member = self.member(name);
        member.process = serve(&own, data, member.service, None);
        member.process.ready(member.admin).await;
        started.elapsed()
    }

    /// Starts one that was killed, to end itself where the drill says: maybe before it is ready.
    pub fn start_drilled(&mut self, name: &str, drill: &str) {
        let (own, data) = (self.folder.path().join(name), self.data_of(name));
        let member = self.member(name);
        member.process = serve(&own, data, member.service, Some(drill));
    }

    /// Starts some that were killed, to write the points that they pass into files of their names.
    ///
    /// # Panics
    /// With what was printed, when one does not become ready.
    pub async fn start_telling(&mut self, names: &[&'static str], folder: &Path) {
        for name in names {
            self.start_drilled(name, &format!("tell:{}", folder.join(name).display()));
        }
        for name in names {
            let member = self.member(name);
            member.process.ready(member.admin).await;
        }
    }

    /// Waits until a process has ended itself.
    ///
    /// # Panics
    /// When it does not within a minute.
    pub async fn until_ended(&mut self, name: &str) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.member(name).process.ended() {
                return status;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{name} does not end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Base URL of a process' admin listener.
    pub fn admin_of(&self, name: &str) -> String {
        format!("http://{}", self.members.iter().find(|member| member.name == name).expect("a member").admin)
    }

    /// SIGSTOP to a process: it is there, and does nothing.
    pub fn stop(&self, name: &str) {
        self.process(name).signal("STOP");
    }

    /// SIGCONT to a process.
    pub fn go_on(&self, name: &str) {
        self.process(name).signal("CONT");
    }

    fn process(&self, name: &str) -> &Process {
        &self.members.iter().find(|member| member.name == name).expect("a member").process
    }

    /// The number of a process.
    pub fn pid(&self, name: &str) -> u32 {
        self.process(name).id()
    }
}

impl Drop for Fleet {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for member in &self.members {
                eprintln!("--- {}\n{}", member.name, member.process.printed());
            }
        }
    }
}

fn serve(own: &Path, data: PathBuf, service: &str, drill: Option<&str>) -> Process {
    let mut command = Command::new(binary());
    if let Some(drill) = drill {
        command.env("GRANTOR_DRILL", drill);
    }
    command.args(["serve", service, "--data"]).arg(data).arg("--config").arg(own.join("grantor.toml"));
    Process::spawn(&mut command, &own.join("printed.log"))
}
