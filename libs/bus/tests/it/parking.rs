//! Events that cannot be handled: tried again, parked with their stream, in nobody else's way.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use grantor_bus::HandleError;

use crate::{
    followed::{Counting, Followed, From, READER},
    on_both,
};

on_both!(
    poison_parks_its_own_stream_and_nobody_elses,
    a_parked_stream_stays_parked_over_a_restart,
    a_repetition_changes_nothing_about_what_is_parked,
    a_failure_that_passes_is_tried_again_and_nothing_is_parked,
    a_failure_that_stays_is_tried_three_times_and_parked,
    somebody_who_is_needed_is_waited_for_however_long,
);

fn poisoned() -> Counting {
    Counting { bad: vec![("poison", HandleError::Poison("not readable".into()))], ..Counting::default() }
}

async fn poison_parks_its_own_stream_and_nobody_elses(world: Followed) {
    world.happen(1, &["good", "poison", "after it"]).await;
    world.happen(2, &["good", "good"]).await;
    world.happen(1, &["later still"]).await;
    world.happen(2, &["good"]).await;
    world.follow(poisoned(), From::Unruly).await;
    assert_eq!((world.count(1).await, world.count(2).await), (1, 3));
    let parked = world.follower.parked(READER).await.expect("parked events");
    let found: Vec<_> = parked.iter().map(|event| (event.aggregate.as_u128(), event.reason.as_str())).collect();
    let later = "an earlier event of this stream is parked";
    assert_eq!(found, [(1, "not readable"), (1, later), (1, later)]);
}

async fn a_parked_stream_stays_parked_over_a_restart(world: Followed) {
    world.happen(1, &["poison"]).await;
    world.follow(poisoned(), From::Where).await;
    world.happen(1, &["good"]).await;
    world.happen(2, &["good"]).await;
    world.follow(Counting::default(), From::Where).await;
    assert_eq!((world.count(1).await, world.count(2).await), (0, 1), "out of order is worse than late");
    assert_eq!(world.follower.parked(READER).await.expect("parked events").len(), 2);
}

/// What was handled before its stream was parked is no parked event, and the first reason is the
/// one that helps.
async fn a_repetition_changes_nothing_about_what_is_parked(world: Followed) {
    world.happen(1, &["good", "poison", "after it"]).await;
    world.follow(poisoned(), From::Where).await;
    let before = world.follower.parked(READER).await.expect("parked events");
    world.happen(2, &["good"]).await;
    world.follow(poisoned(), From::TheStart).await;
    assert_eq!(world.follower.parked(READER).await.expect("parked events"), before);
    assert_eq!((world.count(1).await, world.count(2).await), (1, 1));
}

async fn a_failure_that_passes_is_tried_again_and_nothing_is_parked(world: Followed) {
    world.happen(1, &["good", "shaky", "good"]).await;
    let bad = vec![("shaky", HandleError::Again("not yet".into()))];
    let consumer = Counting { bad, failures: Some(AtomicU32::new(2)), ..Counting::default() };
    let asked = Arc::clone(&consumer.asked);
    world.follow(consumer, From::Where).await;
    assert_eq!(world.count(1).await, 3);
    assert_eq!(asked.load(Ordering::SeqCst), 5, "two of the five failed");
    assert!(world.follower.parked(READER).await.expect("parked events").is_empty());
}

async fn somebody_who_is_needed_is_waited_for_however_long(world: Followed) {
    world.happen(1, &["good", "shaky", "good"]).await;
    world.happen(2, &["good"]).await;
    let bad = vec![("shaky", HandleError::Away("nobody there".into()))];
    let consumer = Counting { bad, failures: Some(AtomicU32::new(8)), ..Counting::default() };
    let asked = Arc::clone(&consumer.asked);
    world.follow(consumer, From::Where).await;
    assert_eq!((world.count(1).await, world.count(2).await), (3, 1));
    assert_eq!(asked.load(Ordering::SeqCst), 4 + 8);
    assert!(world.follower.parked(READER).await.expect("parked events").is_empty());
}

async fn a_failure_that_stays_is_tried_three_times_and_parked(world: Followed) {
    world.happen(1, &["shaky"]).await;
    world.happen(2, &["good"]).await;
    let bad = vec![("shaky", HandleError::Again("never".into()))];
    let consumer = Counting { bad, ..Counting::default() };
    let asked = Arc::clone(&consumer.asked);
    world.follow(consumer, From::Where).await;
    assert_eq!(asked.load(Ordering::SeqCst), 3 + 1);
    assert_eq!((world.count(1).await, world.count(2).await), (0, 1));
    let parked = world.follower.parked(READER).await.expect("parked events");
    assert_eq!(parked.iter().map(|event| event.reason.as_str()).collect::<Vec<_>>(), ["never"]);
}
