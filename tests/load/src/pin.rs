//! Which core a process runs on: `taskset` of util-linux says it, threads inherit it.

use std::{
    path::Path,
    process::{Command, Stdio},
    thread,
};

/// Where the servers and the generator run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cores {
    /// Servers on the first, the generator on the second.
    Apart,
    /// Wherever the system puts them: there is one core only, or no `taskset`.
    Anywhere,
}

impl Cores {
    /// Keeps this process on the second core, if it can be; before it starts any thread.
    pub fn divide() -> Self {
        let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        if cores < 2 {
            return Self::Anywhere;
        }
        let own = std::process::id().to_string();
        let pinned =
            Command::new("taskset").args(["-cp", "1", &own]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        if pinned.is_ok_and(|status| status.success()) { Self::Apart } else { Self::Anywhere }
    }

    /// This program on the servers' core.
    pub fn server(self, program: &Path) -> Command {
        match self {
            Self::Apart => {
                let mut command = Command::new("taskset");
                command.args(["-c", "0"]).arg(program);
                command
            }
            Self::Anywhere => Command::new(program),
        }
    }
}
