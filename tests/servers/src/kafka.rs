use std::{
    path::{Path, PathBuf},
    process::Command,
};

use grantor_ports::{EntropyExt, OsEntropy};
use tempfile::TempDir;

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

/// A broker of a test's own. Dropping it ends it and removes its data.
pub struct Broker {
    folder: TempDir,
    /// Its `host:port`, the same for life.
    pub address: String,
}

impl Broker {
    /// Starts one.
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        let address = control("start", folder.path(), None);
        Self { folder, address }
    }

    /// `kill -9`.
    pub fn kill(&self) {
        control("kill", self.folder.path(), None);
    }

    /// Asks it to end, and waits.
    pub fn stop(&self) {
        control("stop", self.folder.path(), None);
    }

    /// Brings it back, with what it had.
    pub fn start_again(&self) {
        control("start", self.folder.path(), None);
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}

fn control(command: &str, folder: &Path, more: Option<String>) -> String {
    let script = root().join("deploy/local/kafka");
    let done = Command::new(&script).arg(command).arg(folder).args(more).output();
    let done = done.unwrap_or_else(|cause| panic!("{} {command}: {cause}", script.display()));
    let said = String::from_utf8_lossy(&done.stdout).trim().to_owned();
    assert!(done.status.success(), "{} {command}: {}", script.display(), String::from_utf8_lossy(&done.stderr));
    said
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
