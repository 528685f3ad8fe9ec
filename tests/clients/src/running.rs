use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use grantor_tests_ports::free_ports;
use serde_json::Value;
use tempfile::TempDir;

/// Ports that a demo takes from its first one on: its listeners, and its clients' callback.
const SPAN: u16 = 12;
/// A first start makes keys and seeds; this is how long that may take on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// The binary under test: `GRANTOR_BIN`, or the one in the folder this test was built into.
///
/// # Panics
/// When there is none: building it is the work of `make test`.
pub fn binary() -> PathBuf {
    let path =
        std::env::var_os("GRANTOR_BIN").filter(|path| !path.is_empty()).map_or_else(beside_this_test, PathBuf::from);
    assert!(path.is_file(), "no binary at {}: run `make test`, or `cargo build -p grantor` first", path.display());
    path
}

/// `target/<profile>/grantor`, seen from `target/<profile>/deps/<this test>`.
fn beside_this_test() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let profile = test.ancestors().nth(2).expect("tests are built two folders deep");
    profile.join("grantor")
}

/// `grantor demo`, running on a data folder and ports of its own until this is dropped.
pub struct Running {
    child: Child,
    folder: TempDir,
    first_port: u16,
    demo: Value,
}

impl Running {
    /// Starts a new demo and waits until it is ready.
    ///
    /// # Panics
    /// With what the server printed, when it does not become ready.
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts a new demo with a configuration file of this content (TOML).
    ///
    /// # Panics
    /// With what the server printed, when it does not become ready.
    pub fn start_with(settings: &str) -> Self {
        let folder = TempDir::new().expect("a folder for the data");
        fs::write(folder.path().join("grantor.toml"), settings).expect("a configuration file");
        let first_port = free_ports(SPAN);
        let mut child = spawn(folder.path(), first_port);
        if let Err(reason) = wait_until_ready(&mut child, first_port) {
            stop(&mut child);
            panic!("{reason}; it printed:\n{}", printed(folder.path()));
        }
        let demo = read_demo(folder.path());
        Self { child, folder, first_port, demo }
    }

    /// Starts a new demo that is killed as soon as `cut` says so of its folder, and starts it again.
    ///
    /// # Panics
    /// With what the server printed, when it does not become ready.
    pub fn cut_short(cut: impl Fn(&Path) -> bool) -> Self {
        let folder = TempDir::new().expect("a folder for the data");
        fs::write(folder.path().join("grantor.toml"), "").expect("a configuration file");
        let first_port = free_ports(SPAN);
        let mut child = spawn(folder.path(), first_port);
        let started = Instant::now();
        while !cut(&data(folder.path())) {
            assert!(started.elapsed() < READY_WITHIN, "nothing to cut yet:\n{}", printed(folder.path()));
            thread::sleep(Duration::from_millis(1));
        }
        stop(&mut child);
        let mut server = Self { child, folder, first_port, demo: Value::Null };
        server.start_again();
        server.demo = read_demo(server.folder.path());
        server
    }

    /// Kills the server without a word, as a power cut would, and starts it on the same data.
    /// Returns how long it took to be ready again.
    ///
    /// # Panics
    /// With what the server printed, when it does not become ready.
    pub fn kill_and_start_again(&mut self) -> Duration {
        self.kill();
        self.start_again()
    }

    /// Kills the server without a word, as a power cut would.
    pub fn kill(&mut self) {
        stop(&mut self.child);
    }

    /// Asks the server to end (SIGTERM) and waits until it has.
    ///
    /// # Panics
    /// When it cannot be asked.
    pub fn terminate(&mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        assert!(asked.expect("`kill` runs").success(), "the server cannot be asked to end");
        self.child.wait().expect("the server ends")
    }

    /// Starts the server, which has ended, on the same data. Returns how long it took to be ready.
    ///
    /// # Panics
    /// With what the server printed, when it does not become ready.
    pub fn start_again(&mut self) -> Duration {
        let started = Instant::now();
        self.child = spawn(self.folder.path(), self.first_port);
        if let Err(reason) = wait_until_ready(&mut self.child, self.first_port) {
            panic!("{reason}; it printed:\n{}", self.printed());
        }
        started.elapsed()
    }

    /// The document of credentials, `demo.json`.
    pub fn demo(&self) -> &Value {
        &self.demo
    }

    /// Where that document is.
    pub fn demo_file(&self) -> PathBuf {
        self.data().join("demo.json")
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        data(self.folder.path())
    }

    /// The first of its ports.
    pub fn first_port(&self) -> u16 {
        self.first_port
    }

    /// What the server has printed since its first start, standard error included.
    pub fn printed(&self) -> String {
        printed(self.folder.path())
    }

    /// Where its standard error goes: the log.
    pub fn log_file(&self) -> PathBuf {
        errors_file(self.folder.path())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        stop(&mut self.child);
        if thread::panicking() {
            eprintln!("--- what the server printed ---\n{}--- end ---", self.printed());
        }
    }
}

fn data(folder: &Path) -> PathBuf {
    folder.join("data")
}

fn printed_file(folder: &Path) -> PathBuf {
    folder.join("printed.log")
}

fn errors_file(folder: &Path) -> PathBuf {
    folder.join("errors.log")
}

fn printed(folder: &Path) -> String {
    [printed_file(folder), errors_file(folder)].map(|path| fs::read_to_string(path).unwrap_or_default()).concat()
}

fn read_demo(folder: &Path) -> Value {
    let path = data(folder).join("demo.json");
    let text = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn spawn(folder: &Path, first_port: u16) -> Child {
    let file = |path| File::options().create(true).append(true).open(path).expect("a file for what is printed");
    let mut command = Command::new(binary());
    command
        .arg("demo")
        .arg("--data")
        .arg(data(folder))
        .args(["--port", &first_port.to_string()])
        .arg("--config")
        .arg(folder.join("grantor.toml"))
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(file(printed_file(folder)))
        .stderr(file(errors_file(folder)));
    grantor_tests_ports::spawn(&mut command).expect("the binary starts")
}

/// Ends this very child, by its own id.
fn stop(child: &mut Child) {
    // Both fail only for a child that has ended already.
    let _ = child.kill();
    let _ = child.wait();
}

fn wait_until_ready(child: &mut Child, first_port: u16) -> Result<Duration, String> {
    let started = Instant::now();
    while started.elapsed() < READY_WITHIN {
        if let Ok(Some(status)) = child.try_wait() {
            return Err(format!("the server ended with {status}"));
        }
        if is_ready(first_port + 9).unwrap_or(false) {
            return Ok(started.elapsed());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Err(format!("the server was not ready after {} s", READY_WITHIN.as_secs()))
}

/// Asks the admin listener's `/ready`, by hand: that needs no HTTP client.
fn is_ready(port: u16) -> io::Result<bool> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    write!(stream, "GET /ready HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
    let mut status = [0; 12];
    stream.read_exact(&mut status)?;
    Ok(&status == b"HTTP/1.1 200")
}
