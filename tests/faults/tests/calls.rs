//! SIGKILL to the process that calls partners while it has up to a thousand events a second to tell them
//! of: nothing is lost, and no more comes again than was on its way.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use grantor_eventsourcing::{Actor, AggregateType, Encoded, Meta};
use grantor_ids::TenantId;
use grantor_ports::{EntropyExt, OsEntropy};
use grantor_store::{NewEvent, Store, StreamWrite, Write};
use grantor_tests_faults::{Fleet, Seed};
use tokio::time::MissedTickBehavior;

use crate::fleets::is_long;

/// Times that it is killed, in the short form and the long one.
const KILLS: [usize; 2] = [3, 30];
/// Events of one commit, and how often there is one.
const TOGETHER: usize = 10;
const EVERY: Duration = Duration::from_millis(10);
/// So many wait at most: a busy machine makes fewer calls.
const MOST_WAITING: u64 = 1000;
/// Calls that may be on their way to one endpoint.
const ON_THEIR_WAY: usize = 32;
/// From the start of the next process to its first call.
const BACK_WITHIN: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(60);

/// People are locked, and unlocked by nobody; until dropped.
struct Happening {
    over: Arc<AtomicBool>,
    events: Arc<AtomicU64>,
    told: Arc<AtomicU64>,
}

impl Happening {
    /// So many had happened and been told before.
    fn start(store: Store, tenant: TenantId, earlier: u64) -> Self {
        let so_far = || Arc::new(AtomicU64::new(earlier));
        let happening = Self { over: Arc::default(), events: so_far(), told: so_far() };
        let Self { over, events, told } = &happening;
        let (over, events, told) = (Arc::clone(over), Arc::clone(events), Arc::clone(told));
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(EVERY);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            while !over.load(Ordering::SeqCst) {
                ticks.tick().await;
                if events.load(Ordering::SeqCst) < told.load(Ordering::SeqCst) + MOST_WAITING {
                    commit(&store, tenant).await;
                    events.fetch_add(TOGETHER as u64, Ordering::SeqCst);
                }
            }
        });
        happening
    }

    fn events(&self) -> u64 {
        self.events.load(Ordering::SeqCst)
    }
}

impl Drop for Happening {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

/// Some events of one new stream.
async fn commit(store: &Store, tenant: TenantId) {
    let event = || NewEvent {
        id: store.event_id(),
        encoded: Encoded { event_type: "identity.user.locked", schema_version: 1, payload: Default::default() },
        occurred_at: store.clock().real(),
        meta: Meta::by(Actor::System),
    };
    let stream = StreamWrite {
        tenant,
        kind: AggregateType::User,
        id: OsEntropy.uuid4(),
        expected: 0,
        version: 0,
        events: (0..TOGETHER).map(|_| event()).collect(),
        state: b"{}".to_vec(),
    };
    store.commit(Write { stream: Some(stream), ..Write::default() }).await.expect("written");
}

/// At a fleet where nothing else happens.
pub async fn who_calls_partners_is_killed_at_a_high_rate_and_nothing_is_lost(fleet: &mut Fleet, seed: &mut Seed) {
    let (store, tenant) = (fleet.store("directory").await, fleet.tenant());
    let (earlier, repeated, mut back) = (fleet.calls().await, fleet.repeated_calls().await, Vec::new());
    let (began, happening) = (Instant::now(), Happening::start(store, tenant, earlier as u64));
    for kill in 1..=KILLS[usize::from(is_long())] {
        let from = fleet.calls().await;
        until_called(fleet, &happening, from + 100 + seed.below(900)).await;
        fleet.kill("webhooks");
        let before = fleet.calls().await;
        tokio::time::sleep(Duration::from_millis(seed.below(300) as u64)).await;
        let (started, waiting) = (Instant::now(), happening.events());
        fleet.start_again("webhooks").await;
        until_called(fleet, &happening, before + 1).await;
        back.push(started.elapsed());
        until_called(fleet, &happening, before + ON_THEIR_WAY + 1).await;
        let again = fleet.repeated_calls().await - repeated;
        println!(
            "kill {kill}: after {before} calls for {waiting} events, called again after {} ms, so far {again} of them twice",
            started.elapsed().as_millis()
        );
        // New events go first: some of what was on its way comes again only after the next kill.
        assert!(again <= kill * ON_THEIR_WAY, "I12: {again} calls came again");
    }
    let rate = (fleet.calls().await - earlier) as f64 / began.elapsed().as_secs_f64();
    drop(happening);
    let (calls, took) = fleet.told().await;
    let problems = calls.judge(&[]);
    back.sort_unstable();
    println!(
        "{} kills at {rate:.0} calls a second, what was down counted in: {} events, {} calls, {} of them again, {} problems; called again \
         after {} ms (median), {} ms (longest); all were told {} ms after the last event",
        back.len(),
        calls.due.len(),
        calls.arrived.len(),
        calls.repeated(),
        problems.len(),
        back[back.len() / 2].as_millis(),
        back[back.len() - 1].as_millis(),
        took.as_millis(),
    );
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    let again = calls.repeated() - repeated;
    assert!(again <= back.len() * ON_THEIR_WAY, "I12: {again} calls came again, though nobody else has died");
    assert!(back[back.len() - 1] <= BACK_WITHIN, "called again only after {:?}", back[back.len() - 1]);
}

async fn until_called(fleet: &mut Fleet, happening: &Happening, calls: usize) {
    let started = Instant::now();
    loop {
        let made = fleet.calls().await;
        happening.told.store(made as u64, Ordering::SeqCst);
        if made >= calls {
            break;
        }
        assert!(started.elapsed() < PATIENCE, "{made} calls instead of {calls}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}
