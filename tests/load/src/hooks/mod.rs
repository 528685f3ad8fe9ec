//! `make bench ARGS=--webhooks`: deliveries to receivers on loopback, from the commit of an event
//! to the answer, beside a loop that only posts the same bodies with the same client library.
//!
//! The service is in a process of its own, on a database of its own for each scene; the receivers
//! are in this one. All share the machine, as one on a small machine does.

mod bare;
mod events;
mod process;
mod receiver;
mod retries;
mod scenes;
mod service;
mod wire;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use tempfile::TempDir;

use crate::{Failure, report};
use process::Process;
pub use service::run as serve;

/// The kind of event that partners are told of here.
const CREATED: &str = "oauth.authorization.created";
/// One that many clients hear of.
const UNLOCKED: &str = "identity.user.unlocked";
/// Endpoints of a tenant, or of a client: as many as there may be.
const EACH: u64 = 20;
/// What stands before an event's number in its body.
const MARK: &str = "event.";

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Scene {
    /// Events with one delivery each, as many as it can; beside the bare loop.
    Rate,
    /// The same over TLS, with both signatures.
    Tls,
    /// Events with a thousand deliveries each.
    Fanout,
    /// From commit to arrival, at 200 events in a second.
    Delay,
    /// The same while a thousand endpoints are dead in four ways.
    Isolation,
    /// A receiver that was away and is back.
    Recovery,
    /// How late retries begin.
    Retries,
    /// Memory with many endpoints and many deliveries that wait.
    Memory,
}

/// How much of each.
#[derive(Debug, Clone, Copy)]
pub struct Scale {
    /// Events with one delivery each.
    events: u64,
    /// Clients that hear of the same event with all their endpoints, and such events.
    fanout: (u64, u64),
    /// Events at 200 in a second.
    paced: u64,
    /// Tenants whose endpoints are dead, and events that wait for each endpoint.
    dead: (u64, u64),
    /// Events that wait for one who is away.
    away: u64,
    /// Tenants whose endpoints fail once.
    retries: u64,
    /// Tenants whose endpoints have ten deliveries each.
    crowd: u64,
}

impl Scale {
    /// A few seconds for each scene: that it runs.
    pub const QUICK: Self =
        Self { events: 400, fanout: (2, 5), paced: 100, dead: (2, 5), away: 60, retries: 1, crowd: 2 };
    /// The figures of the documentation.
    pub const FULL: Self = Self {
        events: 100_000,
        fanout: (50, 200),
        paced: 4000,
        dead: (50, 100),
        away: 10_000,
        retries: 10,
        crowd: 500,
    };
    /// Five minutes of the first, and everything that memory has to hold.
    pub const LONG: Self = Self { events: 1_500_000, crowd: 5000, ..Self::FULL };
}

/// Where and on what.
struct Bench {
    folder: PathBuf,
    postgres: bool,
    scale: Scale,
}

impl Bench {
    fn service(&self, authorities: Option<String>) -> Result<Process, Failure> {
        Process::start(&self.folder, self.postgres, authorities)
    }
}

/// Measures and prints; all scenes when none is named.
pub fn run(scale: Scale, only: &[Scene], folder: Option<PathBuf>, postgres: bool) -> Result<(), Failure> {
    let program = std::env::current_exe()?;
    let beside = program.parent().map(Path::to_owned).ok_or("a program without a folder")?;
    let place = TempDir::with_prefix_in("bench-", folder.unwrap_or(beside))?;
    let engine = if postgres { "PostgreSQL, fsync on" } else { "SQLite, synchronous=FULL" };
    println!("webhooks on {engine}; one fdatasync of 4 KiB: {:.0} µs", report::sync_micros(place.path())?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let bench = Bench { folder: place.path().to_owned(), postgres, scale };
    for scene in Scene::value_variants().iter().filter(|scene| only.is_empty() || only.contains(scene)) {
        runtime.block_on(bench.scene(*scene))?;
    }
    Ok(())
}

impl Bench {
    async fn scene(&self, scene: Scene) -> Result<(), Failure> {
        match scene {
            Scene::Rate => scenes::rate(self, false).await,
            Scene::Tls => scenes::rate(self, true).await,
            Scene::Fanout => scenes::fanout(self).await,
            Scene::Delay => scenes::delay(self).await,
            Scene::Isolation => scenes::isolation(self).await,
            Scene::Recovery => scenes::recovery(self).await,
            Scene::Retries => scenes::retries(self).await,
            Scene::Memory => scenes::memory(self).await,
        }
    }
}
