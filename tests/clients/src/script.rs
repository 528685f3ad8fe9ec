use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Running, binary};

/// A script that talks to a running server and prints `PASS …` or `FAIL …` for each check.
pub struct Script {
    command: Command,
    installed: PathBuf,
}

impl Script {
    /// A script of this repository in the Python environment of `make test`.
    pub fn python(path: &str) -> Self {
        let python =
            std::env::var_os("GRANTOR_PYTHON").map_or_else(|| root().join(".tools/venv/bin/python"), PathBuf::from);
        let mut command = Command::new(&python);
        // No compiled files beside the sources, no line held back.
        command.arg("-B").arg("-u").arg(root().join(path));
        Self { command, installed: python }
    }

    /// A script of this repository in Node, with the packages installed beside it or above it.
    pub fn node(path: &str, packages: &str) -> Self {
        let mut command = Command::new("node");
        command.arg(root().join(path));
        Self { command, installed: root().join(packages).join("node_modules") }
    }

    /// One more word on its command line.
    #[must_use]
    pub fn word(mut self, word: &str) -> Self {
        self.command.arg(word);
        self
    }

    /// Runs it to its end, with the demo's credentials as last word.
    ///
    /// # Panics
    /// With everything it printed, when a check fails or none was made.
    pub fn check(mut self, server: &Running) {
        assert!(self.installed.exists(), "{} is missing: run `make test`", self.installed.display());
        let output = self
            .command
            .arg(server.demo_file())
            .env("GRANTOR_BIN", binary())
            .env("GRANTOR_DATA", server.data())
            .env("ARTIFACTS_DIR", artifacts())
            // A proxy between a test and its own machine helps nobody.
            .env("NO_PROXY", "127.0.0.1,localhost")
            .env("no_proxy", "127.0.0.1,localhost")
            .output()
            .expect("the script starts");
        let printed = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        println!("{printed}{errors}");
        let passed = printed.lines().filter(|line| line.starts_with("PASS ")).count();
        let failed: Vec<_> = printed.lines().filter_map(|line| line.strip_prefix("FAIL ")).collect();
        assert!(failed.is_empty(), "{passed} checks passed, {} failed: {}", failed.len(), failed.join("; "));
        assert!(output.status.success(), "the script ended with {}", output.status);
        assert!(passed > 0, "the script checked nothing");
    }
}

/// Where screenshots go: `ARTIFACTS_DIR`, or `artifacts` in the repository.
fn artifacts() -> PathBuf {
    std::env::var_os("ARTIFACTS_DIR").map_or_else(|| root().join("artifacts"), PathBuf::from)
}

/// The repository.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}
