//! When a delivery is tried again.

use chrono::TimeDelta;

use crate::Urgency;

/// Seconds between one attempt and the next: ten attempts over 75 h 35 min (Standard Webhooks,
/// "Deliverability and reliability").
const USUAL: [i64; 9] = [5, 5 * 60, 30 * 60, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

/// Where access ends, the first attempts come soon.
const REVOCATION: [i64; 12] =
    [1, 5, 30, 2 * 60, 10 * 60, 30 * 60, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR];

const HOUR: i64 = 3600;

/// How long to wait after so many attempts, spread by up to a fifth to either side: `spread` is
/// random. `None` when no attempt is left.
pub fn retry_in(urgency: Urgency, attempts: u32, spread: u16) -> Option<TimeDelta> {
    let schedule: &[i64] = match urgency {
        Urgency::Revocation => &REVOCATION,
        Urgency::Usual => &USUAL,
    };
    let index = usize::try_from(attempts).ok()?.checked_sub(1)?;
    let millis = schedule.get(index)? * 1000;
    // 0.8 to 1.2 of it.
    let fifth = millis / 5;
    Some(TimeDelta::milliseconds(millis - fifth + 2 * fifth * i64::from(spread) / i64::from(u16::MAX)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIDDLE: u16 = u16::MAX / 2 + 1;

    fn times(urgency: Urgency) -> Vec<i64> {
        (1..).map_while(|attempts| retry_in(urgency, attempts, MIDDLE)).map(|wait| wait.num_seconds()).collect()
    }

    #[test]
    fn the_usual_schedule_is_that_of_the_specification() {
        let waits = times(Urgency::Usual);
        assert_eq!(waits.len() + 1, 10, "attempts");
        assert_eq!(waits.iter().sum::<i64>(), 75 * HOUR + 35 * 60 + 5);
        assert_eq!(waits[..3], [5, 300, 1800]);
    }

    #[test]
    fn revocations_are_tried_again_soon() {
        assert_eq!(times(Urgency::Revocation)[..7], [1, 5, 30, 120, 600, 1800, 7200]);
    }

    proptest! {
        #[test]
        fn the_spread_is_a_fifth(attempts in 1_u32..10, spread: u16) {
            let wait = retry_in(Urgency::Usual, attempts, spread).expect("an attempt is left").num_milliseconds();
            let exact = USUAL[attempts as usize - 1] * 1000;
            prop_assert!((exact * 4 / 5..=exact * 6 / 5).contains(&wait));
        }
    }

    #[test]
    fn before_the_first_and_after_the_last_attempt_there_is_no_next() {
        assert_eq!(retry_in(Urgency::Usual, 0, 0), None);
        assert_eq!(retry_in(Urgency::Usual, 10, 0), None);
        assert_eq!(retry_in(Urgency::Usual, u32::MAX, 0), None);
    }
}
