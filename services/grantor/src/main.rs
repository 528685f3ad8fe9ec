//! The `grantor` binary: `init`, `serve`, `migrate`, `demo`, and the operator's commands.

mod admin;
mod birth;
mod cli;
mod demo;
mod failure;
mod ingress;
mod root_key;
mod serve;

use std::process::ExitCode;

use clap::Parser;

use crate::{cli::Command, failure::Failure};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    grantor_telemetry::hide_panic_payloads();
    let arguments = cli::Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("grantor: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: cli::Arguments) -> Result<(), Failure> {
    let place = &arguments.place;
    match arguments.command {
        Command::Init { unless_made } => in_runtime(birth::init(place, unless_made)),
        Command::Migrate => in_runtime(birth::migrate(place)),
        Command::Topics => in_runtime(birth::topics(place)),
        Command::Serve { services } => in_runtime(serve::serve(place, &services)),
        Command::InternalKey { services } => birth::internal_key(place, &services),
        Command::RootKey { command } => in_runtime(root_key::root_key(place, command)),
        Command::Ingress(wanted) => in_runtime(ingress::ingress(&wanted)),
        Command::Demo { port } => in_runtime(demo::demo(place, port)),
        Command::Tenant { command } => admin::tenant(&arguments.api, place, command),
        Command::Client { tenant, command } => admin::client(&arguments.api, place, &tenant, command),
        Command::User { tenant, command } => admin::user(&arguments.api, place, &tenant, command),
        Command::Key { tenant, command } => admin::key(&arguments.api, place, &tenant, command),
        Command::Webhook { tenant, command } => admin::webhook(&arguments.api, place, &tenant, command),
        Command::Profile { command } => admin::profile(command),
    }
}

fn in_runtime(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::Runtime)?;
    runtime.block_on(work)
}
