//! `make bench`: code exchange and introspection beside a bare server, in one run.
//!
//! The program starts itself three times over: once as the platform on a database that holds a
//! backlog of codes, once as a bare actix-web server that parses the same form and does the same
//! cryptography and nothing else, and it stays the generator of load. Both servers have all
//! their threads on one core, the generator has another. What is compared is measured side by
//! side, in turns, because a shared machine is never quiet. With `--webhooks` deliveries are
//! measured instead ([`hooks`]).

mod bare;
mod child;
mod generator;
mod hooks;
mod measure;
mod pin;
mod platform;
mod report;
mod site;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};

use crate::measure::Plan;

/// Any failure ends the run, with this text.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Measures code exchange and introspection beside a bare server.
#[derive(Parser)]
#[command(name = "bench")]
struct Arguments {
    #[command(subcommand)]
    part: Option<Part>,
    /// Only that it runs and that all answers are right: a small backlog, few requests.
    #[arg(long)]
    quick: bool,
    /// How often each pair is measured; the middle one counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Where the databases go for the run; has to be a real disk.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// On a PostgreSQL of its own instead of SQLite files; it shares the platform's core.
    #[arg(long)]
    postgres: bool,
    /// Measure these alone.
    #[arg(long, value_enum)]
    only: Vec<measure::What>,
    /// Deliveries to webhooks instead of requests.
    #[arg(long)]
    webhooks: bool,
    /// Of these alone.
    #[arg(long, value_enum, requires = "webhooks")]
    scene: Vec<hooks::Scene>,
    /// Five minutes of deliveries, and as much in memory as there may ever be.
    #[arg(long, requires = "webhooks")]
    long: bool,
}

/// What the program starts itself as.
#[derive(Subcommand)]
enum Part {
    /// The platform.
    #[command(hide = true)]
    Platform {
        /// Its data folder.
        folder: PathBuf,
        /// Codes for each of the two clients.
        codes: usize,
        /// Whether on a PostgreSQL of its own.
        #[arg(long)]
        postgres: bool,
    },
    /// The bare server.
    #[command(hide = true)]
    Bare,
    /// The webhooks service.
    #[command(hide = true)]
    Hooks {
        /// Its data folder.
        folder: PathBuf,
        /// Whether on a PostgreSQL of its own.
        #[arg(long)]
        postgres: bool,
    },
}

/// The binary's own: both servers and the generator have it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match arguments.part {
        Some(Part::Platform { folder, codes, postgres }) => platform::run(&folder, codes, postgres),
        Some(Part::Bare) => bare::run(),
        Some(Part::Hooks { folder, postgres }) => hooks::serve(&folder, postgres),
        None if arguments.webhooks => {
            let scale = match arguments {
                Arguments { quick: true, .. } => hooks::Scale::QUICK,
                Arguments { long: true, .. } => hooks::Scale::LONG,
                _ => hooks::Scale::FULL,
            };
            hooks::run(scale, &arguments.scene, arguments.folder, arguments.postgres)
        }
        None => {
            let plan = if arguments.quick { Plan::quick() } else { Plan::full(arguments.rounds) };
            measure::run(&plan.only(&arguments.only), arguments.folder, arguments.postgres)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("error: {cause}");
            ExitCode::FAILURE
        }
    }
}
