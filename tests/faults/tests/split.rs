//! Each service in a process of its own, on PostgreSQL: processes that are killed or stopped,
//! connections and the database that go away (I1 to I6, I15), and everybody is back without a
//! hand's help (I16).

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use grantor_tests_faults::{Fleet, History, Load, Outcome, Scout, Seed, judge};
use tokio::sync::watch;

use crate::fleets::{alone, is_long};

/// From the moment the process or the database is there; what a few rounds take anyway is not
/// counted.
const BACK_WITHIN: Duration = Duration::from_secs(5);
const ROUNDS: u32 = 3;

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// SIGKILL to a process.
    Kill(&'static str),
    /// SIGSTOP to a process, and SIGCONT after so long.
    Stop(&'static str, Duration),
    /// A database ends the connections of the services.
    Cut(&'static str),
    /// SIGKILL to the database.
    KillDatabase,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(name) => write!(f, "SIGKILL to {name}"),
            Self::Stop(name, pause) => write!(f, "SIGSTOP to {name} for {} s", pause.as_secs()),
            Self::Cut(name) => write!(f, "the connections to the database of {name} cut"),
            Self::KillDatabase => write!(f, "SIGKILL to PostgreSQL"),
        }
    }
}

/// Every kind of fault at every service, in any order; the short form stops fewer of them.
fn deck(fleet: &Fleet, seed: &mut Seed) -> Vec<Fault> {
    let names: Vec<&'static str> = fleet.names().collect();
    let mut deck = Vec::new();
    if is_long() {
        for _ in 0..3 {
            deck.extend(names.iter().map(|name| Fault::Kill(name)));
            deck.extend(["registry", "directory", "authorization", "token"].map(Fault::Cut));
            deck.push(Fault::KillDatabase);
        }
        deck.extend(names.iter().map(|name| Fault::Stop(name, Duration::from_secs(60))));
    } else {
        deck.extend(names.iter().map(|name| Fault::Kill(name)));
        deck.push(Fault::Stop(["token", "token-2", "authorization"][seed.below(3)], Duration::from_secs(3)));
        deck.push(Fault::Stop(["directory", "registry"][seed.below(2)], Duration::from_secs(3)));
        deck.push(Fault::Cut(["registry", "directory", "authorization", "token"][seed.below(4)]));
        deck.push(Fault::Cut("token"));
        deck.push(Fault::KillDatabase);
    }
    for left in (1..deck.len()).rev() {
        deck.swap(left, seed.below(left + 1));
    }
    deck
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_acknowledged_is_lost_when_processes_and_the_database_go_away() {
    let _alone = alone().await;
    let mut seed = Seed::new();
    let mut fleet = Fleet::start(is_long()).await;
    let gateway = fleet.gateway();
    let mut scout = Scout::new(fleet.demo(), &gateway);
    let mut load = Load::at(fleet.demo(), &gateway).await;
    let (_, calm) = back(&mut scout).await;
    println!("everything works, {} ms a round", calm.as_millis());
    for (number, fault) in deck(&fleet, &mut seed).into_iter().enumerate() {
        let from = load.history().len();
        let (after, pause) = (1 + seed.below(60), Duration::from_millis(seed.below(400) as u64));
        let acknowledged = load.history().acknowledged();
        let over = Arc::new(AtomicBool::new(false));
        let mut choices = seed.fork();
        let within = BACK_WITHIN + calm * ROUNDS;
        let fall = Fall { fleet: &mut fleet, scout: &mut scout, acknowledged, over: Arc::clone(&over), within };
        let (story, ()) = tokio::join!(fall.of(fault, after, pause), load.run(&mut choices, over));
        let fresh = load.history().since(from);
        let cut = fresh.iter().filter(|operation| operation.outcome == Outcome::Unknown).count();
        let quiet = load.history().len();
        load.ask_after(&fresh, &mut seed).await;
        let earlier = seed.below(from.max(1));
        let sample: Vec<_> = load.history().since(0).into_iter().skip(earlier).take(100).collect();
        load.ask_after(&sample, &mut seed).await;
        println!("{}: {fault} after {after} answers: {cut} of {} cut off, {story}", number + 1, fresh.len());
        check(&fleet, load.history(), quiet, fault);
    }
    let quiet = load.history().len();
    load.ask_after(&load.history().since(0), &mut seed).await;
    check(&fleet, load.history(), quiet, "all of it");
    let operations = load.history().since(0);
    let count = |wanted: fn(&Outcome) -> bool| operations.iter().filter(|operation| wanted(&operation.outcome)).count();
    println!(
        "{} operations: {} acknowledged, {} refused, {} cut off; nothing lost",
        operations.len(),
        count(|outcome| matches!(outcome, Outcome::Acknowledged(_))),
        count(|outcome| matches!(outcome, Outcome::Refused(_))),
        count(|outcome| *outcome == Outcome::Unknown),
    );
}

/// One fault, while everybody goes on asking.
struct Fall<'a> {
    fleet: &'a mut Fleet,
    scout: &'a mut Scout,
    acknowledged: watch::Receiver<usize>,
    over: Arc<AtomicBool>,
    within: Duration,
}

impl Fall<'_> {
    /// Happens after so many answers; what was killed is started again after a pause. Ends when
    /// everything works and some more was answered. Tells what was seen.
    async fn of(mut self, fault: Fault, after: usize, pause: Duration) -> String {
        self.answers(after).await;
        let mut story = String::new();
        match fault {
            Fault::Kill(name) => {
                self.fleet.kill(name);
                tokio::time::sleep(pause).await;
                let took = self.fleet.start_again(name).await;
                story = format!("ready again in {} ms, ", took.as_millis());
            }
            Fault::Stop(name, how_long) => {
                self.fleet.stop(name);
                tokio::time::sleep(how_long).await;
                self.fleet.go_on(name);
            }
            Fault::Cut(name) => story = format!("{} connections, ", self.fleet.cut_connections(name)),
            Fault::KillDatabase => {
                self.fleet.kill_database();
                tokio::time::sleep(pause).await;
                let (started, refused) = (Instant::now(), self.fleet.start_database().await);
                story = format!("{refused} starts refused in {} ms, ", started.elapsed().as_millis());
            }
        }
        let (rounds, took) = back(self.scout).await;
        self.answers(20).await;
        self.over.store(true, Ordering::SeqCst);
        story.push_str(&format!("everything works after {} ms ({rounds} rounds)", took.as_millis()));
        assert!(took <= self.within, "I16: {fault}: {story}");
        story
    }

    async fn answers(&mut self, more: usize) {
        let until = *self.acknowledged.borrow() + more;
        self.acknowledged.wait_for(|count| *count >= until).await.expect("the history is there");
    }
}

/// Tries everything until all of it works: how often, and how long that took.
async fn back(scout: &mut Scout) -> (usize, Duration) {
    let started = Instant::now();
    let mut rounds = 1;
    while scout.round().await.is_err() {
        rounds += 1;
        assert!(started.elapsed() < Duration::from_secs(120), "I16: not everything works again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (rounds, started.elapsed())
}

/// The invariants. From the operation `quiet` on there was no fault, and nothing may be cut off.
fn check(fleet: &Fleet, history: &History, quiet: usize, when: impl fmt::Display) {
    let mut problems = judge(&history.since(0));
    problems.extend(fleet.broken());
    let silent = history.since(quiet).into_iter().filter(|operation| operation.outcome == Outcome::Unknown);
    problems.extend(silent.map(|operation| format!("I15: not answered, without a fault: {operation:?}")));
    assert!(problems.is_empty(), "after {when}:\n{}", problems.join("\n"));
}
