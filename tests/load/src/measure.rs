//! The run: both servers up, each pair measured in turns, round after round.

use std::{fs, path::PathBuf};

use clap::ValueEnum;
use tempfile::TempDir;

use crate::{
    Failure,
    child::Server,
    generator::{Load, Outcome},
    pin::Cores,
    report::{self, Figure, Measured},
    site::{Client, Used},
};

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Code exchange without an ID token.
    Exchange,
    /// Code exchange with an ID token signed with ES256.
    ExchangeOpenid,
    /// Introspection of live tokens by their client.
    Introspection,
}

/// How much.
pub struct Plan {
    rounds: usize,
    connections: usize,
    /// Codes that nobody redeems.
    backlog: usize,
    /// Exchanges of the platform per round and kind.
    exchanges: usize,
    /// All other requests per round and kind.
    others: usize,
    what: Vec<What>,
}

const ALL: [What; 3] = [What::Exchange, What::ExchangeOpenid, What::Introspection];

impl Plan {
    /// The figures of the documentation.
    pub fn full(rounds: usize) -> Self {
        let rounds = rounds.max(1);
        Self { rounds, connections: 64, backlog: 100_000, exchanges: 12_000, others: 50_000, what: ALL.to_vec() }
    }

    /// That it runs.
    pub fn quick() -> Self {
        Self { rounds: 1, connections: 8, backlog: 64, exchanges: 128, others: 256, what: ALL.to_vec() }
    }

    /// The same, of these alone; of all when none is named.
    pub fn only(mut self, what: &[What]) -> Self {
        if !what.is_empty() {
            self.what.retain(|known| what.contains(known));
        }
        self
    }

    /// Codes to redeem per client: in each round, in one to get warm, and for the first tokens.
    fn redeemed(&self) -> usize {
        self.exchanges * (self.rounds + 2)
    }
}

/// Measures and prints.
pub fn run(plan: &Plan, folder: Option<PathBuf>, postgres: bool) -> Result<(), Failure> {
    let cores = Cores::divide();
    let program = std::env::current_exe()?;
    // Beside the program: what was built there is on a disk, which /tmp need not be.
    let beside = program.parent().ok_or("a program without a folder")?.to_owned();
    let place = TempDir::with_prefix_in("bench-", folder.unwrap_or(beside))?;
    let sync = report::sync_micros(place.path())?;
    let (backlog, codes) = (plan.backlog, plan.backlog / 2 + plan.redeemed());
    eprintln!("making {backlog} codes that stay and {} to redeem …", 2 * plan.redeemed());
    let mut command = cores.server(&program);
    let platform = command.arg("platform").arg(place.path()).arg(codes.to_string());
    let platform = if postgres { platform.arg("--postgres") } else { platform };
    let platform = Server::start(platform, &"go")?;
    let bare = Server::start(cores.server(&program).arg("bare"), &platform.site.clients)?;
    report::head(cores, sync, plan.connections, backlog);
    let mut bench = Bench::new(plan, platform, bare)?;
    bench.round()?;
    bench.figures.clear();
    for round in 1..=plan.rounds {
        eprintln!("round {round} of {} …", plan.rounds);
        bench.round()?;
    }
    report::print(&bench.figures);
    Ok(())
}

struct Bench<'p> {
    plan: &'p Plan,
    platform: Server,
    bare: Server,
    plain: Codes,
    openid: Codes,
    tokens: Vec<String>,
    figures: Vec<Figure>,
}

impl<'p> Bench<'p> {
    fn new(plan: &'p Plan, platform: Server, bare: Server) -> Result<Self, Failure> {
        let plain = Codes::of(&platform.site.clients.plain)?;
        let openid = Codes::of(&platform.site.clients.openid)?;
        Ok(Self { plan, platform, bare, plain, openid, tokens: Vec::new(), figures: Vec::new() })
    }

    /// Everything once, the bare server before the platform.
    fn round(&mut self) -> Result<(), Failure> {
        if self.plan.what.contains(&What::Introspection) && self.tokens.is_empty() {
            self.exchange(false)?;
        }
        for what in &self.plan.what {
            let (bare, platform) = match what {
                What::Exchange => (self.bare_exchange(false)?, self.exchange(false)?),
                What::ExchangeOpenid => (self.bare_exchange(true)?, self.exchange(true)?),
                What::Introspection => self.introspection()?,
            };
            self.figures.push(Figure { what: *what, bare, platform });
        }
        Ok(())
    }

    fn exchange(&mut self, openid: bool) -> Result<Measured, Failure> {
        let codes = if openid { &mut self.openid } else { &mut self.plain };
        let words = codes.take(self.plan.exchanges)?;
        let site = &self.platform.site;
        let load = Load::exchange(site.address, &site.token, &codes.client, openid);
        let (outcome, used) = timed(&mut self.platform, |_| load.run(&words, self.plan.connections))?;
        if !openid {
            self.tokens.clone_from(&outcome.tokens);
        }
        Ok(Measured::new(outcome, used))
    }

    fn bare_exchange(&mut self, openid: bool) -> Result<Measured, Failure> {
        let codes = if openid { &self.openid } else { &self.plain };
        let words = repeated(&codes.all, self.plan.others);
        let site = &self.bare.site;
        let load = Load::exchange(site.address, &site.token, &codes.client, openid);
        let (outcome, used) = timed(&mut self.bare, |_| load.run(&words, self.plan.connections))?;
        Ok(Measured::new(outcome, used))
    }

    fn introspection(&mut self) -> Result<(Measured, Measured), Failure> {
        let words = repeated(&self.tokens, self.plan.others);
        let ask = |server: &mut Server| {
            let load = Load::introspect(server.site.address, &server.site.introspect, &self.plain.client);
            let (outcome, used) = timed(server, |_| load.run(&words, self.plan.connections))?;
            Ok::<_, Failure>(Measured::new(outcome, used))
        };
        Ok((ask(&mut self.bare)?, ask(&mut self.platform)?))
    }
}

/// Runs a load and says what the server used meanwhile.
fn timed(
    server: &mut Server,
    load: impl FnOnce(&Server) -> Result<Outcome, Failure>,
) -> Result<(Outcome, Used), Failure> {
    let before = server.used()?;
    let outcome = load(server)?;
    Ok((outcome, server.used()?.since(before)))
}

fn repeated(words: &[String], count: usize) -> Vec<String> {
    words.iter().cycle().take(count).cloned().collect()
}

/// A client's codes, each handed out once.
struct Codes {
    client: Client,
    all: Vec<String>,
    taken: usize,
}

impl Codes {
    fn of(client: &Client) -> Result<Self, Failure> {
        let all = fs::read_to_string(&client.codes)?.lines().map(str::to_owned).collect();
        Ok(Self { client: client.clone(), all, taken: 0 })
    }

    fn take(&mut self, count: usize) -> Result<Vec<String>, Failure> {
        let next = self.all.get(self.taken..self.taken + count).ok_or("too few codes")?;
        self.taken += count;
        Ok(next.to_vec())
    }
}
