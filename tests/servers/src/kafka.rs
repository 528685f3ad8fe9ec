use std::{
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
};

use grantor_ports::{EntropyExt, OsEntropy};

/// `host:port` of the broker that all tests share: that of `GRANTOR_TEST_KAFKA`, or one that is
/// started by whoever needs it first and stops with the last process that does.
pub fn kafka() -> String {
    match std::env::var("GRANTOR_TEST_KAFKA") {
        Ok(own) => own,
        Err(_) => control("lease", &root().join("data/test/kafka"), Some(std::process::id().to_string())),
    }
}

/// A prefix that nobody else has.
pub fn prefix(test: &str) -> String {
    let name: String = test.chars().filter(|c| c.is_ascii_alphanumeric()).take(24).collect();
    let unique: String = OsEntropy.byte_vec(8).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("test-{name}-{unique}.")
}

/// A broker of a test's own. It and its data go when this is dropped, and when the test's process
/// ends before, however that ends.
pub struct Broker {
    folder: PathBuf,
    keeper: Option<(Child, ChildStdin)>,
    /// Its `host:port`, the same for life.
    pub address: String,
}

impl Broker {
    /// Starts one.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// One that has an encrypted listener too, for the user `grantor` with this password;
    /// `identity` is a file with its private key and certificate.
    ///
    /// # Panics
    /// When it does not start.
    pub fn encrypted(identity: &Path, password: &str) -> Self {
        Self::start_with(&[("KAFKA_TLS", identity.to_str().expect("a path")), ("KAFKA_PASSWORD", password)])
    }

    fn start_with(settings: &[(&str, &str)]) -> Self {
        let unique: String = OsEntropy.byte_vec(16).iter().map(|byte| format!("{byte:02x}")).collect();
        let folder = std::env::temp_dir().join(format!("grantor-kafka-{unique}"));
        let mut keeper = Command::new(script("keep"))
            .arg("kafka")
            .arg(&folder)
            .envs(settings.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // What ends the tests, such as Ctrl-C, must not end who cleans up after them.
            .process_group(0)
            .spawn()
            .expect("the keeper starts");
        let held = keeper.stdin.take().expect("its input");
        let mut address = String::new();
        let mut said = BufReader::new(keeper.stdout.take().expect("its output"));
        said.read_line(&mut address).expect("a line");
        assert!(!address.is_empty(), "Kafka does not start (see above; tools/setup test installs it)");
        Self { folder, keeper: Some((keeper, held)), address: address.trim().to_owned() }
    }

    /// `host:port` of the encrypted listener.
    ///
    /// # Panics
    /// When it has none.
    pub fn secure_address(&self) -> String {
        let port = std::fs::read_to_string(self.folder.join("secure-port")).expect("an encrypted listener");
        format!("127.0.0.1:{}", port.trim())
    }

    /// `kill -9`.
    pub fn kill(&self) {
        control("kill", &self.folder, None);
    }

    /// Asks it to end, and waits.
    pub fn stop(&self) {
        control("stop", &self.folder, None);
    }

    /// Brings it back, with what it had.
    pub fn start_again(&self) {
        control("start", &self.folder, None);
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        if let Some((mut keeper, held)) = self.keeper.take() {
            drop(held);
            let _ = keeper.wait();
        }
    }
}

fn control(command: &str, folder: &Path, more: Option<String>) -> String {
    let script = script("kafka");
    let done = Command::new(&script).arg(command).arg(folder).args(more).output();
    let done = done.unwrap_or_else(|cause| panic!("{} {command}: {cause}", script.display()));
    let said = String::from_utf8_lossy(&done.stdout).trim().to_owned();
    assert!(done.status.success(), "{} {command}: {}", script.display(), String::from_utf8_lossy(&done.stderr));
    said
}

fn script(name: &str) -> PathBuf {
    root().join("deploy/local").join(name)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
