use std::{
    fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use grantor_ports::{EntropyExt, OsEntropy};
use tokio::sync::OnceCell;
use url::Url;

/// The server that all tests of this process share.
static SHARED: OnceCell<Cluster> = OnceCell::const_new();

/// A running PostgreSQL.
pub struct Cluster {
    url: Url,
    folder: Option<PathBuf>,
    keeper: Option<(Child, ChildStdin)>,
}

impl Cluster {
    /// The one that everybody uses.
    pub async fn shared() -> &'static Self {
        SHARED
            .get_or_init(|| async {
                match std::env::var("GRANTOR_TEST_POSTGRES") {
                    Ok(url) if !url.is_empty() => {
                        let url = Url::parse(&url).expect("GRANTOR_TEST_POSTGRES is a URL");
                        Self { url, folder: None, keeper: None }
                    }
                    _ => Self::private(false),
                }
            })
            .await
    }

    /// One of its own, for tests that kill it or restore into it. `durable` as in production;
    /// otherwise it forgets what is written when the machine (not the process) dies.
    pub fn private(durable: bool) -> Self {
        Self::start_with(&[("POSTGRES_AUTH", "password"), ("POSTGRES_FSYNC", if durable { "on" } else { "off" })])
    }

    /// One of its own that takes encrypted connections too; `identity` is a file with its private
    /// key and certificate. Passwords are proved, not shown.
    ///
    /// # Panics
    /// When the path is no text.
    pub fn encrypted(identity: &Path) -> Self {
        Self::start_with(&[("POSTGRES_TLS", identity.to_str().expect("a path")), ("POSTGRES_FSYNC", "off")])
    }

    fn start_with(settings: &[(&str, &str)]) -> Self {
        let folder = std::env::temp_dir().join(format!("grantor-postgres-{}", OsEntropy.uuid4().simple()));
        // Takes it away again when nobody holds the other end of its input: however this ends.
        let mut keeper = Command::new(local("keep"))
            .arg("postgres")
            .arg(&folder)
            .env("POSTGRES_SERVICES", "")
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What ends the tests, such as Ctrl-C, must not end who cleans up after them.
            .process_group(0)
            .spawn()
            .expect("the keeper starts");
        let held = keeper.stdin.take().expect("its input");
        let mut url = String::new();
        let mut output = BufReader::new(keeper.stdout.take().expect("its output"));
        output.read_line(&mut url).expect("a line");
        let url = Url::parse(url.trim()).expect("PostgreSQL starts (see above; tools/setup test installs it)");
        Self { url, folder: Some(folder), keeper: Some((keeper, held)) }
    }

    /// The superuser's URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Process id of the postmaster of a private one.
    pub fn pid(&self) -> u32 {
        let folder = self.folder.as_ref().expect("a private cluster");
        let pid = fs::read_to_string(folder.join("pgdata/postmaster.pid")).expect("it runs");
        pid.lines().next().and_then(|line| line.trim().parse().ok()).expect("a process id")
    }

    /// SIGKILL to all of a private one.
    pub fn kill(&self) {
        self.script("kill");
    }

    /// Starts a private one that was killed, at the same port.
    pub fn start(&self) {
        self.script("start");
    }

    /// The same once; whether it started. It is refused while processes of the killed one are
    /// there.
    pub fn try_start(&self) -> bool {
        self.run("start").output().expect("the script runs").status.success()
    }

    fn script(&self, word: &str) {
        assert!(self.run(word).status().expect("the script runs").success(), "{word} failed");
    }

    fn run(&self, word: &str) -> Command {
        let folder = self.folder.as_ref().expect("a private cluster");
        let mut command = Command::new(local("postgres"));
        command.arg(word).arg(folder).env("POSTGRES_SERVICES", "").stdout(Stdio::null());
        command
    }

    /// Runs SQL in a database; answers its rows, columns separated by `|`.
    pub fn sql(&self, database: &str, text: &str) -> Vec<String> {
        let out = self.client("psql", database).args(["-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-c", text]).output();
        let out = out.expect("psql runs");
        assert!(out.status.success(), "{text}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).lines().map(str::to_owned).collect()
    }

    /// A client program of PostgreSQL, pointed at a database.
    pub fn client(&self, program: &str, database: &str) -> Command {
        let mut command = Command::new(program);
        let part = |text: Option<&str>| text.unwrap_or_default().to_owned();
        command
            .env("PGHOST", part(self.url.host_str()))
            .env("PGPORT", self.url.port().unwrap_or(5432).to_string())
            .env("PGUSER", self.url.username())
            .env("PGPASSWORD", part(self.url.password()))
            .env("PGDATABASE", database);
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some((mut keeper, held)) = self.keeper.take() {
            drop(held);
            let _ = keeper.wait();
        }
    }
}

fn local(script: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/local").join(script)
}
