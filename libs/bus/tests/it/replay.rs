//! Late, twice, and all over again: effects happen once.

use std::sync::{Arc, atomic::Ordering};

use grantor_eventsourcing::Position;
use grantor_store::{CursorMove, Log, Write};
use uuid::Uuid;

use crate::{
    followed::{Counting, Followed, From, READER, SOURCE, TENANT, followed, open},
    on_both,
};

on_both!(
    effects_happen_once_on_a_source_that_delivers_late_and_twice,
    a_replay_from_the_beginning_changes_nothing,
    an_old_copy_never_replaces_a_newer_one,
);

const STREAMS: u128 = 20;

async fn busy(world: &Followed) {
    for round in 0..3 {
        for stream in 0..STREAMS {
            world.happen(stream, if round == 1 { &["two", "three"] } else { &["one"] }).await;
        }
    }
}

async fn effects_happen_once_on_a_source_that_delivers_late_and_twice(world: Followed) {
    busy(&world).await;
    let consumer = Counting::default();
    let asked = Arc::clone(&consumer.asked);
    world.follow(consumer, From::Unruly).await;
    // A few at a time, so that there are many reads, every second of which repeats.
    for streams in (0..STREAMS).collect::<Vec<_>>().chunks(5) {
        for stream in streams {
            world.happen(*stream, &["five"]).await;
        }
        let again = Counting { asked: Arc::clone(&asked), ..Counting::default() };
        world.follow(again, From::TheStart).await;
    }
    assert!(asked.load(Ordering::SeqCst) > 5 * 20, "nothing was delivered twice");
    for stream in 0..STREAMS {
        assert_eq!(world.count(stream).await, 5);
    }
    let (_, list, parked) = world.everything().await;
    assert_eq!((list, parked), (vec![b"5".to_vec(); 20], 0));
}

async fn a_replay_from_the_beginning_changes_nothing(world: Followed) {
    busy(&world).await;
    world.follow(Counting::default(), From::Where).await;
    let before = world.everything().await;
    let firsts = world.follower.rows(TENANT, "first").await.expect("rows");
    // The cursor is lost, as after a restore of an older follower: everything comes again.
    let consumer = Counting::default();
    let asked = Arc::clone(&consumer.asked);
    world.happen(0, &["last"]).await;
    world.follow(consumer, From::TheStart).await;
    assert!(asked.load(Ordering::SeqCst) > 80, "everything was delivered again");
    let mut after = world.everything().await;
    after.0[0].1 -= 1;
    after.1[0] = b"4".to_vec();
    assert_eq!(after, before, "but for the one that is new");
    assert_eq!(world.follower.rows(TENANT, "first").await.expect("rows"), firsts);
}

async fn an_old_copy_never_replaces_a_newer_one(world: Followed) {
    world.happen(7, &["one", "two", "three"]).await;
    world.follow(Counting::default(), From::Where).await;
    world.happen(8, &["one"]).await;
    world.follow(Counting::default(), From::TheStart).await;
    let key = Uuid::from_u128(7).to_string();
    let copy = world.follower.copy(TENANT, "thing", &key).await.expect("an answer").expect("a copy");
    assert_eq!((copy.version, copy.data.as_deref()), (3, Some(&b"3"[..])));
}

/// Cursor and effect are one commit: wherever a follower is cut off, what its file says is
/// consistent, and the next one goes on from there.
#[tokio::test]
async fn a_follower_cut_off_anywhere_has_neither_lost_nor_repeated_anything() {
    let world = followed().await;
    busy(&world).await;
    let head = world.owner.head(Log::Events);
    let mut at = Position::START;
    while at < head {
        let following = tokio::spawn(world.subscription(Counting::default(), world.unruly()).run());
        // Cut off as soon as it has moved at all: in the middle of a batch.
        world.follower.wait_for_reader(READER, SOURCE, Position::row(at.seq + 1)).await;
        following.abort();
        drop(following.await);
        // Reopened: what counts is what the file says.
        let file = open(&world.folder.path().join("follower.sqlite")).await;
        at = file.cursor(READER, SOURCE).await.expect("a cursor");
        let log = world.owner.read_log(Log::Events, Position::START, 1000).await.expect("the log");
        for event in log {
            let handled = file.in_inbox(READER, event.event_id.uuid()).await.expect("an answer");
            assert_eq!(handled, event.position <= at, "event {} with the cursor at {}", event.position.seq, at.seq);
        }
    }
    for stream in 0..STREAMS {
        assert_eq!(world.count(stream).await, 4);
    }
}

#[tokio::test]
async fn a_cursor_that_moves_alone_is_not_an_effect() {
    let world = followed().await;
    world.happen(1, &["one"]).await;
    let cursor = CursorMove { reader: READER, source: SOURCE.into(), position: Position::row(1), leader: None };
    world.follower.commit(Write { cursor: Some(cursor), ..Write::default() }).await.expect("written");
    world.follow(Counting::default(), From::Where).await;
    assert_eq!(world.count(1).await, 0, "what lies before the cursor is not read again");
}

#[tokio::test]
async fn lag_is_what_is_left_to_read() {
    let world = followed().await;
    busy(&world).await;
    let subscription = world.subscription(Counting::default(), world.log());
    assert_eq!(subscription.lag().await, Ok(80));
    world.follow(Counting::default(), From::Where).await;
    assert_eq!(subscription.lag().await, Ok(0));
}
