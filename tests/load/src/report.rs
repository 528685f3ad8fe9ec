//! What was measured, as text.

use std::{fs, io::Write, path::Path, time::Instant};

use crate::{
    Failure,
    generator::Outcome,
    measure::What,
    pin::Cores,
    site::{Used, Written},
};

/// One kind of request to one server.
pub struct Measured {
    per_second: f64,
    /// Microseconds.
    p50: u64,
    p99: u64,
    /// Microseconds of the servers' core per request.
    cpu: f64,
    /// Share of the time that the servers' core worked for this server.
    busy: f64,
    commits_per_request: f64,
    commands_per_commit: f64,
    statements_per_request: f64,
}

/// One kind of request to both, one after the other.
pub struct Figure {
    /// Which.
    pub what: What,
    /// The bare server.
    pub bare: Measured,
    /// The platform.
    pub platform: Measured,
}

impl Measured {
    /// From what the generator saw and what the server used.
    pub fn new(outcome: Outcome, used: Used) -> Self {
        let requests = count(outcome.requests as u64);
        let Written { commits, commands, statements } = used.written;
        Self {
            per_second: requests / outcome.seconds,
            p50: outcome.micros.value_at_quantile(0.5),
            p99: outcome.micros.value_at_quantile(0.99),
            cpu: used.cpu * 1e6 / requests,
            busy: used.cpu / outcome.seconds,
            commits_per_request: count(commits) / requests,
            commands_per_commit: count(commands) / count(commits.max(1)),
            statements_per_request: count(statements) / requests,
        }
    }
}

impl Used {
    /// What was used since then.
    pub fn since(self, before: Self) -> Self {
        let written = Written {
            commits: self.written.commits - before.written.commits,
            commands: self.written.commands - before.written.commands,
            statements: self.written.statements - before.written.statements,
        };
        Self { cpu: self.cpu - before.cpu, written }
    }
}

impl Figure {
    fn ratio(&self) -> f64 {
        self.platform.per_second / self.bare.per_second
    }
}

/// Says what the figures were measured on.
pub fn head(cores: Cores, sync: f64, connections: usize, backlog: usize) {
    match cores {
        Cores::Apart => println!("all server threads on one core, the generator on another"),
        Cores::Anywhere => println!("NOT on cores of their own (one core only, or no taskset): ratios mean little"),
    }
    println!("{connections} connections; {backlog} unredeemed codes; one fdatasync of 4 KiB: {sync:.0} µs");
}

/// Says the figures: of each kind the round with the middle ratio, and the range of all.
pub fn print(figures: &[Figure]) {
    for what in [What::Exchange, What::ExchangeOpenid, What::Introspection] {
        let mut rounds: Vec<&Figure> = figures.iter().filter(|figure| figure.what == what).collect();
        rounds.sort_by(|a, b| a.ratio().total_cmp(&b.ratio()));
        let (Some(least), Some(most)) = (rounds.first(), rounds.last()) else { continue };
        let middle = rounds[rounds.len() / 2];
        let (name, aim) = match what {
            What::Exchange => ("code exchange, no ID token", "at least 0.15, aim 0.27"),
            What::ExchangeOpenid => ("code exchange, ES256 ID token", "no demand of its own"),
            What::Introspection => ("introspection", "at least 0.35, aim 0.51"),
        };
        println!("\n{name}");
        line("bare", &middle.bare);
        line("grantor", &middle.platform);
        let (low, high) = (least.ratio(), most.ratio());
        println!("  ratio {:.3} ({low:.3} to {high:.3} in {} rounds; {aim})", middle.ratio(), rounds.len());
        let platform = &middle.platform;
        if platform.commits_per_request > 0.0 {
            println!(
                "  commits per request {:.3}, commands per commit {:.1}",
                platform.commits_per_request, platform.commands_per_commit
            );
        }
        if platform.statements_per_request > 0.0 {
            println!("  statements per request {:.3}", platform.statements_per_request);
        }
    }
}

fn line(name: &str, m: &Measured) {
    println!(
        "  {name:<8} {:>8.0}/s   p50 {:>6.2} ms   p99 {:>6.2} ms   core {:>6.1} µs per request, {:>3.0} % busy",
        m.per_second,
        count(m.p50) / 1000.0,
        count(m.p99) / 1000.0,
        m.cpu,
        m.busy * 100.0
    );
}

/// How long the disk of a folder takes to keep 4 KiB, in microseconds: the median of fifty.
pub fn sync_micros(folder: &Path) -> Result<f64, Failure> {
    let path = folder.join("sync");
    let mut file = fs::File::create(&path)?;
    let mut took = Vec::new();
    for _ in 0..50 {
        let started = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        took.push(started.elapsed().as_secs_f64() * 1e6);
    }
    fs::remove_file(path)?;
    took.sort_by(f64::total_cmp);
    Ok(took[took.len() / 2])
}

/// Counts here stay far below 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "counts of one run")]
fn count(number: u64) -> f64 {
    number as f64
}
