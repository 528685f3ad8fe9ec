//! Users' status: from the copy while it is fresh, from the owner when it is not.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use grantor_copies::USER_STATE;
use grantor_ports::{PortError, UserState};

use crate::owners::{TENANT, USER, user, world};

#[tokio::test]
async fn a_fresh_copy_answers_by_itself() {
    let world = world().await;
    world.caught_up();
    assert_eq!(world.copies.user_status(TENANT, USER).await, Ok(None), "no row counts as active");
    for (version, state) in [(2, UserState::Locked), (1, UserState::Active)] {
        world.hear(USER_STATE, USER.to_string(), version, Some(&user(version, state))).await;
    }
    world.clock.advance_seconds(30);
    let status = world.copies.user_status(TENANT, USER).await.expect("an answer").expect("a status");
    assert_eq!((status.state, status.version), (UserState::Locked, 2));
    assert_eq!(world.owners.asked(), 0);
}

#[tokio::test]
async fn a_stale_copy_asks_the_owner_until_it_is_fresh_again() {
    let world = world().await;
    world.caught_up();
    world.hear(USER_STATE, USER.to_string(), 1, Some(&user(1, UserState::Active))).await;
    world.owners.users.lock().insert(USER, user(2, UserState::Locked));
    world.clock.advance_seconds(31);
    let status = world.copies.user_status(TENANT, USER).await.expect("an answer").expect("a status");
    assert_eq!((status.state, world.owners.asked()), (UserState::Locked, 1));
    world.hear(USER_STATE, USER.to_string(), 2, Some(&user(2, UserState::Locked))).await;
    world.caught_up();
    let status = world.copies.user_status(TENANT, USER).await.expect("an answer").expect("a status");
    assert_eq!((status.state, world.owners.asked()), (UserState::Locked, 1));
}

#[tokio::test]
async fn what_the_owner_said_is_not_taken_back_by_a_copy_that_is_fresh_and_ends_before_it() {
    let world = world().await;
    world.hear(USER_STATE, USER.to_string(), 1, Some(&user(1, UserState::Active))).await;
    world.owners.users.lock().insert(USER, user(2, UserState::Locked));
    for heard in [false, true] {
        if heard {
            // The lock has not been heard of.
            world.caught_up();
        }
        let status = world.copies.user_status(TENANT, USER).await.expect("an answer").expect("a status");
        assert_eq!((status.state, world.owners.asked()), (UserState::Locked, 1));
    }
    world.hear(USER_STATE, USER.to_string(), 3, Some(&user(3, UserState::Active))).await;
    let status = world.copies.user_status(TENANT, USER).await.expect("an answer").expect("a status");
    assert_eq!(status.state, UserState::Active, "a later word counts");
}

#[tokio::test]
async fn copies_that_have_never_caught_up_are_stale() {
    let world = world().await;
    world.hear(USER_STATE, USER.to_string(), 1, Some(&user(1, UserState::Active))).await;
    world.owners.users.lock().insert(USER, user(1, UserState::Active));
    world.copies.user_status(TENANT, USER).await.expect("an answer");
    assert_eq!(world.owners.asked(), 1);
}

#[tokio::test]
async fn a_stale_copy_with_a_silent_or_slow_owner_is_no_answer() {
    let world = world().await;
    world.hear(USER_STATE, USER.to_string(), 1, Some(&user(1, UserState::Active))).await;
    world.owners.silent.store(true, Ordering::SeqCst);
    assert_eq!(world.copies.user_status(TENANT, USER).await, Err(PortError::Unavailable));
    world.owners.hanging.store(true, Ordering::SeqCst);
    let began = Instant::now();
    assert_eq!(world.copies.user_status(TENANT, USER).await, Err(PortError::Unavailable));
    assert!(began.elapsed() >= Duration::from_millis(200), "the owner has 200 ms");
}

#[tokio::test]
async fn many_who_ask_for_one_user_ask_the_owner_once_and_later_ones_again() {
    let world = world().await;
    world.owners.users.lock().insert(USER, user(1, UserState::Active));
    let together = join_all((0..64).map(|_| world.copies.user_status(TENANT, USER))).await;
    assert!(together.iter().all(|answer| answer.as_ref().is_ok_and(Option::is_some)), "{together:?}");
    assert_eq!(world.owners.asked(), 1);
    world.owners.users.lock().insert(USER, user(2, UserState::Locked));
    let status = world.copies.user_status(TENANT, USER).await.expect("an answer").expect("a status");
    assert_eq!((status.state, world.owners.asked()), (UserState::Locked, 2), "nothing is remembered");
}
