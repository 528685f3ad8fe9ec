//! Commands as services write them: load, decide, write, and again when the race was lost.

use std::sync::atomic::{AtomicU32, Ordering};

use futures_util::future::join_all;
use grantor_eventsourcing::{Actor, Aggregate, AggregateType, Codec, Decision, DecodeError, Encoded, Envelope, Meta};
use grantor_ids::TenantId;
use grantor_store::{CommitError, Done, Loaded, Log, OnTaken, Step, StoreError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    opened::{Opened, open},
    writes::{OTHER, TENANT, fact, insert},
};

/// A count that events raise, and a note that no event sets.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Counter {
    count: u32,
    note: String,
}

#[derive(Debug, Clone, PartialEq)]
struct Raised;

impl Aggregate for Counter {
    type Event = Raised;
    const TYPE: AggregateType = AggregateType::Grant;

    fn evolve(mut self, Raised: &Raised) -> Self {
        self.count += 1;
        self
    }
}

struct CounterCodec;

impl Codec for CounterCodec {
    type Aggregate = Counter;

    fn encode(Raised: &Raised) -> Encoded {
        Encoded { event_type: "test.counter.raised", schema_version: 1, payload: "raised".into() }
    }

    fn decode(_: &Envelope) -> Result<Raised, DecodeError> {
        Ok(Raised)
    }
}

type CounterStep = Step<Raised, u32, &'static str, Counter>;

const META: Meta = Meta::by(Actor::System);
const ID: Uuid = Uuid::from_u128(1);

/// Raises unless it is at the limit; the answer is the count before.
fn raise(loaded: &Loaded<Counter>, limit: u32) -> CounterStep {
    let count = loaded.state.count;
    if count < limit { Decision::accept(count, [Raised]) } else { Decision::refuse("full", []) }.into()
}

async fn execute(
    opened: &Opened,
    tenant: TenantId,
    decide: impl Fn(&Loaded<Counter>) -> CounterStep + Send,
) -> Result<Done<u32, &'static str, Counter>, CommitError> {
    opened.store.execute::<CounterCodec, _, _>(tenant, ID, &META, opened.now(), decide).await
}

async fn loaded(opened: &Opened) -> Loaded<Counter> {
    opened.store.load(TENANT, ID).await.expect("a stream")
}

#[tokio::test]
async fn a_lost_race_is_decided_again_upon_what_the_winner_left() {
    let opened = open().await;
    let answers = join_all((0..3).map(|_| execute(&opened, TENANT, |l| raise(l, 1)))).await;
    let outcomes: Vec<_> = answers.into_iter().map(|done| done.expect("no failure").outcome).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Ok(0)).count(), 1, "{outcomes:?}");
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Err("full")).count(), 2, "{outcomes:?}");
    let Loaded { state, version, revision, .. } = loaded(&opened).await;
    assert_eq!((state.count, version, revision), (1, 1, 1));
}

#[tokio::test]
async fn sixty_four_racers_leave_one_event_for_each_success() {
    let opened = open().await;
    let answers = join_all((0..64).map(|_| execute(&opened, TENANT, |l| raise(l, 64)))).await;
    let won = answers.iter().filter(|answer| matches!(answer, Ok(done) if done.outcome.is_ok())).count();
    let contended = |error: &CommitError| *error == CommitError::Store(StoreError::Contended);
    assert!(answers.iter().all(|answer| answer.as_ref().err().is_none_or(contended)), "{answers:?}");
    let events = opened.store.stream(TENANT, ID).await.expect("a stream");
    assert!(won > 0 && events.len() == won, "{won} said yes, {} events", events.len());
    assert!(events.iter().map(|event| event.version).eq(1..=u32::try_from(won).expect("a count")));
    assert_eq!(loaded(&opened).await.state.count as usize, won);
}

// The rule blocks its thread until the neighbour has written: another one has to serve that.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_lost_races_are_contended() {
    let opened = open().await;
    let tries = AtomicU32::new(0);
    let answer = opened
        .store
        .execute::<CounterCodec, _, _>(TENANT, ID, &META, opened.now(), |l| {
            tries.fetch_add(1, Ordering::SeqCst);
            // As if somebody else had always been faster.
            let neighbour = opened.store.clone();
            let (stream, now) = (l.clone(), opened.now());
            std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                let step = raise(&stream, 99);
                runtime.block_on(neighbour.apply::<CounterCodec, _, _>(TENANT, stream, &META, now, step)).map(drop)
            })
            .join()
            .expect("the neighbour")
            .expect("the neighbour's write");
            raise(l, 99)
        })
        .await;
    assert_eq!(answer.map(drop), Err(CommitError::Store(StoreError::Contended)));
    assert_eq!(tries.load(Ordering::SeqCst), 3);
    assert_eq!(loaded(&opened).await.state.count, 3, "the neighbour's three");
}

#[tokio::test]
async fn a_refusal_writes_nothing_unless_it_has_events() {
    let opened = open().await;
    let refuse =
        |events: Vec<Raised>| move |_: &Loaded<Counter>| CounterStep::from(Decision::refuse("no", events.clone()));
    assert_eq!(execute(&opened, TENANT, refuse(vec![])).await.expect("an answer").outcome, Err("no"));
    assert_eq!(loaded(&opened).await.revision, 0);
    assert_eq!(execute(&opened, TENANT, refuse(vec![Raised])).await.expect("an answer").outcome, Err("no"));
    assert_eq!(loaded(&opened).await.state.count, 1, "a replayed code is refused and revokes");
}

#[tokio::test]
async fn operational_fields_change_with_the_revision_and_without_the_version() {
    let opened = open().await;
    let note = |l: &Loaded<Counter>| raise(l, 1).operational(|state| "seen".clone_into(&mut state.note));
    for _ in 0..2 {
        let done = execute(&opened, TENANT, note).await;
        assert_eq!(done.expect("an answer").state.note, "seen");
    }
    let Loaded { state, version, revision, .. } = loaded(&opened).await;
    assert_eq!((state.count, version, revision), (1, 1, 2));
}

#[tokio::test]
async fn rows_and_facts_of_a_refused_write_are_not_there() {
    let opened = open().await;
    opened.store.commit(crate::writes::rows([insert("name", "theirs", None, OnTaken::Refuse)])).await.expect("written");
    let step =
        |l: &Loaded<Counter>| raise(l, 9).rows([insert("name", "mine", None, OnTaken::Refuse)]).facts([fact("never")]);
    let answer = execute(&opened, TENANT, step).await;
    assert_eq!(answer.map(drop), Err(CommitError::Taken("thing")));
    assert_eq!(loaded(&opened).await.revision, 0);
    assert_eq!(opened.store.head(Log::Facts).seq, 0);
}

#[tokio::test]
async fn a_stream_belongs_to_its_tenant() {
    let opened = open().await;
    for tenant in [TENANT, OTHER] {
        assert_eq!(execute(&opened, tenant, |l| raise(l, 1)).await.expect("an answer").outcome, Ok(0));
    }
    assert_eq!(opened.store.stream(TENANT, ID).await.expect("a stream").len(), 1);
    assert_eq!(opened.store.stream(OTHER, ID).await.expect("a stream").len(), 1);
}
