//! The service's process, as the run sees it. Dropping it ends it.

use std::{
    io::BufReader,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use tempfile::TempDir;

use super::wire::{Ask, Events, Opening, Told, Used};
use crate::{
    Failure,
    child::{hear, say},
};

/// A service on a fresh database.
pub struct Process {
    child: Child,
    to: ChildStdin,
    from: Option<BufReader<ChildStdout>>,
    _folder: TempDir,
}

impl Process {
    /// Starts it; its files go below `folder`.
    pub fn start(folder: &Path, postgres: bool, authorities: Option<String>) -> Result<Self, Failure> {
        let place = TempDir::with_prefix_in("hooks-", folder)?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("hooks").arg(place.path());
        if postgres {
            command.arg("--postgres");
        }
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut to = child.stdin.take().ok_or("a service without an input")?;
        let mut from = BufReader::new(child.stdout.take().ok_or("a service without an output")?);
        say(&mut to, &Opening { authorities })?;
        let Told::Done = hear(&mut from)? else { return Err("a service that says something else".into()) };
        Ok(Self { child, to, from: Some(from), _folder: place })
    }

    /// Asks, and waits for the answer without holding up whoever else is at work.
    pub async fn ask(&mut self, ask: &Ask) -> Result<Told, Failure> {
        say(&mut self.to, ask)?;
        let mut from = self.from.take().ok_or("a service whose answer was not waited for")?;
        let (told, from) = tokio::task::spawn_blocking(move || (hear::<Told>(&mut from), from)).await?;
        self.from = Some(from);
        told
    }

    /// Commits events at a rate; says when each was committed.
    pub async fn paced(&mut self, events: Events, per_second: u64) -> Result<Vec<i64>, Failure> {
        match self.ask(&Ask::Paced { events, per_second }).await? {
            Told::Committed(at) => Ok(at),
            other => Err(format!("events were committed, and the answer is {other:?}").into()),
        }
    }

    /// Waits until there are so many deliveries, made or not.
    pub async fn rows(&mut self, rows: u64) -> Result<(), Failure> {
        let rows = usize::try_from(rows)?;
        while !matches!(self.ask(&Ask::Rows).await?, Told::Count(there) if there >= rows) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// Waits until nothing waits any more, and all that came of it is written.
    pub async fn settled(&mut self) -> Result<(), Failure> {
        while !matches!(self.ask(&Ask::Settled).await?, Told::Settled(true)) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(())
    }

    /// What it has used.
    pub async fn used(&mut self) -> Result<Used, Failure> {
        match self.ask(&Ask::Used).await? {
            Told::Used(used) => Ok(used),
            other => Err(format!("asked what was used, it says {other:?}").into()),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
