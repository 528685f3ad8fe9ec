//! A process that cannot do its work says which setting is wrong, and does not start at all.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use grantor_tests_clients::binary;
use grantor_tests_ports::free_address;
use tempfile::TempDir;

/// A made data folder, and what is to be said of it.
pub struct Case {
    folder: TempDir,
    listen: [SocketAddr; 3],
}

impl Case {
    fn new() -> Self {
        Self::made_with("")
    }

    /// With more in the configuration that `init` reads.
    pub fn made_with(settings: &str) -> Self {
        let case = Self {
            folder: TempDir::new().expect("a folder"),
            listen: [free_address(), free_address(), free_address()],
        };
        let made = case.run("init", settings);
        assert!(made.status.success(), "{made:?}");
        case
    }

    /// Another command, to its end.
    pub fn run(&self, word: &str, settings: &str) -> Output {
        let config = self.folder.path().join("made.toml");
        fs::write(&config, settings).expect("a file");
        let mut command = Command::new(binary());
        command.arg(word).arg("--data").arg(self.data()).arg("--config").arg(config).output().expect("the binary")
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// What a process says that must not start, with exit code 1.
    pub fn refusal(&self, services: &[&str], internal: &str) -> String {
        let [tenants, admin, _] = self.listen;
        let config = self.folder.path().join("grantor.toml");
        let text = format!("listen = [\"{tenants}\"]\nadmin_listen = \"{admin}\"\n{internal}");
        fs::write(&config, text).expect("a file");
        let mut child = Command::new(binary())
            .arg("serve")
            .args(services)
            .arg("--data")
            .arg(self.data())
            .arg("--config")
            .arg(&config)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let started = Instant::now();
        while child.try_wait().expect("a child").is_none() {
            if started.elapsed() > Duration::from_secs(60) {
                let _ = child.kill();
                let said = child.wait_with_output().expect("what it said");
                panic!("it has started: {services:?} {internal}: {}", String::from_utf8_lossy(&said.stderr));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let output = child.wait_with_output().expect("what it said");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        // Nothing is left half-started: its ports are free again.
        for at in [tenants, admin] {
            assert!(TcpListener::bind(at).is_ok() || said.contains("cannot listen"), "{at} is taken: {said}");
        }
        said
    }

    /// `[internal]`, with more behind it.
    pub fn internal(&self, more: &str) -> String {
        format!("[internal]\nlisten = \"{}\"\n{more}", self.listen[2])
    }
}

/// All of these words are said.
pub fn names(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
}

#[test]
fn a_service_that_does_not_exist() {
    names(&Case::new().refusal(&["tokens"], ""), &["serve", "`tokens` is no service", "registry, directory"]);
}

#[test]
fn an_address_of_nobody() {
    let case = Case::new();
    let peers = "[internal.peers]\nregistry = \"http://127.0.0.1:1\"\n";
    names(&case.refusal(&["token"], &case.internal(peers)), &["internal.peers.directory", "is missing"]);
    let odd = "[internal.peers]\nregistry = \"somewhere\"\ndirectory = \"http://127.0.0.1:1\"\n";
    names(&case.refusal(&["token"], &case.internal(odd)), &["internal.peers.registry", "somewhere"]);
    let unknown = "[internal.peers]\nregistries = \"http://127.0.0.1:1\"\n";
    names(&case.refusal(&["token"], &case.internal(unknown)), &["internal.peers", "`registries` is no service"]);
}

#[test]
fn no_address_for_the_others() {
    names(&Case::new().refusal(&["token"], ""), &["internal.listen", "is missing"]);
}

#[test]
fn no_key_or_no_key_file_at_all() {
    let case = Case::new();
    let peers = "[internal.peers]\nregistry = \"http://127.0.0.1:1\"\ndirectory = \"http://127.0.0.1:1\"\n";
    let key = case.data().join("internal.key");
    fs::write(&key, "what is this").expect("a file");
    names(&case.refusal(&["token"], &case.internal(peers)), &["internal.key", "line 1"]);
    fs::write(&key, "authorization>token:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n").expect("a file");
    names(&case.refusal(&["token"], &case.internal(peers)), &["internal.key", "`token` to `registry`"]);
    fs::remove_file(&key).expect("it was there");
    names(&case.refusal(&["token"], &case.internal(peers)), &["internal.key", "grantor internal-key"]);
}

#[test]
fn certificates_that_are_none() {
    let case = Case::new();
    let missing = "tls = { certificate = \"/nowhere/a.pem\", key = \"/nowhere/a.key\", authority = \"/nowhere/ca.pem\" }\n\
                   [internal.peers]\nregistry = \"https://127.0.0.1:1\"\ndirectory = \"https://127.0.0.1:1\"\n";
    names(&case.refusal(&["token"], &case.internal(missing)), &["internal.tls.certificate", "/nowhere/a.pem"]);
}

#[test]
fn ports_that_are_taken() {
    let case = Case::new();
    let peers = "[internal.peers]\nregistry = \"http://127.0.0.1:1\"\ndirectory = \"http://127.0.0.1:1\"\n";
    for (at, setting) in case.listen.into_iter().zip(["listen", "admin_listen", "internal.listen"]) {
        let taken = TcpListener::bind(at).expect("a free port");
        let said = case.refusal(&["token"], &case.internal(peers));
        names(&said, &[setting, "cannot listen", &at.to_string()]);
        drop(taken);
    }
}

#[test]
fn production_calls_nobody_in_the_clear() {
    let case = Case::new();
    let common = "mode = \"production\"\nsmtp = { host = \"127.0.0.1\", port = 1, security = \"plain\", from = \"a@example.com\" }\n";
    let far = format!("{common}[internal]\nlisten = \"0.0.0.0:0\"\n");
    names(&case.refusal(&["token"], &far), &["internal.listen", "internal.tls"]);
    let peers = format!("{common}{}[internal.peers]\nregistry = \"http://10.0.0.1:1\"\n", case.internal(""));
    names(&case.refusal(&["token"], &peers), &["internal.peers", "https"]);
}

#[test]
fn no_data_no_root_key_or_another_one() {
    let case = Case::new();
    let root = case.data().join("root.key");
    let kept = fs::read(&root).expect("the key");
    fs::remove_file(&root).expect("it was there");
    names(&case.refusal(&[], ""), &["root_key", "root.key"]);
    assert!(!root.exists(), "a start makes no key");
    let other = Case::new();
    fs::copy(other.data().join("root.key"), &root).expect("a copy");
    names(&case.refusal(&[], ""), &["root_key", "another root key"]);
    fs::write(&root, kept).expect("a file");
    fs::remove_dir_all(case.data()).expect("gone");
    names(&case.refusal(&[], ""), &["grantor init"]);
}

#[test]
fn a_service_runs_once() {
    use grantor_tests_topologies::Process;
    let case = Case::new();
    let peers = "[internal.peers]\nregistry = \"http://127.0.0.1:1\"\ndirectory = \"http://127.0.0.1:1\"\n";
    let (admin, config) = (free_address(), case.folder.path().join("first.toml"));
    let text = format!(
        "listen = [\"{}\"]\nadmin_listen = \"{admin}\"\n[internal]\nlisten = \"{}\"\n{peers}",
        free_address(),
        free_address()
    );
    fs::write(&config, text).expect("a file");
    let mut command = Command::new(binary());
    command.args(["serve", "token", "--data"]).arg(case.data()).arg("--config").arg(&config);
    let mut first = Process::spawn(&mut command, &case.folder.path().join("first.log"));
    first.wait_until_ready(admin, "/health").expect("the first");
    names(&case.refusal(&["token"], &case.internal(peers)), &["another grantor process uses"]);
    names(&case.refusal(&[], ""), &["another grantor process uses"]);
}
