use std::{
    fs::{self, DirBuilder},
    net::SocketAddr,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use grantor_tests_clients::binary;
use grantor_tests_ports::free_ports;
use grantor_tests_postgres::Cluster;
use serde_json::Value;
use tempfile::TempDir;

use crate::{Gateway, process::Process};

/// What runs: a name, and the service. Two processes share the token service's database.
const MEMBERS: [(&str, &str); 6] = [
    ("registry", "registry"),
    ("directory", "directory"),
    ("authorization", "authorization"),
    ("token", "token"),
    ("token-2", "token"),
    ("console", "console"),
];
/// Those with a database.
const DATABASES: [&str; 5] = ["registry", "directory", "authorization", "token", "console"];
/// How long a refused start of PostgreSQL is tried again.
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// The demo's data on a PostgreSQL of its own, with each service in a process of its own, until
/// dropped.
pub struct Fleet {
    members: Vec<Member>,
    demo: Value,
    folder: TempDir,
    // Last: the processes end before their database does.
    cluster: Cluster,
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
        let cluster = Cluster::private(durable);
        for name in DATABASES {
            cluster.sql("postgres", &format!("CREATE DATABASE grantor_{name}"));
        }
        let folder = TempDir::new().expect("a folder");
        let mut fleet = Self { members: Vec::new(), demo: Value::Null, folder, cluster };
        let admin = fleet.seed().await;
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
            // The operator is known at the address that the demo's document names.
            let admin = if service == "console" { admin } else { other };
            let data = fleet.data();
            let text = format!(
                "listen = [\"{listen}\"]\nadmin_listen = \"{admin}\"\nroot_key = \"{root}\"\nworkers = 2\n{database}\
                 [telemetry]\nlog = \"warn\"\nlog_format = \"json\"\n\
                 [internal]\nlisten = \"{internal}\"\nkey = \"{key}\"\ndeadline_ms = 5000\n[internal.peers]\n{peers}",
                root = data.join("root.key").display(),
                key = data.join("internal.key").display(),
                database = fleet.database_settings(),
            );
            let own = fleet.folder.path().join(name);
            DirBuilder::new().mode(0o700).create(&own).expect("a folder");
            fs::write(own.join("grantor.toml"), text).expect("a file");
            let process = serve(&own, service);
            fleet.members.push(Member { name, service, process, listen, admin });
        }
        for member in &mut fleet.members {
            member.process.ready(member.admin).await;
        }
        fleet
    }

    /// Makes the demo's data, in one process that ends again. Answers the operators' address.
    async fn seed(&mut self) -> SocketAddr {
        let config = self.folder.path().join("demo.toml");
        fs::write(&config, self.database_settings()).expect("a file");
        // As many as a demo takes.
        let port = free_ports(11);
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

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn database_settings(&self) -> String {
        let url = self.cluster.url();
        let (user, password) = (url.username(), url.password().unwrap_or_default());
        let at = format!("{}:{}", url.host_str().unwrap_or_default(), url.port().unwrap_or(5432));
        format!("[database]\nurl = \"postgres://{user}:{password}@{at}/grantor_{{service}}\"\nconnections = 4\n")
    }

    /// The document of credentials.
    pub fn demo(&self) -> &Value {
        &self.demo
    }

    /// The way to all tenants' endpoints.
    pub fn gateway(&self) -> Gateway {
        Gateway::split(self.at("registry"), self.at("authorization"), vec![self.at("token"), self.at("token-2")])
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
        let started = Instant::now();
        let member = self.member(name);
        member.process = serve(&own, member.service);
        member.process.ready(member.admin).await;
        started.elapsed()
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

    /// Ends every connection that services have to a database; how many there were.
    pub fn cut_connections(&self, service: &str) -> usize {
        let text = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'grantor_{service}' \
             AND pid <> pg_backend_pid()"
        );
        self.cluster.sql("postgres", &text).len()
    }

    /// SIGKILL to the database's first process; the others end by themselves.
    pub fn kill_database(&self) {
        self.cluster.kill();
    }

    /// Starts the database, as often as it takes: while the processes of the last one are there,
    /// starts are refused. Answers how often.
    ///
    /// # Panics
    /// When it does not come back.
    pub async fn start_database(&self) -> usize {
        let started = Instant::now();
        let mut refused = 0;
        while !self.cluster.try_start() {
            refused += 1;
            assert!(started.elapsed() < STARTS_WITHIN, "PostgreSQL does not start again");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        refused
    }

    /// Rows of a service's database.
    pub fn sql(&self, service: &str, text: &str) -> Vec<String> {
        self.cluster.sql(&format!("grantor_{service}"), text)
    }

    /// What the log of each database says against the invariants: versions that are not 1..n
    /// (I3), codes that were redeemed twice (I2), events that were set aside.
    pub fn broken(&self) -> Vec<String> {
        const STREAMS: &str = "
            SELECT 'I3: stream ' || coalesce(e.agg_id, s.agg_id) || ': ' || coalesce(e.n, 0) || ' events up to '
                || coalesce(e.last, 0) || ', state at ' || coalesce(s.version, -1)
            FROM (SELECT tenant_id, agg_id, count(*) AS n, min(version) AS first, max(version) AS last
                  FROM es_event GROUP BY tenant_id, agg_id) e
            FULL JOIN (SELECT tenant_id, agg_id, version FROM es_state WHERE version > 0) s
                ON s.tenant_id = e.tenant_id AND s.agg_id = e.agg_id
            WHERE e.n IS DISTINCT FROM e.last OR e.first IS DISTINCT FROM 1 OR e.last IS DISTINCT FROM s.version";
        const TWICE: &str = "
            SELECT 'I2: redeemed ' || count(*) || ' times: ' || agg_id FROM es_event
            WHERE event_type = 'oauth.authorization.redeemed' GROUP BY tenant_id, agg_id HAVING count(*) > 1";
        const PARKED: &str = "SELECT 'an event is parked by ' || consumer || ': ' || reason FROM es_parked";
        let ask = |service: &&str| {
            let found = [STREAMS, TWICE, PARKED].into_iter().flat_map(|text| self.sql(service, text));
            found.map(|line| format!("{service}: {line}")).collect::<Vec<_>>()
        };
        DATABASES.iter().flat_map(ask).collect()
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

fn serve(own: &Path, service: &str) -> Process {
    let mut command = Command::new(binary());
    command.args(["serve", service, "--data"]).arg(own).arg("--config").arg(own.join("grantor.toml"));
    Process::spawn(&mut command, &own.join("printed.log"))
}
