use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A start makes keys and may seed a demo; this is how long that may take on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A command that has ended.
#[derive(Debug)]
pub struct Outcome {
    /// Its exit code.
    pub code: Option<i32>,
    /// What it printed, standard error included.
    pub printed: String,
}

/// The binary, on a data folder of its own.
pub struct Program {
    folder: tempfile::TempDir,
    child: Option<Child>,
}

impl Default for Program {
    fn default() -> Self {
        Self::new()
    }
}

impl Program {
    /// On a folder where nothing has been made yet.
    pub fn new() -> Self {
        Self { folder: tempfile::TempDir::new().expect("a folder"), child: None }
    }

    /// A path beside its data folder.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.beside("data")
    }

    /// Writes its configuration file.
    pub fn configure(&self, text: &str) -> PathBuf {
        let path = self.beside("grantor.toml");
        fs::write(&path, text).expect("a file");
        path
    }

    /// Runs a command to its end. One that does not end is stopped after a minute, and fails.
    pub fn run(&self, words: &[&str]) -> Outcome {
        let mut child = self.command(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary");
        let started = Instant::now();
        while child.try_wait().expect("a child").is_none() {
            if started.elapsed() > READY_WITHIN {
                let _ = child.kill();
            }
            thread::sleep(Duration::from_millis(10));
        }
        let Output { status, stdout, stderr } = child.wait_with_output().expect("its output");
        let printed = format!("{}{}", String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        Outcome { code: status.code(), printed }
    }

    /// Starts a command that serves, and waits until something listens at this address.
    ///
    /// # Panics
    /// With what it printed, when it ends or nothing listens within a minute.
    pub fn serve(&mut self, words: &[&str], ready: SocketAddr) {
        let log = File::create(self.beside("printed.log")).expect("a file");
        let errors = log.try_clone().expect("a second handle");
        let mut child = self.command(words).stdout(log).stderr(errors).spawn().expect("the binary");
        let started = Instant::now();
        while std::net::TcpStream::connect(ready).is_err() {
            let ended = child.try_wait().expect("a child");
            if ended.is_some() || started.elapsed() > READY_WITHIN {
                let _ = child.kill();
                let printed = fs::read_to_string(self.beside("printed.log")).unwrap_or_default();
                panic!("it does not serve ({ended:?}); it printed:\n{printed}");
            }
            thread::sleep(Duration::from_millis(20));
        }
        self.child = Some(child);
    }

    /// Asks it to stop, as an init system would, and waits until it has.
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        let _ = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
        let _ = child.wait();
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.arg("--data").arg(self.data()).args(words).env("NO_COLOR", "1").stdin(Stdio::null());
        for name in ["GRANTOR_DATA", "GRANTOR_CONFIG", "GRANTOR_TOKEN", "GRANTOR_ADMIN"] {
            command.env_remove(name);
        }
        command
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Both fail only for a child that has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// `GRANTOR_BIN`, or the binary beside the folder this test was built into.
fn binary() -> PathBuf {
    let beside = || {
        let test = std::env::current_exe().expect("a test knows where it is");
        test.ancestors().nth(2).expect("tests are built two folders deep").join("grantor")
    };
    let path = std::env::var_os("GRANTOR_BIN").filter(|path| !path.is_empty()).map_or_else(beside, PathBuf::from);
    assert!(Path::is_file(&path), "no binary at {}: run `cargo build -p grantor` first", path.display());
    path
}
