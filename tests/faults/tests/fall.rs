//! One fault after another while everybody goes on asking, and what is judged after each.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use grantor_ports::Point;
use grantor_tests_faults::{Calls, Errands, Fleet, History, Load, Outcome, Scout, Seed, judge};
use tokio::sync::watch;

/// From the moment the process or the database is there; what a few rounds take anyway is not
/// counted.
const BACK_WITHIN: Duration = Duration::from_secs(5);
/// From the moment the broker is there, until it has all that waited; on a busy machine, where the
/// broker too is slow, as long as so many rounds more.
const SENT_WITHIN: Duration = Duration::from_secs(30);
/// From when everything works again, until partners have been told of all that happened; likewise.
const TOLD_WITHIN: Duration = Duration::from_secs(30);
const BUSY_ROUNDS: u32 = 60;
const ROUNDS: u32 = 3;
/// Calls that may be on their way at once: so many an endpoint, and there are two.
const ON_THEIR_WAY: usize = 2 * 32;

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL to a process.
    Kill(&'static str),
    /// SIGSTOP to a process, and SIGCONT after so long.
    Stop(&'static str, Duration),
    /// A process ends itself at a point that it passes, the n-th time.
    At(&'static str, Point, usize),
    /// A database ends the connections of the services.
    Cut(&'static str),
    /// SIGKILL to the database.
    KillDatabase,
    /// The broker is away for so long.
    StopBroker(Duration),
    /// SIGKILL to the broker.
    KillBroker,
}

impl Fault {
    /// Nobody who asks may notice it.
    const fn is_silent(&self) -> bool {
        matches!(self, Self::StopBroker(_) | Self::KillBroker)
    }

    /// How often whoever calls partners does not know afterwards what became of calls on their way.
    fn forgets_calls(&self) -> usize {
        match self {
            Self::Kill(name) | Self::Stop(name, _) | Self::Cut(name) => usize::from(*name == "webhooks"),
            // It is killed to be started with a drill.
            Self::At(name, ..) => 2 * usize::from(*name == "webhooks"),
            Self::KillDatabase => 1,
            Self::StopBroker(_) | Self::KillBroker => 0,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(name) => write!(f, "SIGKILL to {name}"),
            Self::Stop(name, pause) => write!(f, "SIGSTOP to {name} for {} s", pause.as_secs()),
            Self::At(name, point, nth) => write!(f, "SIGKILL to {name}, {} for the {nth}th time", point.name()),
            Self::Cut(name) => write!(f, "the connections to the database of {name} cut"),
            Self::KillDatabase => write!(f, "SIGKILL to PostgreSQL"),
            Self::StopBroker(pause) => write!(f, "Kafka stopped for {} s", pause.as_secs()),
            Self::KillBroker => write!(f, "SIGKILL to Kafka"),
        }
    }
}

/// All of these, one after another. Whatever was acknowledged is there after each, and everything
/// works again by itself.
pub async fn survive(fleet: &mut Fleet, seed: &mut Seed, deck: Vec<Fault>) {
    let gateway = fleet.gateway();
    let mut scout = Scout::new(fleet.demo(), &gateway);
    let mut load = Load::at(fleet.demo(), &gateway).await;
    let (_, calm) = back(&mut scout).await;
    println!("everything works, {} ms a round", calm.as_millis());
    // Of what was on its way when somebody died, some may come again after the next fault only.
    let (before, mut most) = (fleet.told().await.0.repeated(), 0);
    for (number, fault) in deck.into_iter().enumerate() {
        println!("{}: {fault}", number + 1);
        let from = load.history().len();
        let (after, pause) = (1 + seed.below(60), Duration::from_millis(seed.below(400) as u64));
        let acknowledged = load.history().acknowledged();
        let over = Arc::new(AtomicBool::new(false));
        let mut choices = seed.fork();
        let within = BACK_WITHIN + calm * ROUNDS;
        let fall = Fall { fleet, scout: &mut scout, acknowledged, over: Arc::clone(&over), within };
        let (story, ()) = tokio::join!(fall.of(&fault, after, pause), load.run(&mut choices, over));
        let fresh = load.history().since(from);
        let cut: Vec<_> = fresh.iter().filter(|operation| operation.outcome.is_unknown()).collect();
        println!("   after {after} answers: {} of {} cut off, {story}", cut.len(), fresh.len());
        assert!(!fault.is_silent() || cut.is_empty(), "{fault} was noticed: {cut:#?}");
        let quiet = load.history().len();
        load.ask_after(&fresh, seed).await;
        let earlier = seed.below(from.max(1));
        let sample: Vec<_> = load.history().since(0).into_iter().skip(earlier).take(100).collect();
        load.ask_after(&sample, seed).await;
        let (calls, took) = fleet.told().await;
        let again = calls.repeated() - before;
        println!(
            "   partners were told of all {} events {} ms later, so far of {again} of them twice",
            calls.due.len(),
            took.as_millis()
        );
        most += ON_THEIR_WAY * fault.forgets_calls();
        if took > TOLD_WITHIN {
            let (_, calm) = back(&mut scout).await;
            assert!(
                took <= TOLD_WITHIN + calm * BUSY_ROUNDS,
                "I12: {fault}: told only after {took:?}, at {calm:?} a round"
            );
        }
        assert!(again <= most, "I12: {fault}: {again} calls came again, and {most} may have been on their way");
        check(fleet, load.history(), quiet, &calls, fault);
    }
    let quiet = load.history().len();
    load.ask_after(&load.history().since(0), seed).await;
    let (calls, _) = fleet.told().await;
    check(fleet, load.history(), quiet, &calls, "all of it");
    let operations = load.history().since(0);
    let count = |wanted: fn(&Outcome) -> bool| operations.iter().filter(|operation| wanted(&operation.outcome)).count();
    println!(
        "{} operations: {} acknowledged, {} refused, {} cut off; nothing lost",
        operations.len(),
        count(|outcome| matches!(outcome, Outcome::Acknowledged(_))),
        count(|outcome| matches!(outcome, Outcome::Refused(_))),
        count(Outcome::is_unknown),
    );
    println!(
        "{} calls of webhooks for {} events, {} of them again",
        calls.arrived.len(),
        calls.due.len(),
        calls.repeated()
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
    async fn of(mut self, fault: &Fault, after: usize, pause: Duration) -> String {
        self.answers(after).await;
        let mut story = match *fault {
            Fault::Kill(name) => {
                self.fleet.kill(name);
                self.again(name, pause).await
            }
            Fault::Stop(name, how_long) => {
                self.fleet.stop(name);
                tokio::time::sleep(how_long).await;
                self.fleet.go_on(name);
                String::new()
            }
            Fault::At(name, point, nth) => {
                let twin = self.twin(name, point);
                twin.iter().for_each(|twin| self.fleet.kill(twin));
                self.ends_itself(name, point, nth).await;
                if point == Point::Claimed {
                    // Nobody gets what was claimed before the claim is over: here that is now.
                    self.fleet.make_tasks_due(service_of(name));
                }
                let mut story = self.again(name, pause).await;
                if let Some(twin) = twin {
                    self.fleet.start_again(twin).await;
                }
                if point == Point::Claimed {
                    story.push_str(&self.claimed_is_done(name).await);
                }
                story
            }
            Fault::Cut(name) => format!("{} connections, ", self.fleet.cut_connections(name)),
            Fault::KillDatabase => {
                self.fleet.kill_database();
                tokio::time::sleep(pause).await;
                let (started, refused) = (Instant::now(), self.fleet.start_database().await);
                format!("{refused} starts refused in {} ms, ", started.elapsed().as_millis())
            }
            Fault::StopBroker(how_long) => {
                self.fleet.bus().stop().await;
                tokio::time::sleep(how_long).await;
                self.broker_is_back().await
            }
            Fault::KillBroker => {
                self.fleet.bus().kill().await;
                tokio::time::sleep(pause).await;
                self.broker_is_back().await
            }
        };
        let (rounds, took) = back(self.scout).await;
        self.answers(20).await;
        self.over.store(true, Ordering::SeqCst);
        story.push_str(&format!("everything works after {} ms ({rounds} rounds)", took.as_millis()));
        if took > self.within {
            // Others may keep the machine busy by now, and everything takes longer.
            let (_, calm) = back(self.scout).await;
            assert!(took <= BACK_WITHIN + calm * ROUNDS, "I16: {fault}: {story}; now {} ms a round", calm.as_millis());
        }
        story
    }

    /// Another process of the same service that would be there first: one of them leads, and what one
    /// has claimed the other does not get.
    fn twin(&self, name: &str, point: Point) -> Option<&'static str> {
        let is_one_for_all = matches!(point, Point::Produced | Point::Acknowledged | Point::Claimed);
        self.fleet.names().find(|other| is_one_for_all && *other != name && service_of(other) == service_of(name))
    }

    async fn ends_itself(&mut self, name: &str, point: Point, nth: usize) {
        self.fleet.kill(name);
        if point == Point::Claimed {
            self.fleet.make_tasks_due(service_of(name));
        }
        self.fleet.start_drilled(name, &format!("{}:{nth}", point.name()));
        let mut errands = Errands::at(self.fleet);
        let busy = async {
            loop {
                // Answered or not: there is a next one.
                let _ = errands.round().await;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::select! {
            _ = self.fleet.until_ended(name) => {}
            () = busy => {}
        }
    }

    /// What was claimed and not done is done by whoever comes next. After an hour of load there is
    /// much that was made due with it: it gets less all the time.
    async fn claimed_is_done(&self, name: &str) -> String {
        let service = service_of(name);
        let started = Instant::now();
        let (mut left, mut since) = (usize::MAX, started);
        while left > 0 {
            let now = self.fleet.tasks_due(service);
            if now < left {
                (left, since) = (now, Instant::now());
            }
            assert!(since.elapsed() < Duration::from_secs(90), "what was claimed is never done: {left} tasks");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        format!("what was claimed is done after {} ms, ", started.elapsed().as_millis())
    }

    async fn again(&mut self, name: &str, pause: Duration) -> String {
        tokio::time::sleep(pause).await;
        let took = self.fleet.start_again(name).await;
        format!("ready again in {} ms, ", took.as_millis())
    }

    /// What was written meanwhile gets to the broker.
    async fn broker_is_back(&mut self) -> String {
        self.fleet.bus().start_again().await;
        let ends = self.fleet.ends();
        let waiting = ends.iter().filter(|end| !self.fleet.is_sent(end)).count();
        let (took, last) = self.fleet.until_sent(&ends).await;
        if took > SENT_WITHIN {
            let (_, calm) = back(self.scout).await;
            let within = SENT_WITHIN + calm * BUSY_ROUNDS;
            assert!(took <= within, "I16: it took {took:?} until {last} was sent, at {calm:?} a round");
        }
        format!("{waiting} logs waited and were sent in {} ms (last: {last}), ", took.as_millis())
    }

    async fn answers(&mut self, more: usize) {
        let until = *self.acknowledged.borrow() + more;
        self.acknowledged.wait_for(|count| *count >= until).await.expect("the history is there");
    }
}

/// The service of a process.
fn service_of(name: &str) -> &str {
    name.strip_suffix("-2").unwrap_or(name)
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
fn check(fleet: &Fleet, history: &History, quiet: usize, calls: &Calls, when: impl fmt::Display) {
    let mut problems = judge(&history.since(0));
    problems.extend(calls.judge(&history.since(0)));
    problems.extend(fleet.broken());
    let silent = history.since(quiet).into_iter().filter(|operation| operation.outcome.is_unknown());
    problems.extend(silent.map(|operation| format!("I15: not answered, without a fault: {operation:?}")));
    assert!(problems.is_empty(), "after {when}:\n{}", problems.join("\n"));
}
