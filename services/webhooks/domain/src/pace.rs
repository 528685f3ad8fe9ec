//! How fast an endpoint is called, where it has a limit: a bucket of tokens.
//!
//! Half a second's worth fits in. So over any ten seconds there are at most 1.05 times as many calls as
//! the limit allows, and one; and who is up to half a second late with a call loses none.

use std::num::NonZeroU32;

use chrono::TimeDelta;
use grantor_eventsourcing::Timestamp;
use serde::{Deserialize, Serialize};

/// What fits into a bucket, as the time that fills it.
const HOLDS: TimeDelta = TimeDelta::milliseconds(500);

/// Calls per second, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(NonZeroU32);

impl Rate {
    /// Nobody needs a limit that is higher.
    pub const HIGHEST: Self = Self(NonZeroU32::MIN.saturating_add(9_999));

    /// So many calls per second; `None` (no limit) for 0.
    pub fn per_second(calls: u32) -> Option<Self> {
        NonZeroU32::new(calls).map(Self)
    }

    /// Calls per second.
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// From one call to the next; rather a nanosecond too long than too short.
    fn interval(self) -> TimeDelta {
        TimeDelta::nanoseconds(1_000_000_000_u32.div_ceil(self.get()).into())
    }
}

/// The tokens that are left, as when there will be as many as there can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bucket {
    full_at: Timestamp,
}

impl Bucket {
    /// One call at once, and from then on as many as come in: who made the calls until now may have used up
    /// what there was.
    pub fn fresh(now: Timestamp) -> Self {
        Self { full_at: now + HOLDS }
    }

    /// When the next call may be made; now or before, when it may be at once.
    pub fn next_at(&mut self, rate: Rate, now: Timestamp) -> Timestamp {
        // It is never later than this, unless the clock was set back or the limit was raised.
        self.full_at = self.full_at.min(now + HOLDS + rate.interval());
        self.full_at - HOLDS
    }

    /// A call is made.
    pub fn take(&mut self, rate: Rate, now: Timestamp) {
        self.full_at = self.full_at.max(now) + rate.interval();
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::*;

    fn start() -> Timestamp {
        DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")
    }

    fn rate(calls: u32) -> Rate {
        Rate::per_second(calls).expect("a limit")
    }

    /// When calls are made by somebody who has a backlog for so many seconds, and is late by these
    /// milliseconds in turn.
    fn calls(rate: Rate, seconds: i64, late: &[i64]) -> Vec<Timestamp> {
        let (mut bucket, mut now, mut made) = (Bucket::fresh(start()), start(), Vec::new());
        let mut late = late.iter().copied().cycle();
        while now < start() + TimeDelta::seconds(seconds) {
            let next = bucket.next_at(rate, now);
            if next > now {
                now = next + TimeDelta::milliseconds(late.next().unwrap_or(0));
            } else {
                bucket.take(rate, now);
                made.push(now);
            }
        }
        made
    }

    /// The least and the most calls in ten seconds, from each call on and from just after it.
    fn in_ten_seconds(made: &[Timestamp], end: Timestamp) -> (usize, usize) {
        let counted = made.iter().enumerate().filter(|(_, at)| **at + TimeDelta::seconds(10) < end).map(|(n, at)| {
            let until = *at + TimeDelta::seconds(10);
            let before = made.partition_point(|other| *other < until);
            let with = made.partition_point(|other| *other <= until);
            (with - n - 1, before - n)
        });
        counted.fold((usize::MAX, 0), |(least, most), (fewer, more)| (least.min(fewer), most.max(more)))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn over_any_ten_seconds_there_are_as_many_calls_as_the_limit_says(
            limit in prop_oneof![1_u32..10, 1_u32..1_000],
            late in proptest::collection::vec(prop_oneof![3 => 0_i64..40, 1 => 0_i64..400], 1..50),
        ) {
            let end = start() + TimeDelta::seconds(25);
            let ten = f64::from(limit) * 10.0;
            let (least, most) = in_ten_seconds(&calls(rate(limit), 25, &[0]), end);
            prop_assert!(most as f64 <= ten * 1.05 + 1.0, "{} calls", most);
            prop_assert!(least as f64 >= ten * 0.95, "{} calls", least);
            // Late by less than half a second nothing is lost but what the edges of the ten seconds cut off.
            let (least, most) = in_ten_seconds(&calls(rate(limit), 25, &late), end);
            prop_assert!(most as f64 <= ten * 1.05 + 1.0, "{} calls", most);
            prop_assert!(least as f64 >= ten * 0.95 - 1.0, "{} calls", least);
        }

        #[test]
        fn nor_are_there_more_after_a_rest(limit in prop_oneof![1_u32..10, 1_u32..1_000], rest in 0_i64..9_000) {
            // Once in more than twenty seconds, so that ten without a rest follow it.
            let late: Vec<_> = std::iter::once(rest).chain(std::iter::repeat_n(0, 20 * limit as usize)).collect();
            let (_, most) = in_ten_seconds(&calls(rate(limit), 60, &late), start() + TimeDelta::seconds(60));
            prop_assert!(most as f64 <= f64::from(limit) * 10.5 + 1.0, "{} calls", most);
        }

        #[test]
        fn who_rests_does_not_save_up(limit in 1_u32..1_000, rests in 1_i64..100_000) {
            let (mut bucket, now) = (Bucket::fresh(start()), start() + TimeDelta::seconds(rests));
            let mut at_once = 0;
            while bucket.next_at(rate(limit), now) <= now {
                bucket.take(rate(limit), now);
                at_once += 1;
            }
            prop_assert!(f64::from(at_once) <= f64::from(limit) / 2.0 + 1.0, "{} calls", at_once);
            prop_assert!(bucket.next_at(rate(limit), now) <= now + rate(limit).interval());
        }
    }

    #[test]
    fn a_clock_that_is_set_back_or_a_limit_that_is_raised_makes_nobody_wait_for_long() {
        let mut bucket = Bucket::fresh(start());
        bucket.take(rate(1), start());
        assert_eq!(bucket.next_at(rate(1), start()), start() + TimeDelta::seconds(1));
        let back = start() - TimeDelta::hours(1);
        let next = bucket.next_at(rate(1), back);
        assert_eq!(next, back + TimeDelta::seconds(1));
        assert!(bucket.next_at(rate(1), next) <= next, "and then it is called");
        let mut bucket = Bucket::fresh(start());
        bucket.take(rate(1), start());
        assert_eq!(bucket.next_at(rate(100), start()), start() + TimeDelta::milliseconds(10));
        assert_eq!(Rate::per_second(0), None);
    }
}
