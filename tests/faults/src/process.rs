use std::{
    fs::File,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use grantor_tests_ports::spawn;
use reqwest::Client;

/// How long a start may take on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// How often it is looked.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// A process that is ended, by its own id, when this is dropped.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program; what it prints is added to a file.
    pub(crate) fn spawn(command: &mut Command, log: &Path) -> Self {
        let file = || File::options().create(true).append(true).open(log).expect("a file for what is printed");
        let child = spawn(command.env("NO_COLOR", "1").stdin(Stdio::null()).stdout(file()).stderr(file()));
        Self { child: child.expect("the program starts"), log: log.to_owned() }
    }

    /// Waits until its admin listener says that it is ready; how long that took.
    pub(crate) async fn ready(&mut self, admin: SocketAddr) -> Duration {
        let http = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().expect("an HTTP client");
        let started = Instant::now();
        loop {
            if let Some(status) = self.ended() {
                panic!("it ended with {status}:\n{}", self.printed());
            }
            let asked = http.get(format!("http://{admin}/ready")).send().await;
            if asked.is_ok_and(|answer| answer.status() == 200) {
                return started.elapsed();
            }
            assert!(started.elapsed() < READY_WITHIN, "{admin} is not ready:\n{}", self.printed());
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// How it has ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        // Both fail only for a child that has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn terminate(&mut self) {
        self.signal("TERM");
        self.child.wait().expect("it ends");
    }

    /// Sends it a signal, such as `STOP`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status();
        assert!(sent.expect("`kill` runs").success(), "no {name} for a process of this test");
    }

    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The end of what it has printed.
    pub(crate) fn printed(&self) -> String {
        let text = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}
