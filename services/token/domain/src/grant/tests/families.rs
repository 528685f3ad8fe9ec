//! Invariant I4, rule by rule and as a property over random sequences with a moving clock.

use grantor_eventsourcing::{Aggregate, Decision, fold};
use proptest::prelude::*;

use super::*;
use crate::Denial;

/// A family of this generation, made at this second.
fn family(generation: u32, rotated: i64) -> Grant {
    let mut grant = fold::<Grant>(&redeemed());
    (1..=generation).for_each(|next| grant.refreshed(next, at(rotated)));
    grant
}

fn accepted(generation: u32, moved: bool) -> Decision<GrantEvent, Refreshed, RefreshRefusal> {
    Decision::accept(Refreshed { approval: Box::new(approval()), generation, moved }, [])
}

fn reused(seconds: i64, generation: u32) -> Decision<GrantEvent, Refreshed, RefreshRefusal> {
    let found = GrantEvent::ReuseDetected { at: at(seconds), generation };
    Decision::refuse(RefreshRefusal::Reused, [found, revoked(seconds, EndReason::RefreshReused)])
}

#[test]
fn the_current_token_moves_the_family_on() {
    assert_eq!(rotate_refresh(&family(3, 10), &refresh(3, at(500))), accepted(4, true));
}

#[test]
fn the_previous_token_gets_the_same_successor_within_the_grace() {
    assert_eq!(rotate_refresh(&family(3, 10), &refresh(2, at(69))), accepted(3, false));
    assert_eq!(rotate_refresh(&family(3, 10), &refresh(2, at(70))), reused(70, 2));
}

#[test]
fn an_older_token_kills_the_family_even_within_the_grace() {
    assert_eq!(rotate_refresh(&family(3, 10), &refresh(1, at(11))), reused(11, 1));
}

#[test]
fn without_a_grace_a_second_use_kills_the_family() {
    let strict = RotateRefresh { grace: TimeDelta::zero(), ..refresh(0, at(10)) };
    assert_eq!(rotate_refresh(&family(1, 10), &strict), reused(10, 0));
}

#[test]
fn a_clock_that_steps_far_back_does_not_prolong_the_grace() {
    assert_eq!(rotate_refresh(&family(1, 5), &refresh(0, at(-40))), accepted(1, false));
    assert_eq!(rotate_refresh(&family(1, 5), &refresh(0, at(-56))), reused(-56, 0));
}

#[test]
fn without_rotation_the_same_token_stays() {
    let command = RotateRefresh { rotate: false, ..refresh(0, at(10)) };
    assert_eq!(rotate_refresh(&family(0, 0), &command), accepted(0, true));
}

#[test]
fn an_idle_family_expires_and_use_keeps_it_alive() {
    let expired = Decision::refuse(RefreshRefusal::Expired, [GrantEvent::Expired { at: at(1001) }]);
    assert_eq!(rotate_refresh(&family(0, 0), &refresh(0, at(1001))), expired);
    assert_eq!(rotate_refresh(&family(1, 900), &refresh(1, at(1001))), accepted(2, true));
}

#[test]
fn a_family_ends_at_its_absolute_age_however_much_it_is_used() {
    let expired = Decision::refuse(RefreshRefusal::Expired, [GrantEvent::Expired { at: at(5001) }]);
    assert_eq!(rotate_refresh(&family(9, 4900), &refresh(9, at(5001))), expired);
}

#[test]
fn a_hostile_client_with_a_stolen_token_gets_nothing() {
    let theft = RotateRefresh { client: OTHER, ..refresh(0, at(10)) };
    assert_eq!(rotate_refresh(&family(0, 0), &theft), Decision::refuse(RefreshRefusal::OtherClient, []));
}

#[test]
fn a_denied_refresh_leaves_the_family() {
    let denied = RotateRefresh { policy: Err(Denial::UserUnheard), ..refresh(0, at(10)) };
    let expected = Decision::refuse(RefreshRefusal::Denied(Denial::UserUnheard), []);
    assert_eq!(rotate_refresh(&family(0, 0), &denied), expected);
}

#[test]
fn a_grant_without_a_family_has_no_refresh_token() {
    let plain = [created(approval()), GrantEvent::CodeRedeemed { at: at(1), refresh: false, key: None }];
    let expected = Decision::refuse(RefreshRefusal::Unknown, []);
    assert_eq!(rotate_refresh(&fold(&plain), &refresh(0, at(10))), expected);
    assert_eq!(rotate_refresh(&fold(&[created(approval())]), &refresh(0, at(10))), expected);
}

proptest! {
    /// What a client sees is compared with a model that knows nothing of the implementation:
    /// tokens it was handed, in order, and when each was first used.
    #[test]
    fn at_most_one_generation_lives(steps in proptest::collection::vec((0_usize..6, 0_i64..90), 1..60)) {
        let mut state = fold::<Grant>(&redeemed());
        let (mut now, mut last_use, mut handed, mut dead) = (1, 1, vec![(0_u32, None::<i64>)], false);
        for (back, wait) in steps {
            now += wait;
            let Some(place) = handed.len().checked_sub(1 + back) else { continue };
            let presented = handed[place].0;
            let decision = rotate_refresh(&state, &refresh(presented, at(now)));
            let current = place + 1 == handed.len();
            let previous = place + 2 == handed.len();
            let in_grace = previous && handed[place].1.is_some_and(|used| now < used + 60);
            let expired = now >= last_use + 1000 || now > 5000;
            state = decision.events.iter().fold(state, Aggregate::evolve);
            match decision.outcome {
                Ok(Refreshed { generation, moved, .. }) => {
                    prop_assert!(!dead && !expired && (current || in_grace));
                    prop_assert_eq!(moved, current);
                    if moved {
                        state.refreshed(generation, at(now));
                        handed[place].1 = Some(now);
                        last_use = now;
                        handed.push((generation, None));
                    } else {
                        prop_assert_eq!(generation, handed[place + 1].0, "the same successor");
                    }
                }
                Err(_) => {
                    prop_assert!(dead || expired || !(current || in_grace));
                    dead = true;
                    prop_assert!(state.approval().is_none());
                }
            }
        }
    }
}
