//! A server in a process of its own: it says one line once it answers, and then a line for
//! every line it gets.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Failure,
    site::{Site, Used, Written},
};

/// Ticks of `/proc/…/stat` per second; the same on every Linux.
const TICKS: f64 = 100.0;

/// A running server. Dropping it ends it.
pub struct Server {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    /// Where it is.
    pub site: Site,
}

impl Server {
    /// Starts it, tells it something, and waits until it answers.
    pub fn start(command: &mut Command, told: &impl Serialize) -> Result<Self, Failure> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut to = child.stdin.take().ok_or("a server without an input")?;
        let mut from = BufReader::new(child.stdout.take().ok_or("a server without an output")?);
        say(&mut to, told)?;
        let site = hear(&mut from)?;
        Ok(Self { child, to, from, site })
    }

    /// What it has used until now.
    pub fn used(&mut self) -> Result<Used, Failure> {
        say(&mut self.to, &"written")?;
        let written: Written = hear(&mut self.from)?;
        Ok(Used { cpu: cpu_seconds(self.child.id())?, written })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes one line.
pub fn say(to: &mut impl Write, what: &impl Serialize) -> Result<(), Failure> {
    let mut line = serde_json::to_vec(what)?;
    line.push(b'\n');
    to.write_all(&line)?;
    Ok(to.flush()?)
}

/// Reads one line.
pub fn hear<T: DeserializeOwned>(from: &mut impl BufRead) -> Result<T, Failure> {
    let mut line = String::new();
    if from.read_line(&mut line)? == 0 {
        return Err("a server ended before it answered".into());
    }
    Ok(serde_json::from_str(&line)?)
}

/// Answers every line that comes, until the one who asks is gone.
pub fn answer_lines(written: impl Fn() -> Written) -> Result<(), Failure> {
    for line in std::io::stdin().lines() {
        line?;
        say(&mut std::io::stdout(), &written())?;
    }
    Ok(())
}

/// User and system time of all threads of a process (proc(5): fields 14 and 15).
pub fn cpu_seconds(pid: u32) -> Result<f64, Failure> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The second field is a name in parentheses and may hold spaces.
    let rest = stat.rsplit(')').next().unwrap_or_default();
    let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS)
}
